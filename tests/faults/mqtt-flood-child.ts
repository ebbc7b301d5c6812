import { setTimeout as sleep } from "node:timers/promises";
import { startMqttSensor } from "../../drivers/mqtt/simulator.ts";

/** Arguments: broker, topic, messages a second, seconds. Prints the number of the last message. */
const [broker = "", topic = "", perSecond = "", seconds = ""] = process.argv.slice(2);
const sensor = await startMqttSensor({ broker, topic, message: () => "-1", everyMs: 60_000 });
const slices = Number(seconds) * 20;
const perSlice = Number(perSecond) / 20;
const startMs = performance.now();
let sent = 0;
for (let slice = 1; slice <= slices; slice += 1) {
  const first = sent;
  await sensor.flood(perSlice, (index) => JSON.stringify({ temperature: first + index }));
  sent += perSlice;
  await sleep(Math.max(0, startMs + slice * 50 - performance.now()));
}
const tookMs = performance.now() - startMs;
await sensor.publish(JSON.stringify({ temperature: sent }));
await sensor[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify({ sent, tookMs }));
