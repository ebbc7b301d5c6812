import { zstdDecompressSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sample } from "../drivers/contract.ts";
import { packDense, packPayload } from "../gateway/store/chunk.ts";
import { decodeSamples, encodeSamples } from "../gateway/store/columns.ts";
import type { Chunk, Outbox } from "../gateway/store/store.ts";
import { readBlocks, seqOf } from "./central/blocks.ts";
import { nextPortion, pack, packAside } from "./portion.ts";
import type { Batch } from "./protocol.ts";

const start = Date.UTC(2026, 10, 22);
const clock = { boot: "boot-1", offsetMs: 1_000, quality: "synchronized" } as const;

/** Every seventh is not good, some have what the device said, some times are no whole milliseconds. */
function sampleOf(seq: number, fraction: number): Sample {
  const head = {
    point: `room-${seq % 9}/temperature`,
    sampledAt: start + seq * 100 + fraction,
    ...(seq % 11 === 0 && { raw: seq / 8 }),
  } as const;
  if (seq % 7 === 3) return { ...head, quality: "bad", reason: "timeout" };
  const value = seq % 13 === 0 ? `text ${seq}` : Math.round(Math.sin(seq) * 1e5) / 100;
  if (seq % 7 === 5) return { ...head, quality: "uncertain", value, reason: "late" };
  return { ...head, quality: "good", value };
}

interface Shape {
  readonly rows: number;
  readonly dense: boolean;
  /** Every so manieth row is left; 1: all. */
  readonly every: number;
  readonly fraction: number;
}

function logOf(shapes: readonly Shape[]): { outbox: Outbox; rows: ReadonlyMap<number, string> } {
  const rows = new Map<number, string>();
  const chunks: Chunk[] = [];
  let firstSeq = 1;
  for (const { rows: count, dense, every, fraction } of shapes) {
    const kept: number[] = [];
    const samples: Sample[] = [];
    for (let place = 0; place < count; place += every) {
      const sample = sampleOf(firstSeq + place, fraction);
      kept.push(place);
      samples.push(sample);
      rows.set(firstSeq + place, JSON.stringify(sample));
    }
    const packed = dense ? packDense(samples) : packPayload(encodeSamples(samples));
    if (packed === undefined) throw new Error("not packed");
    const times = samples.map(({ sampledAt }) => sampledAt);
    chunks.push({
      ...packed,
      ...{ lane: "samples", firstSeq, lastSeq: firstSeq + count - 1, clock },
      ...{ firstAt: Math.min(...times), lastAt: Math.max(...times) },
      ...(every > 1 && { kept }),
    });
    firstSeq += count;
  }
  return { outbox: outboxOf(chunks), rows };
}

function outboxOf(chunks: readonly Chunk[]): Outbox {
  const head = chunks.at(-1)?.lastSeq ?? 0;
  return {
    epoch: "e",
    read: (_, afterSeq, rowsMax) => {
      const from = chunks.filter(({ lastSeq }) => lastSeq > afterSeq);
      return from.filter(({ firstSeq }, at) => at === 0 || firstSeq <= afterSeq + rowsMax);
    },
    head: () => head,
    first: () => 1,
    ancestors: () => [],
    auditHead: () => undefined,
  };
}

function portionAt(outbox: Outbox, cursor: number, rowsMax: number, version: 1 | 2 = 2) {
  const of = { gateway: "gw", epoch: "e", lane: "samples", cursor, rowsMax, version } as const;
  return nextPortion(outbox, of);
}

function batchAt(outbox: Outbox, cursor: number, rowsMax: number): Batch {
  const portion = portionAt(outbox, cursor, rowsMax);
  if (portion?.kind !== "batch") throw new Error(`no batch after ${cursor}`);
  return portion.batch;
}

/** As text: a comparison of so many objects takes seconds. */
function rowsIn(batch: Batch): ReadonlyMap<number, string> {
  const blocks = readBlocks(batch, decodeSamples);
  if ("refusal" in blocks) throw new Error(blocks.refusal.message);
  return new Map(
    blocks.flatMap((block) =>
      block.rows.map((sample, index) => [seqOf(block, index), JSON.stringify(sample)] as const),
    ),
  );
}

const long = { rows: 3_000, dense: true, every: 1, fraction: 0 } as const;

test("long chunks go as they are stored: the rows that central reads are the rows that were recorded", () => {
  const { outbox, rows } = logOf([long, { ...long, dense: false }, { ...long, fraction: 0.5 }]);
  const batch = batchAt(outbox, 0, 20_000);
  expect(batch.blocks).toHaveLength(3);
  expect([...rowsIn(batch)].join()).toBe([...rows].join());
});

test("a batch that is a quarter full ends before a long chunk that would be cut, so that the next ones go whole", () => {
  const { outbox } = logOf([long, long, long]);
  const first = batchAt(outbox, 1_000, 4_000);
  expect(first.lastSeq).toBe(3_000);
  expect(batchAt(outbox, first.lastSeq, 4_000).lastSeq).toBe(6_000);
});

test("a long chunk is cut where a batch would else be nearly empty", () => {
  const { outbox, rows } = logOf([long, long]);
  const batch = batchAt(outbox, 2_900, 2_500);
  expect(batch.lastSeq).toBe(5_400);
  const [, sample] = [...rowsIn(batch)].at(-1) ?? [];
  expect(sample).toEqual(rows.get(5_400));
});

test("a damaged long chunk is a gap of just its rows", () => {
  const { outbox } = logOf([long, long, long]);
  const chunks = outbox.read("samples", 0, 20_000).map((chunk) => {
    const payload = Buffer.from(chunk.payload);
    payload[40] = (payload[40] ?? 0) ^ 1;
    return chunk.firstSeq === 3_001 ? { ...chunk, payload } : chunk;
  });
  const damaged = outboxOf(chunks);
  expect(batchAt(damaged, 0, 20_000).lastSeq).toBe(3_000);
  expect(portionAt(damaged, 3_000, 20_000)).toMatchObject({
    kind: "gap",
    gap: { firstSeq: 3_001, lastSeq: 6_000, reason: "corrupt" },
  });
});

test("version 1 has no word for a thinned chunk: its holes are gaps, however long it is", () => {
  const { outbox } = logOf([{ ...long, every: 5 }]);
  const portion = portionAt(outbox, 0, 20_000, 1);
  expect(portion).toMatchObject({ kind: "batch", batch: { firstSeq: 1, lastSeq: 1 } });
});

const shape = fc.record({
  rows: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1_900, max: 2_600 })),
  dense: fc.boolean(),
  every: fc.constantFrom(1, 1, 1, 3),
  fraction: fc.constantFrom(0, 0, 0.25),
});

test("batches of any size, one after the other, hold each recorded row once under its number", {
  timeout: 20_000,
}, () => {
  const shapes = fc.array(shape, { minLength: 1, maxLength: 5 });
  const sizes = fc.array(fc.integer({ min: 700, max: 9_000 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(shapes, sizes, (given, rowsMax) => {
      const { outbox, rows } = logOf(given);
      const found = new Map<number, string>();
      let cursor = 0;
      for (let turn = 0; cursor < outbox.head("samples"); turn += 1) {
        const portion = portionAt(outbox, cursor, rowsMax[turn % rowsMax.length] ?? 1);
        if (portion === undefined) throw new Error("stopped");
        if (portion.kind === "batch") {
          expect(portion.batch.firstSeq).toBe(cursor + 1);
          expect(found.has(cursor + 1)).toBe(false);
          for (const [seq, sample] of rowsIn(portion.batch)) found.set(seq, sample);
        }
        cursor = portion.kind === "batch" ? portion.batch.lastSeq : portion.gap.lastSeq;
      }
      expect([...found].join()).toBe([...rows].join());
    }),
    { numRuns: 8 },
  );
});

test("a long chunk of which thinning left no row is a gap, and what follows goes on", () => {
  const { outbox } = logOf([{ rows: 2_500, dense: true, every: 1, fraction: 0 }]);
  const [chunk] = outbox.read("samples", 0, 1e9);
  const packed = packDense([]);
  if (chunk === undefined || packed === undefined) throw new Error("nothing was packed");
  const emptied = outboxOf([{ ...chunk, ...packed, kept: [] }]);
  const of = { gateway: "gw-1", epoch: "e", lane: "samples", cursor: 0, rowsMax: 5_000 } as const;
  expect(nextPortion(emptied, of)).toEqual({
    kind: "gap",
    gap: { firstSeq: 1, lastSeq: 2_500, reason: "thinned" },
  });
});

test("a batch is the same whichever thread compresses it, and one that is too large is none", async () => {
  const { outbox } = logOf([{ rows: 5_000, dense: false, every: 1, fraction: 0.5 }]);
  for (const rowsMax of [1, 5_000]) {
    const of = { gateway: "gw-1", epoch: "e", lane: "samples", cursor: 0, rowsMax } as const;
    const portion = nextPortion(outbox, of);
    if (portion?.kind !== "batch") throw new Error("no batch");
    const text = JSON.stringify(portion.batch);
    const aside = (await packAside(portion.batch)) ?? Buffer.alloc(0);
    expect(zstdDecompressSync(aside).toString()).toBe(text);
    const here = pack(portion.batch) ?? Buffer.alloc(0);
    expect(Math.abs(aside.length - here.length)).toBeLessThan(20);
    expect(await packAside(portion.batch, text.length - 1)).toBeUndefined();
    expect(await packAside(portion.batch, text.length)).toBeDefined();
  }
});
