import { monitorEventLoopDelay } from "node:perf_hooks";
import { expect, onTestFinished, test } from "vitest";
import { checkRfidText } from "../../config/language/check-rfid.ts";
import { rfidDriver } from "../../drivers/rfid/driver.ts";
import type { ReaderEvent, ReaderProtocol } from "../../drivers/rfid/protocol.ts";
import { pointNames } from "../../drivers/rfid/samples.ts";
import { listen } from "../../drivers/simulation/listen.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { runDriver } from "../support/contract-runner.ts";
import { EventReader, eventLines, quietLines } from "../support/event-reader.ts";
import { memoryLog } from "../support/manual-clock.ts";

const patienceMs = 60_000;

async function start(channel: object, protocol: ReaderProtocol = eventLines) {
  const reader = new EventReader();
  const simulator = await listen("tcp://127.0.0.1:0", reader);
  onTestFinished(() => simulator.stop());
  const driver = rfidDriver([protocol]);
  const settings = driver.schema.parse({
    driver: "rfid",
    port: simulator.address,
    protocol: protocol.name,
    presence: { hold: "500ms" },
    devices: { gate: { every: "100ms" } },
    ...channel,
  });
  const { log } = memoryLog();
  const runner = runDriver(driver, settings, { clock: systemClock, log });
  onTestFinished(() => runner[Symbol.asyncDispose]());
  const last = (point: string) => runner.samples.findLast((sample) => sample.point === point);
  const until = (point: string, expected: object) =>
    expect.poll(() => last(point), { timeout: patienceMs }).toMatchObject(expected);
  return { reader, simulator, runner, last, until };
}

const tag = (epc: string, rest: object = {}): ReaderEvent => ({
  is: "read",
  read: { epc, ...rest },
});
const sgtin = "3074257BF7194E4000001A85";
const factory = "E2801160600002058A3C1F00";

test("tags on the wire become the set, its count, arrivals and the last read with its URI", async () => {
  const { reader, until } = await start({});
  reader.repeats = () => [tag(sgtin), tag(factory, { antenna: 2, rssiDbm: -48 })];
  await until("gate/count", { quality: "good", value: 2 });
  await until("gate/tags", { quality: "good", value: `${sgtin} ${factory}` });
  await until("gate/arrived", { quality: "good" });
  reader.repeats = () => [tag(sgtin)];
  await until("gate/last-uri", { value: "urn:epc:id:sgtin:0614141.812345.6789" });
  await until("gate/left", { value: factory });
  await until("gate/count", { quality: "good", value: 1 });
});

test("a foreign EPC is no error: it has a raw URI", async () => {
  const { reader, until } = await start({});
  reader.repeats = () => [tag(factory)];
  await until("gate/last-uri", { quality: "good", value: `urn:epc:raw:96.x${factory}` });
  await until("gate/tags", { quality: "good", value: factory });
});

test("the reader is set up as the configuration says, and nothing is made up", async () => {
  const { reader } = await start({
    region: "EU",
    power: 20,
    session: 1,
    q: 4,
    address: 7,
    devices: { a: { antennas: [3, 4] }, b: { antennas: [1] } },
  });
  await expect
    .poll(() => reader.settings)
    .toEqual([{ region: "EU", powerDbm: 20, antennas: [1, 3, 4], session: 1, q: 4, address: 7 }]);
  const plain = await start({});
  await expect.poll(() => plain.reader.settings).toEqual([{ antennas: [] }]);
});

test("a reader that falls silent makes the set bad, keeps its tags, and comes back", async () => {
  const { reader, simulator, runner, until } = await start({});
  reader.repeats = () => [tag("A1")];
  await until("gate/count", { quality: "good", value: 1 });
  runner.forget();
  simulator.setFaults({ silent: true });
  await until("gate/count", { quality: "bad", reason: "timeout" });
  await until("gate/reader", { quality: "bad", reason: "timeout" });
  simulator.setFaults({});
  await until("gate/count", { quality: "good", value: 1 });
  expect(runner.samples.map(({ point }) => point)).not.toContain("gate/left");
  expect(runner.ends).toEqual([]);
});

test("a connection that breaks ends the session, and the next one finds the tags again", async () => {
  const { reader, simulator, runner, until } = await start({});
  reader.repeats = () => [tag("A1")];
  await until("gate/count", { quality: "good", value: 1 });
  runner.forget();
  simulator.cut();
  await expect.poll(() => runner.ends, { timeout: patienceMs }).not.toEqual([]);
  expect(runner.ends[0]).toMatchObject({ code: "driver/connection-lost" });
  await until("gate/count", { quality: "good", value: 1 });
});

test("a reader that is set up only at the third attempt is waited for", async () => {
  let attempts = 0;
  const { RackwatchError } = await import("../../drivers/errors.ts");
  const slow: ReaderProtocol = {
    ...eventLines,
    open: (...parts) => {
      attempts += 1;
      if (attempts < 3) throw new RackwatchError("driver/timeout", "The reader does not answer");
      return eventLines.open(...parts);
    },
  };
  const { reader, runner, until } = await start({}, slow);
  reader.repeats = () => [tag("A1")];
  await until("gate/reader", { quality: "bad", reason: "timeout" });
  await until("gate/count", { quality: "good", value: 1 });
  expect(runner.ends).toEqual([]);
});

test("a reader that refuses ends the session with its reason", async () => {
  const { RackwatchError } = await import("../../drivers/errors.ts");
  const refusing: ReaderProtocol = {
    ...eventLines,
    open: () => Promise.reject(new RackwatchError("driver/refused", "Another client is connected")),
  };
  const { runner } = await start({}, refusing);
  await expect
    .poll(() => runner.ends[0], { timeout: patienceMs })
    .toMatchObject({ code: "driver/refused" });
});

test("a reader that speaks of tags only is empty when it is silent, not dead", async () => {
  const { reader, runner, until } = await start({}, quietLines);
  await until("gate/count", { quality: "good", value: 0 });
  reader.say(tag("1000A1B2C3", { count: 2 }));
  await until("gate/tags", { quality: "good", value: "1000A1B2C3" });
  await until("gate/left", { quality: "good", value: "1000A1B2C3" });
  await until("gate/count", { quality: "good", value: 0 });
  expect(runner.ends).toEqual([]);
});

test("500 tags at 700 reads a second are all present, and the event loop is never held up", async () => {
  const { reader, until } = await start({ presence: { within: "5s", hold: "3s" } });
  const epcs = Array.from({ length: 500 }, (_, index) => `30${String(index).padStart(22, "0")}`);
  let next = 0;
  let sentMs = performance.now();
  reader.repeats = () => {
    const now = performance.now();
    const count = Math.min(200, Math.round((now - sentMs) * 0.7));
    sentMs = now;
    return Array.from({ length: count }, () => {
      next += 1;
      return tag(epcs[(next * 7) % 500] ?? "", {
        rssiDbm: -50 - (next % 9),
        antenna: 1 + (next % 4),
      });
    });
  };
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  await until("gate/count", { quality: "good", value: 500 });
  await until("gate/tags", { quality: "good", value: epcs.join(" ") });
  delay.disable();
  expect(delay.percentile(99) / 1e6).toBeLessThan(200);
});

test("a flood of 20,000 events in one breath is digested in turns", async () => {
  const { reader, until } = await start({});
  reader.repeats = () => [{ is: "alive" }];
  await until("gate/count", { value: 0 });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  for (let burst = 0; burst < 20; burst += 1)
    reader.say(...Array.from({ length: 1_000 }, (_, index) => tag(`AA${index % 300}`)));
  await until("gate/count", { value: 300 });
  delay.disable();
  expect(delay.max / 1e6).toBeLessThan(1_000);
});

test("the sentence about an unknown point names all that there are", () => {
  for (const text of [checkRfidText.en, checkRfidText.zh]) {
    const named = text["rfid/point-unknown"]?.match(/[a-z]+(?:-[a-z]+)*/g) ?? [];
    expect(named).toEqual(expect.arrayContaining([...pointNames]));
  }
});
