import { expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { allEvents, mark, none, storeRig } from "../../tests/support/store-rig.ts";
import { readEvents, readSamples } from "./chunk.ts";
import { openMemory } from "./database.ts";
import { mergePieces } from "./dense.ts";
import { storeLimits } from "./limits.ts";
import { LogWriter } from "./log-writer.ts";
import type { DurableStore } from "./open-store.ts";
import { finished } from "./pieces.ts";
import { type Thinned, thinPieces } from "./thin-oldest.ts";
import { Thinning, thinBucketsMs } from "./thinning.ts";

const rig = storeRig();

/** 20 points every 10 s, of numbers that do not pack: 8 bytes a sample. */
function rounds(count: number, from = 0): Sample[] {
  return Array.from({ length: count * 20 }, (_, index) => {
    const row = from * 20 + index;
    return {
      point: `room-${row % 20}/temperature`,
      sampledAt: mark.offsetMs + Math.floor(row / 20) * 10_000 + ((row * 7_919) % 41),
      quality: "good",
      value: Math.sin(row * 12.9898) * 43_758.5453,
    };
  });
}

function thinned(samples: readonly Sample[], bucketMs: number): number[] {
  const thinning = new Thinning(bucketMs);
  thinning.add(samples);
  return thinning.end().map(({ place }) => place);
}

function fill(store: DurableStore, samples: readonly Sample[], rows = 1_000): void {
  for (let at = 0; at < samples.length; at += rows) {
    store.commit({ ...none, samples: samples.slice(at, at + rows) });
    store.merge();
  }
}

function left(store: DurableStore): Map<number, Sample> {
  const rows = new Map<number, Sample>();
  for (const chunk of store.outbox.read("samples", 0, 1e9)) {
    for (const [index, sample] of readSamples(chunk).entries()) {
      rows.set(chunk.firstSeq + (chunk.kept?.[index] ?? index), sample);
    }
  }
  return rows;
}

const gapsOf = (store: DurableStore) =>
  allEvents(store).filter(({ kind, body }) => kind === "gap" && body["reason"] === "thinned");

/** A thousand syncs of a busy disk. */
const busyMs = 30_000;

test("under pressure samples are thinned before any is dropped, each row under its number, with a gap on record", {
  timeout: busyMs,
}, () => {
  const { store } = rig.open({ chunkRowsMax: 1_000, sizeBytesMax: 240_000 });
  const samples = rounds(1_000);
  fill(store, samples);
  for (let turn = 0; turn < 3; turn += 1) {
    store.prune(rig.clock.now());
    while (store.merge());
  }
  const rows = left(store);
  expect(rows.size).toBeLessThan(samples.length);
  for (const [seq, sample] of rows) expect(sample).toEqual(samples[seq - 1]);
  const gaps = gapsOf(store);
  const gone = gaps.reduce((sum, { body }) => sum + Number(body["count"]), 0);
  expect(gone).toBe(samples.length - rows.size);
  expect(gaps[0]?.body).toMatchObject({ lane: "samples", firstSeq: 1, bucketMs: 300_000 });
  expect(allEvents(store).some(({ body }) => body["reason"] === "size")).toBe(false);
  const first = samples.slice(0, 10_000);
  for (const place of thinned(first, 3_600_000)) expect(rows.get(place + 1)).toEqual(first[place]);
  const history = store.history("room-3/temperature", 0, 9e12, 10_000);
  const own = [...rows.values()].filter(({ point }) => point === "room-3/temperature");
  expect(history).toHaveLength(own.length);
});

const instant = { at: 1.9e12, mono: 1e11 };

function thin(writer: LogWriter, confirmed: number): Thinned | undefined {
  const place = { writer, confirmed: () => confirmed, instant: () => instant };
  const thinned = finished(thinPieces(place));
  return thinned !== undefined && "damaged" in thinned ? undefined : thinned;
}

/** A log of merged chunks that nobody has taken. */
function writerOf(samples: readonly Sample[]): LogWriter {
  const { db } = openMemory(storeLimits());
  const writer = new LogWriter(db, 1_000);
  for (let at = 0; at < samples.length; at += 1_000) {
    writer.write({ ...none, samples: samples.slice(at, at + 1_000) });
    finished(mergePieces(writer, 1_000));
  }
  return writer;
}

test("what was thinned to five minutes is thinned to an hour, and then nothing is left to thin", {
  timeout: busyMs,
}, () => {
  const samples = rounds(1_025);
  const writer = writerOf(samples);
  const calls = Array.from({ length: 12 }, () => thin(writer, 0));
  expect(calls.at(-1)).toBeUndefined();
  const gaps = writer.log.read("events", 0, 100).flatMap(readEvents);
  const buckets = gaps.map(({ body }) => Number(body["bucketMs"]));
  expect(new Set(buckets)).toEqual(new Set(thinBucketsMs));
  expect(buckets).toEqual([...buckets].sort((one, other) => one - other));
  const rows = writer.log.read("samples", 0, 1e9).flatMap(readSamples).length;
  expect(rows).toBeLessThan(samples.length / 10);
  const gone = calls.reduce((sum, call) => sum + (call?.rows ?? 0), 0);
  expect(rows + gone).toBe(samples.length);
});

test("one segment is thinned at a time, and what central has or is being sent stays whole", {
  timeout: busyMs,
}, () => {
  const samples = rounds(3_000);
  const writer = writerOf(samples);
  expect(thin(writer, 10_500)?.rows).toBeGreaterThan(5_000);
  const chunks = writer.log.read("samples", 0, 1e9);
  const whole = chunks.filter(({ kept }) => kept === undefined);
  expect(whole.map(({ firstSeq }) => firstSeq)).toEqual([
    ...Array.from({ length: 20 }, (_, index) => index * 1_000 + 1),
    ...Array.from({ length: 30 }, (_, index) => 30_001 + index * 1_000),
  ]);
});
