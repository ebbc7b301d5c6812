import { type Duplex, duplexPair } from "node:stream";
import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import type { Connection } from "../connect.ts";
import { backlogBytesMax, FramedWire, framesMax, queueBytesMax } from "./framed-wire.ts";
import { createFramer, type Framed } from "./framer.ts";

/** STX, two bytes, ETX. */
const shape = {
  frameBytesMax: 4,
  mayStart: (byte: number) => byte === 2,
  look: (bytes: Uint8Array) => {
    if (bytes.length < 4) return { is: "more" } as const;
    return bytes[3] === 3 ? ({ is: "frame", length: 4 } as const) : noise;
  },
};
const noise = { is: "noise", reason: "no end" } as const;

interface Bench extends AsyncDisposable {
  readonly wire: FramedWire;
  readonly clock: ManualClock;
  readonly near: Duplex;
  /** The device's end. */
  readonly far: Duplex;
  /** What the kernel was told to forget. */
  readonly discarded: () => number;
}

function bench(): Bench {
  const [near, far] = duplexPair();
  const clock = new ManualClock();
  let discarded = 0;
  const connection: Connection = {
    address: "tcp://bench:1",
    stream: near,
    discardInput: async () => {
      discarded += 1;
    },
    close: async () => undefined,
  };
  near.on("error", () => undefined);
  const wire = new FramedWire(connection, createFramer(shape), clock, { idleMs: 50 });
  return {
    wire,
    clock,
    near,
    far,
    discarded: () => discarded,
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  };
}

const never = new AbortController().signal;

function told(batch: readonly Framed[] | undefined): readonly string[] | undefined {
  return batch?.map(({ ok, bytes }) => (ok ? "" : "noise ") + Buffer.from(bytes).toString("hex"));
}

test("frames come in their order, and noise between them", async () => {
  await using it = bench();
  it.far.write(Uint8Array.of(2, 65, 66, 3, 9, 2, 67, 68, 3));
  await it.clock.advance(1);
  expect(told(await it.wire.next(1_000, never))).toEqual(["02414203", "noise 09", "02434403"]);
  expect(it.wire.noiseBytes).toBe(1);
});

test("a wait ends with undefined at its time, and not before", async () => {
  await using it = bench();
  let answer: unknown = "waiting";
  void it.wire.next(1_000, never).then((batch) => (answer = batch));
  await it.clock.advance(999);
  expect(answer).toBe("waiting");
  await it.clock.advance(1);
  expect(answer).toBeUndefined();
});

test("a wait ends with the signal's reason when it is aborted, and leaves no timer", async () => {
  await using it = bench();
  const stop = new AbortController();
  const waiting = it.wire.next(1_000, stop.signal);
  const reason = new Error("stop");
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  expect(it.clock.sleeping).toBe(0);
});

test("a frame that stops halfway is given up after the idle time", async () => {
  await using it = bench();
  it.far.write(Uint8Array.of(2, 65));
  await it.clock.advance(49);
  it.far.write(Uint8Array.of(66));
  await it.clock.advance(49);
  expect(it.wire.noiseBytes).toBe(0);
  await it.clock.advance(1);
  expect(told(await it.wire.next(0, never))).toEqual(["noise 024142"]);
  expect(it.clock.sleeping).toBe(0);
});

test("when the last byte came is known", async () => {
  await using it = bench();
  const startMs = it.clock.monotonicMs();
  expect(it.wire.receivedMs).toBe(startMs);
  await it.clock.advance(500);
  it.far.write(Uint8Array.of(1));
  await it.clock.advance(0);
  expect(it.wire.receivedMs).toBe(startMs + 500);
});

test("what came before the loss is read, then the loss is told", async () => {
  await using it = bench();
  it.far.end(Uint8Array.of(2, 65, 66, 3, 2, 67));
  await it.clock.advance(1);
  const seen: (readonly string[] | undefined)[] = [];
  const read = async () => {
    for await (const batch of it.wire.frames(never)) seen.push(told(batch));
  };
  await expect(read()).rejects.toMatchObject({
    code: "driver/connection-lost",
    where: "tcp://bench:1",
  });
  expect(seen).toEqual([["02414203", "noise 0243"]]);
  expect(it.wire.lost.reason).toMatchObject({ code: "driver/connection-lost" });
});

test("a reader that waits is told of the loss at once", async () => {
  await using it = bench();
  const waiting = it.wire.next(60_000, never);
  it.near.destroy(new Error("EIO"));
  await expect(waiting).rejects.toMatchObject({
    code: "driver/connection-lost",
    cause: { message: "EIO" },
  });
  await expect(it.wire.write(Uint8Array.of(1))).rejects.toMatchObject({
    code: "driver/connection-lost",
  });
});

test("a stream that is gone already is lost from the start", async () => {
  const [near] = duplexPair();
  near.destroy();
  const connection: Connection = {
    address: "tcp://bench:1",
    stream: near,
    discardInput: async () => undefined,
    close: async () => undefined,
  };
  await using wire = new FramedWire(connection, createFramer(shape), new ManualClock(), {
    idleMs: 50,
  });
  expect(wire.lost.aborted).toBe(true);
});

test("frames() ends when its signal is aborted, without an error", async () => {
  await using it = bench();
  const stop = new AbortController();
  const read = async () => {
    for await (const _ of it.wire.frames(stop.signal));
    return "ended";
  };
  const reading = read();
  await it.clock.advance(10);
  stop.abort();
  expect(await reading).toBe("ended");
});

test("beyond framesMax unread frames the oldest go, and are counted", async () => {
  await using it = bench();
  for (let index = 0; index < framesMax + 3; index += 1)
    it.far.write(Uint8Array.of(2, index >> 8, index & 0xff, 3));
  await it.clock.advance(1);
  const batch = await it.wire.next(0, never);
  expect(batch?.length).toBe(framesMax);
  expect(it.wire.dropped).toBe(3);
  expect(batch?.[0]?.bytes).toEqual(Uint8Array.of(2, 0, 3, 3));
});

test("beyond queueBytesMax unread bytes of noise the oldest go, and are counted", async () => {
  await using it = bench();
  for (let index = 0; index < 20; index += 1) {
    it.far.write(new Uint8Array(queueBytesMax / 16));
    await it.clock.advance(1);
  }
  const batch = (await it.wire.next(0, never)) ?? [];
  const bytes = batch.reduce((sum, piece) => sum + piece.bytes.length, 0);
  expect(bytes).toBeLessThanOrEqual(queueBytesMax);
  expect(bytes).toBeGreaterThan(queueBytesMax / 2);
  expect(it.wire.dropped).toBeGreaterThan(0);
});

test("a device that takes nothing any more is lost at backlogBytesMax", async () => {
  await using it = bench();
  it.far.pause();
  const flood = async () => {
    for (let sent = 0; sent < 10 * backlogBytesMax; sent += 1_024)
      await it.wire.write(new Uint8Array(1_024));
  };
  await expect(flood()).rejects.toMatchObject({ code: "driver/connection-lost" });
  expect(it.near.writableLength).toBeLessThanOrEqual(backlogBytesMax);
});

test("what was received and not read can be thrown away, in the kernel too", async () => {
  await using it = bench();
  it.far.write(Uint8Array.of(2, 65, 66, 3, 2, 67));
  await it.clock.advance(1);
  await it.wire.discard();
  it.far.write(Uint8Array.of(68, 3, 2, 69, 70, 3));
  await it.clock.advance(1);
  expect(told(await it.wire.next(0, never))).toEqual(["noise 4403", "02454603"]);
  expect(it.discarded()).toBe(1);
});

test("after its end no listener and no timer is left, and another wire can go on", async () => {
  const it = bench();
  it.far.write(Uint8Array.of(2, 65));
  await it.clock.advance(1);
  expect(it.clock.sleeping).toBe(1);
  await it.wire[Symbol.asyncDispose]();
  await it.clock.advance(0);
  expect(it.clock.sleeping).toBe(0);
  expect(it.near.listenerCount("data")).toBe(0);
  // The one of whoever opened the connection.
  expect(it.near.listenerCount("error")).toBe(1);
  it.far.write(Uint8Array.of(2, 67, 68, 3));
  await it.clock.advance(1);
  const connection: Connection = {
    address: "tcp://bench:1",
    stream: it.near,
    discardInput: async () => undefined,
    close: async () => undefined,
  };
  await using next = new FramedWire(connection, createFramer(shape), it.clock, { idleMs: 50 });
  await it.clock.advance(1);
  expect(told(await next.next(0, never))).toEqual(["02434403"]);
});
