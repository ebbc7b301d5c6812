import { Duplex } from "node:stream";
import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import type { SerialSettings } from "../connect.ts";
import type { Sample } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { ReaderEvent, ReaderProtocol } from "./protocol.ts";
import { channelSchemaOf } from "./schema.ts";
import { RfidSession } from "./session.ts";

const serial: SerialSettings = { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 };

/** A reader whose link says what the test says, when it says so. */
function setUp(address: string, own: { readonly isDeaf?: true; readonly isNetwork?: true } = {}) {
  const clock = new ManualClock();
  let say: (events: readonly ReaderEvent[]) => void = () => undefined;
  const protocol: ReaderProtocol = {
    name: "spoken",
    aliases: [],
    title: "Spoken",
    ...(own.isNetwork === true ? {} : { serial }),
    hasRadioSettings: true,
    needsRegion: false,
    decode: () => [],
    open: async (_connection, _settings, _context, signal) => {
      if (own.isDeaf === true)
        throw new RackwatchError("driver/timeout", "Nobody greets", { todo: "Switch LLRP on" });
      return {
        events: async function* () {
          while (!signal.aborted) {
            const next = Promise.withResolvers<readonly ReaderEvent[]>();
            say = next.resolve;
            signal.addEventListener("abort", () => next.resolve([]), { once: true });
            yield await next.promise;
          }
        },
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
  };
  const channel = channelSchemaOf([protocol]).parse({
    driver: "rfid",
    port: address,
    protocol: "spoken",
    devices: { gate: {} },
  });
  const connection = {
    address,
    stream: new Duplex(),
    discardInput: async () => undefined,
    close: async () => undefined,
  };
  const context = { clock, log: memoryLog().log };
  const session = new RfidSession(
    channel,
    { connection, protocol, context },
    new AbortController().signal,
  );
  const samples: Sample[] = [];
  let end: unknown;
  const run = async () => {
    for await (const batch of session.samples()) samples.push(...batch);
  };
  void run().catch((error: unknown) => {
    end = error;
  });
  return {
    clock,
    session,
    say: (...events: readonly ReaderEvent[]) => say(events),
    last: (point: string) => samples.findLast((sample) => sample.point === point),
    end: () => end,
  };
}

const tag: ReaderEvent = { is: "read", read: { epc: "A1", count: 2 } };

test("a link that gives no sign of life, whatever comes over its wire, makes the set bad", async () => {
  const it = setUp("serial:/dev/ttyUSB0");
  await it.clock.advance(1);
  it.say(tag);
  await it.clock.advance(24_000);
  expect(it.last("gate/count")).toMatchObject({ value: 1 });
  await it.clock.advance(6_000);
  expect(it.last("gate/count")).toMatchObject({ quality: "bad", reason: "timeout" });
  await it.clock.advance(3_600_000);
  expect(it.end()).toBeUndefined();
  it.say(tag);
  await it.clock.advance(1_000);
  expect(it.last("gate/count")).toMatchObject({ value: 1 });
  await it.session[Symbol.asyncDispose]();
});

test("on a network a reader without a sign of life ends the session, for its connection may be dead", async () => {
  const it = setUp("tcp://127.0.0.1:1");
  await it.clock.advance(1);
  it.say(tag);
  await it.clock.advance(39_000);
  expect(it.end()).toBeUndefined();
  await it.clock.advance(6_000);
  expect(it.end()).toMatchObject({ code: "driver/connection-lost" });
  await it.session[Symbol.asyncDispose]();
});

test("a network reader that misses its cue is met anew: it greets only once a connection", async () => {
  const it = setUp("tcp://127.0.0.1:1", { isDeaf: true, isNetwork: true });
  await it.clock.advance(1);
  expect(it.last("gate/count")).toMatchObject({ quality: "bad", reason: "timeout" });
  expect(it.end()).toMatchObject({ code: "driver/connection-lost", todo: "Switch LLRP on" });
  await it.session[Symbol.asyncDispose]();
  const line = setUp("serial:/dev/ttyUSB0", { isDeaf: true });
  await line.clock.advance(60_000);
  expect(line.last("gate/count")).toMatchObject({ quality: "bad", reason: "timeout" });
  expect(line.end()).toBeUndefined();
  await line.session[Symbol.asyncDispose]();
});

test("signs of life that are ten seconds apart keep a reader alive", async () => {
  const it = setUp("tcp://127.0.0.1:1");
  await it.clock.advance(1);
  for (let minute = 0; minute < 30; minute += 1) {
    it.say({ is: "alive" });
    await it.clock.advance(10_000);
  }
  expect(it.end()).toBeUndefined();
  expect(it.last("gate/count")).toMatchObject({ quality: "good", value: 0 });
  await it.session[Symbol.asyncDispose]();
});
