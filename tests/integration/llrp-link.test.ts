import { connect as connectSocket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type Connection, connect } from "../../drivers/connect.ts";
import type { Clock } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { decodeLlrp } from "../../drivers/rfid/llrp/decode.ts";
import { llrp } from "../../drivers/rfid/llrp/protocol.ts";
import {
  type LlrpReaderOptions,
  type LlrpTag,
  SimulatedLlrpReader,
} from "../../drivers/rfid/llrp/simulated.ts";
import type { ReaderEvent, ReaderLink, ReaderSettings } from "../../drivers/rfid/protocol.ts";
import { listen, type Simulator } from "../../drivers/simulation/listen.ts";
import { memoryLog } from "../support/manual-clock.ts";

const tag: LlrpTag = { epc: "3074257BF7194E4000001A85", antenna: 1, rssiDbm: -61 };
const long: LlrpTag = { epc: "1FB41F712AC9C37AB79D618173188324001A", antenna: 2, rssiDbm: -70 };
const settings: ReaderSettings = { antennas: [] };

/** Real time, and as much faster as a test asks for. */
class FastClock implements Clock {
  readonly #factor: number;

  constructor(factor = 1) {
    this.#factor = factor;
  }

  now(): number {
    return Date.now();
  }

  monotonicMs(): number {
    return performance.now() * this.#factor;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", abort);
        resolve();
      }, ms / this.#factor);
      if (signal?.aborted === true) abort();
      else signal?.addEventListener("abort", abort, { once: true });
    });
  }
}

const open: AsyncDisposable[] = [];
afterEach(async () => {
  while (open.length > 0) await open.pop()?.[Symbol.asyncDispose]();
});

async function simulate(options: Partial<LlrpReaderOptions> = {}) {
  const antennas = new Map([1, 2, 3].map((antenna) => [antenna, antenna !== 3] as const));
  const reader = new SimulatedLlrpReader({
    field: () => [tag, long],
    roundMs: 20,
    antennas,
    ...options,
  });
  const wire = await listen("tcp://127.0.0.1:0", reader);
  open.push({ [Symbol.asyncDispose]: () => wire.stop() });
  return { reader, wire };
}

interface Rig {
  readonly link: ReaderLink;
  readonly connection: Connection;
  readonly seen: ReaderEvent[];
  readonly ended: Promise<unknown>;
  readonly entries: ReturnType<typeof memoryLog>["entries"];
}

async function run(wire: Simulator, more: Partial<ReaderSettings> = {}, factor = 1): Promise<Rig> {
  const abort = new AbortController();
  const { log, entries } = memoryLog();
  const connection = await connect(wire.address, {}, abort.signal);
  open.push({ [Symbol.asyncDispose]: () => connection.close() });
  const context = { clock: new FastClock(factor), log };
  const link = await llrp.open(connection, { ...settings, ...more }, context, abort.signal);
  const seen: ReaderEvent[] = [];
  const ended = (async () => {
    for await (const events of link.events()) seen.push(...events);
    return "ended";
  })().catch((error: unknown) => error);
  open.push({
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await link[Symbol.asyncDispose]();
      await ended;
    },
  });
  return { link, connection, seen, ended, entries };
}

const reads = (seen: readonly ReaderEvent[], epc: string) =>
  seen.flatMap((event) => (event.is === "read" && event.read.epc === epc ? [event.read] : []));

async function failure(opening: Promise<unknown>): Promise<RackwatchError> {
  const error = await opening.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (error instanceof RackwatchError) return error;
  throw new Error("nothing was refused");
}

test("tags of both lengths come with antenna, RSSI and the reader's time; the reader shows which antennas it has", async () => {
  const { reader, wire } = await simulate();
  const { seen } = await run(wire);
  await expect.poll(() => reads(seen, long.epc).length, { timeout: 20_000 }).toBeGreaterThan(2);
  expect(reads(seen, tag.epc)[0]).toMatchObject({ antenna: 1, rssiDbm: -61, count: 1, pc: "3000" });
  expect(reads(seen, long.epc)[0]).toMatchObject({ antenna: 2, rssiDbm: -70, pc: "4800" });
  const { seenAt = 0 } = reads(seen, tag.epc)[0] ?? {};
  expect(Math.abs(seenAt - Date.now())).toBeLessThan(60_000);
  await expect
    .poll(() => seen.find(({ is }) => is === "health"), { timeout: 20_000 })
    .toEqual({ is: "health", antennas: { 1: true, 2: true, 3: false } });
  expect(reader.received.filter((name) => name !== "KEEPALIVE_ACK")).toEqual([
    "SET_READER_CONFIG",
    "SET_READER_CONFIG",
    "DELETE_ROSPEC",
    "ADD_ROSPEC",
    "ENABLE_ROSPEC",
    "START_ROSPEC",
    "GET_READER_CONFIG",
  ]);
});

test("a reader whose clock is not set is not believed", async () => {
  const { wire } = await simulate({ now: () => Date.UTC(2000, 0, 1) });
  const { seen } = await run(wire);
  await expect.poll(() => reads(seen, tag.epc).length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(reads(seen, tag.epc)[0]).not.toHaveProperty("seenAt");
});

test("only the antennas of the configuration read, with the strongest step that is not above the power", async () => {
  const { reader, wire } = await simulate();
  const { seen } = await run(wire, { antennas: [2], powerDbm: 20.3, session: 2, q: 5 });
  await expect.poll(() => reads(seen, long.epc).length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(reads(seen, tag.epc)).toEqual([]);
  // 10 dBm is step 1, 20.25 dBm is step 42.
  expect(reader.powerIndex).toBe(42);
});

test("a power below the reader's lowest, and an antenna that it has not, are refused with words", async () => {
  const { reader, wire } = await simulate();
  const tooWeak = await failure(run(wire, { powerDbm: 5 }));
  expect(tooWeak).toMatchObject({ code: "driver/refused", todo: "Set power to 10 or more" });
  await expect.poll(() => reader.hasClient, { timeout: 20_000 }).toBe(false);
  const missing = await failure(run(wire, { antennas: [9] }));
  expect(missing).toMatchObject({ code: "driver/refused" });
  expect(missing.message).toContain("ADD_ROSPEC: A_Invalid");
});

test("a reader that does not know the tags' own CRC reads without it", async () => {
  const { wire } = await simulate({ refusesTagCrc: true });
  const { seen, entries } = await run(wire);
  await expect.poll(() => reads(seen, tag.epc).length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(reads(seen, tag.epc)[0]).not.toHaveProperty("pc");
  expect(entries.map(({ event }) => event)).toContain("llrp tag crc unavailable");
});

test("a second client is refused and the first reads on; when the first goes the reader is free at once", async () => {
  const { reader, wire } = await simulate();
  const first = await run(wire);
  await expect.poll(() => first.seen.length, { timeout: 20_000 }).toBeGreaterThan(0);
  const refused = await failure(run(wire));
  expect(refused).toMatchObject({ code: "driver/refused" });
  expect(refused.message).toContain("another client is connected");
  const before = first.seen.length;
  await expect.poll(() => first.seen.length, { timeout: 20_000 }).toBeGreaterThan(before);
  await first.link[Symbol.asyncDispose]();
  expect(await first.ended).toBe("ended");
  expect(reader.received.slice(-2)).toEqual(["DELETE_ROSPEC", "CLOSE_CONNECTION"]);
  await expect.poll(() => reader.hasClient, { timeout: 20_000 }).toBe(false);
  const next = await run(wire);
  await expect.poll(() => reads(next.seen, tag.epc).length, { timeout: 20_000 }).toBeGreaterThan(0);
});

test("an inventory that the reader ends is started again", async () => {
  const { reader, wire } = await simulate();
  const { seen } = await run(wire);
  await expect.poll(() => reads(seen, tag.epc).length, { timeout: 20_000 }).toBeGreaterThan(0);
  reader.endInventory();
  const starts = () => reader.received.filter((name) => name === "START_ROSPEC").length;
  await expect.poll(starts, { timeout: 20_000 }).toBe(2);
  const before = reads(seen, tag.epc).length;
  await expect.poll(() => reads(seen, tag.epc).length, { timeout: 20_000 }).toBeGreaterThan(before);
});

test("an antenna that is unplugged is health, an exception is a fault", async () => {
  const { reader, wire } = await simulate();
  const { seen } = await run(wire);
  reader.setAntenna(1, false);
  reader.raiseException("PA too hot");
  await expect
    .poll(() => seen, { timeout: 20_000 })
    .toContainEqual({ is: "health", antennas: { 1: false } });
  await expect
    .poll(() => seen, { timeout: 20_000 })
    .toContainEqual({ is: "fault", reason: "PA too hot" });
});

test("signs of life are acknowledged, and without tags the link lives by them", async () => {
  const { reader, wire } = await simulate({ field: () => [] });
  const { seen } = await run(wire);
  await expect
    .poll(() => reader.received.filter((name) => name === "KEEPALIVE_ACK").length, {
      timeout: 40_000,
    })
    .toBeGreaterThan(0);
  expect(seen).toContainEqual({ is: "alive" });
});

test("a reader that went mute without closing is lost after three signs of life that did not come", async () => {
  const { wire } = await simulate();
  const { seen, ended } = await run(wire, {}, 20);
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(0);
  wire.setFaults({ silent: true });
  expect(await ended).toMatchObject({ code: "driver/connection-lost" });
});

test("a connection that is cut is lost at once", async () => {
  const { wire } = await simulate();
  const { seen, ended } = await run(wire);
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(0);
  wire.cut();
  expect(await ended).toMatchObject({ code: "driver/connection-lost" });
});

test("noise before every message hides none of them", async () => {
  const { wire } = await simulate();
  const { seen, entries } = await run(wire);
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(0);
  wire.setFaults({ garbage: true });
  await expect
    .poll(() => entries.some(({ event }) => event === "llrp noise"), { timeout: 20_000 })
    .toBe(true);
  const before = reads(seen, tag.epc).length;
  await expect.poll(() => reads(seen, tag.epc).length, { timeout: 20_000 }).toBeGreaterThan(before);
});

test("a stream that is noise only is given up", async () => {
  const { wire } = await simulate();
  const { seen, ended } = await run(wire);
  await expect.poll(() => seen.length, { timeout: 20_000 }).toBeGreaterThan(0);
  wire.setFaults({ silent: true, babble: true });
  expect(await ended).toMatchObject({ code: "driver/connection-lost" });
});

test("who greets nobody is no reader", async () => {
  const { wire } = await simulate();
  wire.setFaults({ silent: true });
  expect(await failure(run(wire, {}, 20))).toMatchObject({ code: "driver/timeout" });
});

test("the simulated reader keeps to the life cycle of its specs", async () => {
  const { wire } = await simulate();
  const { hostname, port } = new URL(wire.address.replace("tcp:", "http:"));
  const socket = connectSocket({ host: hostname, port: Number(port) });
  const received: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => received.push(chunk));
  open.push({ [Symbol.asyncDispose]: async () => void socket.destroy() });
  // START before ADD, ENABLE before ADD, an unknown command.
  socket.write(Buffer.from("04160000000E0000000100000001", "hex"));
  socket.write(Buffer.from("04180000000E0000000200000001", "hex"));
  socket.write(Buffer.from("043C0000000A00000003", "hex"));
  const decoded = () => decodeLlrp(Buffer.concat(received));
  await expect.poll(() => decoded().length, { timeout: 20_000 }).toBe(4);
  expect(decoded()).toMatchObject([
    { name: "READER_EVENT_NOTIFICATION", status: "Success" },
    { name: "START_ROSPEC_RESPONSE", id: 1, status: "A_Invalid" },
    { name: "ENABLE_ROSPEC_RESPONSE", id: 2, status: "A_Invalid" },
    { name: "ERROR_MESSAGE", id: 3, status: "M_UnsupportedMessage" },
  ]);
});
