import { join } from "node:path";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { storeRig } from "../../tests/support/store-rig.ts";
import {
  isSound,
  packDense,
  packSegment,
  payloadBytesMax,
  readPoint,
  readSamples,
} from "./chunk.ts";
import { unpackColumns } from "./dense-payload.ts";
import { packEvents, packSamples } from "./packing.ts";
import { joinChunks, segmentPartsMax, splitSegment } from "./segment.ts";
import type { Chunk, ClockMark } from "./store.ts";

const rig = storeRig();
const clock: ClockMark = { boot: "b", offsetMs: 1.7e12, quality: "synchronized" };

/** Points that each walk by steps of 0.01, asked every 10 s with 20 ms of jitter. */
function walk(rows: number, points: number, from = 0): Sample[] {
  const random = noise(from + 7);
  return Array.from({ length: rows }, (_, index) => {
    const row = from + index;
    return {
      point: `room-${row % points}/temperature`,
      sampledAt: 1.8e12 + Math.floor(row / points) * 10_000 + Math.floor(random() * 41),
      quality: "good",
      value: Math.round(500 + Math.sin(row / 900) * 100 + random() * 20) / 100,
    };
  });
}

function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
}

function denseOf(samples: readonly Sample[], firstSeq = 1): Chunk {
  const [chunk] = packSamples(samples, clock, firstSeq, 10_000, packDense);
  if (chunk === undefined) throw new Error("nothing was packed");
  return { lane: "samples", ...chunk };
}

function segmentOf(parts: readonly Chunk[]): Chunk {
  const [first] = parts;
  if (first === undefined) throw new Error("nothing to join");
  return { ...first, lastSeq: parts.at(-1)?.lastSeq ?? 0, ...packSegment(joinChunks(parts)) };
}

/** How many rows lie under each key of the database. */
function keys(): { readonly rows: number }[] {
  const db = new Database(join(rig.dir, "gateway.db"), { readonly: true });
  try {
    return db
      .prepare<[], { rows: number }>("SELECT last_seq - first_seq + 1 AS rows FROM sample_chunk")
      .all();
  } finally {
    db.close();
  }
}

const arbitrarySample: fc.Arbitrary<Sample> = fc
  .record({
    point: fc.constantFrom("a/t" as const, "b/湿度" as const, "c/door" as const),
    sampledAt: fc.oneof(
      fc.integer({ min: 0, max: 4e12 }),
      fc.double({ noNaN: true, min: 0, max: 4e12 }),
    ),
    value: fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.string(),
      fc.boolean(),
      fc.integer(),
    ),
    quality: fc.constantFrom("good", "uncertain", "bad"),
    raw: fc.option(fc.integer(), { nil: undefined }),
  })
  .map(({ point, sampledAt, value, quality, raw }): Sample => {
    const head = raw === undefined ? { point, sampledAt } : { point, sampledAt, raw };
    if (quality === "bad") return { ...head, quality, reason: "timeout" };
    return quality === "good"
      ? { ...head, quality, value }
      : { ...head, quality: "uncertain", value };
  });

test("a dense chunk gives every sample back as it was, also -0, 1e308, text and switches", () => {
  fc.assert(
    fc.property(fc.array(arbitrarySample, { minLength: 1, maxLength: 60 }), (samples) => {
      const chunk = denseOf(samples);
      expect(readSamples(chunk)).toEqual(
        samples.map((it) => ({ ...it, sampledAt: it.sampledAt + 0 })),
      );
      const own = samples.filter(({ point }) => point === "a/t");
      expect(readPoint(chunk, "a/t")).toEqual(
        own.map((it) => ({ ...it, sampledAt: it.sampledAt + 0 })),
      );
    }),
  );
});

test("slow sensors take at most 1.75 bytes a sample in a segment, list of points and hashes included", () => {
  const parts = Array.from({ length: segmentPartsMax }, (_, part) =>
    denseOf(walk(5_000, 200, part * 5_000), part * 5_000 + 1),
  );
  expect(joinChunks(parts).length / 50_000).toBeLessThan(1.75);
});

test("a segment gives each chunk back byte by byte, also where lists of points differ", () => {
  const parts = [
    denseOf(walk(700, 20), 1),
    denseOf(walk(700, 30, 700), 701),
    denseOf(walk(70, 20, 1_400), 1_401),
  ];
  const thinnedPart = { ...denseOf(walk(3, 3), 1_471), lastSeq: 1_500, kept: [0, 4, 29] };
  const split = splitSegment(segmentOf([...parts, thinnedPart]));
  expect(split).toEqual([...parts, thinnedPart]);
  expect(readSamples(segmentOf(parts))).toEqual(parts.flatMap(readSamples));
});

test("a part of a segment whose clock was wrong has the times and the correction of its own clock", () => {
  const early = denseOf(walk(50, 5), 1);
  const late = {
    ...denseOf(walk(50, 5, 50), 51),
    clock: { ...clock, offsetMs: clock.offsetMs + 300 },
  };
  const [first, second] = splitSegment({ ...segmentOf([early, late]), shiftMs: 60_000 });
  expect(first).toMatchObject({ shiftMs: 60_000, firstAt: early.firstAt + 60_000 });
  expect(second).toMatchObject({ shiftMs: 59_700, lastAt: late.lastAt + 59_700 });
});

test("each single flipped bit of a dense chunk, a segment and a chunk of events is found", () => {
  const dense = denseOf(walk(40, 4));
  const [events] = packEvents(
    [{ kind: "audit", at: 1, mono: 1, body: {} }],
    clock,
    1,
    "0".repeat(64),
  );
  if (events === undefined) throw new Error("no events");
  for (const sound of [dense, segmentOf([dense, denseOf(walk(40, 4, 40), 41)]), events]) {
    expect(isSound(sound)).toBe(true);
    for (let bit = 0; bit < sound.payload.length * 8; bit += 1) {
      const payload = Uint8Array.from(sound.payload);
      payload[bit >> 3] = (payload[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isSound({ ...sound, payload })).toBe(false);
    }
  }
});

test("bytes that are no dense chunk are refused as corrupt, whatever they are", () => {
  const refused = (payload: Uint8Array) => {
    try {
      unpackColumns(payload, payloadBytesMax);
    } catch (error) {
      expect(error).toMatchObject({ code: "store/corrupt" });
    }
  };
  const sound = denseOf(walk(40, 4)).payload;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => refused(Uint8Array.of(2, ...bytes))),
  );
  fc.assert(
    fc.property(fc.nat({ max: sound.length - 1 }), fc.nat({ max: 255 }), (at, byte) => {
      refused(sound.with(at, byte));
    }),
  );
});

describe("a store that merges", () => {
  test("has ten dense chunks under one key, and gives rows, numbers and history as before", () => {
    const { store } = rig.open({ chunkRowsMax: 100 });
    const samples = walk(2_050, 5);
    for (let at = 0; at < samples.length; at += 50) {
      store.commit({ clock, samples: samples.slice(at, at + 50), events: [], state: new Map() });
      store.merge();
    }
    expect(keys().filter(({ rows }) => rows === 1_000)).toHaveLength(2);
    const chunks = store.outbox.read("samples", 0, 1e9);
    expect(chunks.flatMap(readSamples)).toEqual(samples);
    expect(chunks.every(({ firstSeq, lastSeq }) => lastSeq - firstSeq < 100)).toBe(true);
    const [part] = store.outbox.read("samples", 1_234, 10);
    expect(part).toMatchObject({ firstSeq: 1_201, lastSeq: 1_300 });
    const rows = store.history("room-3/temperature", 1.8e12 + 40_000, 1.8e12 + 3_900_000, 1_000);
    const own = samples.filter(
      ({ point, sampledAt }) =>
        point === "room-3/temperature" &&
        sampledAt >= 1.8e12 + 40_000 &&
        sampledAt <= 1.8e12 + 3_900_000,
    );
    expect(rows.map(({ value }) => value)).toEqual(
      own.map((it) => it.quality === "good" && it.value),
    );
  });
});
