import { stockChannels, stockItems, stockLocations } from "./stock-yaml.ts";

export const demoTimezone = "Asia/Shanghai";

/** What a technician would write for the demo's devices. */
export function demoYaml(ports: {
  readonly rooms: string;
  /** Of each shelf. */
  readonly scales: Readonly<Record<string, string>>;
  /** Reader at a shelf. */
  readonly tags: string;
  readonly gate: string;
  readonly plc: string;
  readonly panel: string;
  readonly broker: string;
  readonly central: string;
  readonly lampsFile: string;
  /** Where messages go. */
  readonly inbox: string;
  readonly modem: string;
  readonly mailPort: number;
  /** Day of the sensors' calibration, as 2026-03-01. */
  readonly calibrated: string;
}): string {
  const probe = (name: string) =>
    `{ name: ${name}, calibrated: { on: ${ports.calibrated}, certificate: DEMO-1 } }`;
  return `# yaml-language-server: $schema=../config/generated/gateway.schema.json
version: 1
gateway: { id: demo-gateway, name: Demo warehouse, timezone: ${demoTimezone} }

channels:
  sensors:
    driver: modbus
    name: Sensors of the cold rooms
    port: ${ports.rooms}
    devices:
      cold-1:
        template: xy-md02
        unitId: 1
        every: 1s
        points: { temperature: ${probe("Temperature")}, humidity: ${probe("Humidity")} }
      cold-2:
        template: xy-md02
        unitId: 2
        every: 1s
        points: { temperature: ${probe("Temperature")}, humidity: ${probe("Humidity")} }
      doors:
        unitId: 3
        every: 1s
        points:
          cold-1: { name: Door, table: discrete, address: 0 }
          cold-2: { name: Door, table: discrete, address: 1 }
      power:
        unitId: 4
        every: 1s
        points:
          mains: { name: Mains power, table: discrete, address: 0 }
${stockChannels(ports.scales, ports.tags)}  gate:
    driver: rfid
    name: Reader at the gate
    port: ${ports.gate}
    protocol: llrp
    devices:
      gate-out:
        name: Outside
        antennas: [1]
        points: { count: { name: Tags outside the gate }, tags: { name: Tags outside } }
      gate-in:
        name: Inside
        antennas: [2]
        points:
          count: { name: Tags in the gate }
          tags: { name: Tags }
          arrived: { name: Came last }
          left: { name: Went last }
          last: { name: Read last }
          last-uri: { name: Read last as URI }
          last-antenna: { name: Antenna of the last read }
          last-rssi: { name: Strength of the last read, unit: dBm }
          last-first-seen: { name: Read last since }
          last-seen: { name: Read last at }
          last-reads: { name: Reads of that tag }
          reads: { name: Reads }
          ghosts: { name: Ghost reads }
          ghost-reason: { name: Reason of the last ghost }
          reader: { name: Reader }
          antenna: { name: Antennas connected }
          temperature: { name: Temperature of the reader }
          return-loss: { name: Return loss }
  plc:
    driver: opcua
    name: PLC of the compressed air
    endpoint: ${ports.plc}
    security: { mode: none }
    namespaces: { air: "urn:rackwatch:simulator" }
    devices:
      air:
        root: /Objects/air:Plant
        points:
          pressure: { name: Air pressure, node: air:Pressure, unit: bar, deadband: { absolute: 0.02 } }
          running: { name: Compressor runs, node: air:Running, kind: boolean }
          tripped: { name: Compressor tripped, node: air:Tripped, kind: boolean }
          setpoint: { name: Set point, node: air:Setpoint, unit: bar, access: read-write }
          beacon: { name: Beacon on the PLC, node: air:Beacon, kind: boolean, access: read-write }
  lights:
    driver: gpio
    backend: sim
    file: ${ports.lampsFile}
    devices:
      stack:
        points:
          red: { name: Red lamp, line: 17 }
          amber: { name: Amber lamp, line: 27 }
          green: { name: Green lamp, line: 5 }
          buzzer: { name: Buzzer, line: 22 }
      guard:
        points:
          lamp: { name: Lamp at the guard's desk, line: 23 }
          buzzer: { name: Buzzer at the guard's desk, line: 24 }

locations:
  cold-1:
    kind: room
    name: Cold room 1
    points: [cold-1/temperature, cold-1/humidity, doors/cold-1, power/mains]
    # Its limits, duties and what to do come from config/profiles/gsp-cold.yaml.
    profile: gsp-cold
    temperature: cold-1/temperature
    humidity: cold-1/humidity
    door: doors/cold-1
    mains: power/mains
    annunciate: [tower, guard]
    escalate: upwards
  cold-2:
    kind: room
    name: Cold room 2
    points: [cold-2/temperature, cold-2/humidity, doors/cold-2]
    # Its limits, duties and what to do come from config/profiles/gsp-cold.yaml.
    profile: gsp-cold
    temperature: cold-2/temperature
    humidity: cold-2/humidity
    door: doors/cold-2
    mains: power/mains
    annunciate: [tower, guard]
    escalate: upwards
${stockLocations()}  gate:
    kind: gate
    name: Goods gate
    # A pallet that comes in is in the store then; one that goes out is in it no more.
    gate: { inside: gate-in/tags, outside: gate-out/tags, into: store }
    points: [gate-out/count, gate-out/tags, gate-in/count, gate-in/tags, gate-in/arrived, gate-in/left, gate-in/last, gate-in/last-uri, gate-in/last-antenna, gate-in/last-rssi, gate-in/last-first-seen, gate-in/last-seen, gate-in/last-reads, gate-in/reads, gate-in/ghosts, gate-in/ghost-reason, gate-in/reader, gate-in/antenna, gate-in/temperature, gate-in/return-loss]
  air: { kind: room, name: Compressor room, points: [air/pressure, air/running, air/tripped, air/setpoint, air/beacon] }

${stockItems()}
rules:
  door-1-open:
    location: cold-1
    point: doors/cold-1
    equal: true
    onDelay: 15s
    priority: medium
    message: The door of cold room 1 stands open
    advise: Close the door
    annunciate: [tower]
  gate-blocked:
    location: gate
    any: [{ point: gate-in/count, above: 0 }, { point: gate-out/count, above: 0 }]
    onDelay: 15s
    priority: medium
    message: A pallet stands in the gate
    advise: Take it to its place
    annunciate: [tower]
  air-low:
    location: air
    point: air/pressure
    below: 5.8
    deadband: 0.3
    onDelay: 3s
    priority: high
    message: Air pressure is too low
    advise: Look at the compressor, start the reserve
    outputs: [air/beacon]
    annunciate: [tower]
    escalate: upwards

annunciators:
  tower:
    name: Stack light at the cold rooms
    red: stack/red
    amber: stack/amber
    green: stack/green
    buzzer: stack/buzzer
  guard: { name: Guard's desk, place: second, lamp: guard/lamp, buzzer: guard/buzzer }

# All of it stays on this machine: a page shows what people would get.
notify:
  keeper:
    name: Keeper of the cold store
    sms: ["+8613800138000"]
    ntfy: { server: "${ports.inbox}", topic: cold-store }
  group:
    name: Group of the cold store
    dingtalk: { webhook: !secret dingtalk, secret: !secret dingtalk-sign }
  manager: { name: Manager, sms: ["+8613900139000"], email: [manager@example.com] }
  buyer: { name: Buyer, email: [buyer@example.com] }
  quality: { name: Quality assurance, sms: ["+8613700137000"], email: [quality@example.com] }
  systems:
    name: Other systems
    webhook: { url: "${ports.inbox}/webhook", secret: !secret webhook }

escalation:
  upwards:
    steps:
      - { notify: [keeper, group, systems] }
      - { after: 20s, notify: [manager] }
      - { after: 1min, notify: [quality] }

alarms: { links: true, site: "http://${ports.panel}" }
mail: { host: 127.0.0.1, port: ${ports.mailPort}, security: none, from: gateway@example.com }
sms: { port: "${ports.modem}" }

panel: { listen: "${ports.panel}" }
broker: { listen: "${ports.broker}" }
store: { flushEvery: 2s }
sync:
  central: ${ports.central}
  credentials: !secret central
`;
}
