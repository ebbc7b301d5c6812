/** What a technician would write for the demo's device; the only generated parts are the ports. */
export function demoYaml(ports: {
  readonly modbus: string;
  readonly panel: string;
  readonly broker: string;
  readonly central: string;
  readonly lampsFile: string;
}): string {
  return `# yaml-language-server: $schema=../config/generated/gateway.schema.json
version: 1
gateway: { id: demo-gateway, name: Demo warehouse, timezone: Asia/Shanghai }

channels:
  plc:
    driver: modbus
    port: ${ports.modbus}
    devices:
      cold-1:
        template: xy-md02
        unitId: 1
        every: 1s
        points: { temperature: { name: Temperature }, humidity: { name: Humidity } }
      cold-2:
        template: xy-md02
        unitId: 2
        every: 1s
        points: { temperature: { name: Temperature }, humidity: { name: Humidity } }
      doors:
        unitId: 3
        every: 1s
        points:
          cold-1: { name: Door, table: discrete, address: 0 }
          cold-2: { name: Door, table: discrete, address: 1 }
  lights:
    driver: gpio
    backend: sim
    file: ${ports.lampsFile}
    devices:
      stack:
        points:
          red: { name: Red lamp, line: 17 }
          amber: { name: Amber lamp, line: 27 }
          buzzer: { name: Buzzer, line: 22 }

locations:
  cold-1: { kind: room, name: Cold room 1, points: [cold-1/temperature, cold-1/humidity, doors/cold-1] }
  cold-2: { kind: room, name: Cold room 2, points: [cold-2/temperature, cold-2/humidity, doors/cold-2] }

rules:
  cold-1-warm:
    location: cold-1
    point: cold-1/temperature
    above: 8.0
    deadband: 0.5
    onDelay: 5s
    offDelay: 5s
    priority: critical
    message: Cold room 1 is too warm
    advise: Close the door, check the compressor, tell quality
    outputs: [stack/red, stack/buzzer]
  cold-2-warm:
    location: cold-2
    point: cold-2/temperature
    above: 8.0
    deadband: 0.5
    onDelay: 5s
    offDelay: 5s
    priority: critical
    message: Cold room 2 is too warm
    advise: Close the door, check the compressor, tell quality
    outputs: [stack/red, stack/buzzer]
  door-1-open:
    location: cold-1
    point: doors/cold-1
    equal: true
    onDelay: 15s
    priority: medium
    message: The door of cold room 1 has been open for too long
    advise: Close the door
    outputs: [stack/amber]

panel: { listen: "${ports.panel}" }
broker: { listen: "${ports.broker}" }
store: { flushEvery: 2s }
sync:
  central: ${ports.central}
  credentials: !secret central
`;
}
