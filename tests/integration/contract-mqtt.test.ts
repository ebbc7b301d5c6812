import { mqtt } from "../../drivers/mqtt/driver.ts";
import { startMqttSensor } from "../../drivers/mqtt/simulator.ts";
import { driverContract } from "../support/driver-contract.ts";
import { faultyProxy } from "../support/faulty-proxy.ts";
import { startAedes } from "../support/mqtt-broker.ts";

async function simulate() {
  const broker = await startAedes();
  // The driver alone goes through it, so that unplugging it leaves the sensor where it is.
  const proxy = await faultyProxy(broker.address);
  let count = 0;
  const sensor = await startMqttSensor({
    broker: broker.address,
    topic: "shop/fridge",
    everyMs: 50,
    message: () => {
      count += 1;
      return JSON.stringify({ temperature: 4.5, open: count % 2 === 0 });
    },
  });
  const staleAfter = "500ms";
  return {
    channel: {
      driver: "mqtt",
      broker: proxy.address,
      timeout: "2s",
      every: "100ms",
      devices: {
        fridge: {
          topic: "shop/fridge",
          points: {
            temperature: { path: "temperature", unit: "Cel", staleAfter },
            open: { path: "open", kind: "boolean", staleAfter },
          },
        },
      },
    },
    setFaults: sensor.setFaults,
    unplug: () => proxy.cut(),
    stop: async () => {
      await sensor[Symbol.asyncDispose]();
      await proxy.stop();
      await broker[Symbol.asyncDispose]();
    },
  };
}

const file = (line: string) => `version: 1
gateway: { id: g }
channels:
  a:
    driver: mqtt
    broker: tcp://10.0.0.9
    devices:
      d: { topic: t, points: { a: { ${line} } } }
`;

driverContract({
  name: "mqtt",
  driver: mqtt,
  simulate,
  // The suite waits this long for sockets of the simulated side, which stay open.
  patienceMs: 8_000,
  isTrue: (sample) => sample.point !== "fridge/temperature" || Reflect.get(sample, "value") === 4.5,
  wrongConfigs: [
    { yaml: file("path: a, knd: number"), line: 8, column: 46, code: "schema/unknown-key" },
    { yaml: file("path: a..b"), line: 8, column: 43, code: "mqtt/path-name" },
    { yaml: file('path: "a[x]"'), line: 8, column: 43, code: "mqtt/path-bracket" },
    { yaml: file("topic: sensors/+/t"), line: 8, column: 44, code: "mqtt/topic" },
    { yaml: file("kind: boolean, on: [1]"), line: 8, column: 56, code: "mqtt/on-and-off" },
    { yaml: file("access: write"), line: 8, column: 45, code: "mqtt/command-missing" },
  ],
});
