import { expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { allEvents, mark, none, storeRig } from "../../tests/support/store-rig.ts";
import { readEvents, readSamples } from "./chunk.ts";
import { openMemory } from "./database.ts";
import { mergeOldest } from "./dense.ts";
import { storeLimits } from "./limits.ts";
import { LogWriter } from "./log-writer.ts";
import type { DurableStore } from "./open-store.ts";
import { thinnedPerCallMax, thinOldest } from "./thin-oldest.ts";
import { thinBucketsMs, thinned } from "./thinning.ts";

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

test("under pressure samples are thinned before any is dropped, each row under its number, with a gap on record", () => {
  const { store } = rig.open({ chunkRowsMax: 1_000, sizeBytesMax: 240_000 });
  const samples = rounds(1_000);
  fill(store, samples);
  for (let turn = 0; turn < 3; turn += 1) store.prune(rig.clock.now());
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

/** A log of merged chunks that nobody has taken. */
function writerOf(samples: readonly Sample[]): LogWriter {
  const { db } = openMemory(storeLimits());
  const writer = new LogWriter(db, 1_000);
  for (let at = 0; at < samples.length; at += 1_000) {
    writer.write({ ...none, samples: samples.slice(at, at + 1_000) });
    mergeOldest(writer, 1_000);
  }
  return writer;
}

test("what was thinned to five minutes is thinned to an hour, and then nothing is left to thin", () => {
  const samples = rounds(1_025);
  const writer = writerOf(samples);
  const calls = Array.from({ length: 12 }, () => thinOldest(writer, 0, 1e9, instant));
  expect(calls.at(-1)).toEqual({ rows: 0, bytes: 0, chunks: 0 });
  const gaps = writer.log.read("events", 0, 100).flatMap(readEvents);
  const buckets = gaps.map(({ body }) => Number(body["bucketMs"]));
  expect(new Set(buckets)).toEqual(new Set(thinBucketsMs));
  expect(buckets).toEqual([...buckets].sort((one, other) => one - other));
  const rows = writer.log.read("samples", 0, 1e9).flatMap(readSamples).length;
  expect(rows).toBeLessThan(samples.length / 10);
  const gone = calls.reduce((sum, call) => sum + call.rows, 0);
  expect(rows + gone).toBe(samples.length);
});

test("one call thins a limited number of chunks, and what central has or is being sent stays whole", () => {
  const samples = rounds(3_000);
  const writer = writerOf(samples);
  expect(thinOldest(writer, 10_500, 1e9, instant).chunks).toBe(thinnedPerCallMax);
  const chunks = writer.log.read("samples", 0, 1e9);
  const whole = chunks.filter(({ kept }) => kept === undefined);
  expect(whole.map(({ firstSeq }) => firstSeq)).toEqual([
    ...Array.from({ length: 20 }, (_, index) => index * 1_000 + 1),
    ...Array.from({ length: 30 }, (_, index) => 30_001 + index * 1_000),
  ]);
});
