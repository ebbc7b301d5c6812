import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { storeRig } from "../../tests/support/store-rig.ts";
import { RecordReader } from "../report/record-reader.ts";
import type { DurableStore } from "../store/open-store.ts";
import type { ClockMark } from "../store/store.ts";
import {
  correctingMsMax,
  RecordBook,
  type RecordSettings,
  startHeldMsMax,
  unsetHeldMsMax,
} from "./record-book.ts";
import { readSegments } from "./segments-file.ts";
import { verifySegments } from "./verify-segments.ts";

const point: PointKey = "cold-2/temperature";
const minuteMs = 60_000;
const settings: RecordSettings = {
  everyMs: 2 * minuteMs,
  everyOutsideMs: 2 * minuteMs,
  readEveryMs: minuteMs,
  isOutside: (value) => value > 8,
};

const rig = storeRig();

/** The monotonic clock of the rig's machine began then. */
const trueOffset = Date.UTC(2026, 11, 1);
const unset: ClockMark = { boot: "boot-1", offsetMs: 0, quality: "unset" };
const right: ClockMark = { boot: "boot-1", offsetMs: trueOffset, quality: "synchronized" };

function open(store: DurableStore, boot = "boot-1"): RecordBook {
  const { log } = memoryLog();
  const { dir, clock } = rig;
  const map = new Map([[point, settings]]);
  const { outbox } = store;
  const corrections = () => store.corrections;
  return new RecordBook({ dir, clock, log, boot, settings: map, outbox, corrections });
}

async function minute(store: DurableStore, book: RecordBook, clock: ClockMark): Promise<void> {
  await rig.clock.advance(minuteMs);
  const sampledAt = rig.clock.monotonicMs() + clock.offsetMs;
  const samples: Sample[] = [{ point, sampledAt, quality: "good", value: 5 }];
  store.commit({ clock, samples, events: [], state: new Map() });
  book.committed(samples, clock.quality);
  book.step();
}

test("what was taken in 1970 is recorded once the clock is set, at its true time and with what it was wrong by", async () => {
  const { store } = rig.open();
  using book = open(store);
  book.step();
  const began = rig.clock.monotonicMs();
  for (let n = 0; n < 4; n += 1) await minute(store, book, unset);
  book.flush();
  expect(book.readRecords(point, 0, 9e15).records).toEqual([]);
  for (let n = 0; n < 3; n += 1) await minute(store, book, right);
  book.flush();
  const { records } = book.readRecords(point, 0, 9e15);
  expect(records.map(({ at }) => (at - trueOffset - began) / minuteMs)).toEqual([1, 3, 5, 7]);
  expect(records.map(({ clock, correctedMs }) => [clock, correctedMs])).toEqual([
    ["unset", trueOffset],
    ["unset", trueOffset],
    ["synchronized", undefined],
    ["synchronized", undefined],
  ]);
});

test("a boot that is over without having learned the time is recorded as its clock had it", async () => {
  const { store } = rig.open();
  using first = open(store);
  first.step();
  await minute(store, first, unset);
  first.flush();
  using second = open(store, "boot-2");
  second.flush();
  expect(second.readRecords(point, 0, 9e15).records).toMatchObject([
    { at: rig.clock.monotonicMs(), clock: "unset" },
  ]);
});

test("a clock that nobody sets is waited for no longer than gateway.db surely has the samples", async () => {
  const { store } = rig.open();
  using book = open(store);
  book.step();
  await minute(store, book, unset);
  await rig.clock.advance(unsetHeldMsMax + minuteMs);
  book.step();
  expect(book.readRecords(point, 0, 9e15).records).toHaveLength(1);
});

/** A machine that woke at the time of its last end, a month before. */
const lastMonth: ClockMark = {
  ...{ boot: "boot-1", quality: "unsynchronized" },
  offsetMs: trueOffset - 30 * 86_400_000,
};

/** The store and the book of a machine that has just started. */
function started(): { store: DurableStore; book: RecordBook } {
  rig.clock = new ManualClock(trueOffset, 1_000);
  const { store } = rig.open();
  const book = open(store);
  onTestFinished(() => book[Symbol.dispose]());
  book.step();
  return { store, book };
}

test("what was taken last month by a clock that had stood still is recorded at its true time", async () => {
  const { store, book } = started();
  for (let n = 0; n < 4; n += 1) await minute(store, book, lastMonth);
  book.flush();
  expect(book.readRecords(point, 0, 9e15).records).toEqual([]);
  for (let n = 0; n < 3; n += 1) await minute(store, book, right);
  book.flush();
  const { records } = book.readRecords(point, 0, 9e15);
  expect(records.map(({ at }) => Math.round((at - trueOffset) / minuteMs))).toEqual([1, 3, 5, 7]);
  expect(records.map(({ clock, correctedMs }) => [clock, correctedMs])).toEqual([
    ["unsynchronized", 30 * 86_400_000],
    ["unsynchronized", 30 * 86_400_000],
    ["synchronized", undefined],
    ["synchronized", undefined],
  ]);
});

test("a clock that was right all the time holds its records back no longer than the store would need to correct them", async () => {
  const { store, book } = started();
  await minute(store, book, { ...right, quality: "unsynchronized" });
  await minute(store, book, right);
  expect(book.readRecords(point, 0, 9e15).records).toEqual([]);
  await rig.clock.advance(correctingMsMax);
  book.step();
  expect(book.readRecords(point, 0, 9e15).records).toMatchObject([{ clock: "unsynchronized" }]);
});

test("a site without a time server has its records a quarter of an hour after the machine started, and then at once", async () => {
  const { store, book } = started();
  const alone: ClockMark = { ...right, quality: "unsynchronized" };
  await minute(store, book, alone);
  await rig.clock.advance(startHeldMsMax);
  book.step();
  expect(book.readRecords(point, 0, 9e15).records).toHaveLength(1);
  await minute(store, book, alone);
  await minute(store, book, alone);
  expect(book.isCaughtUp).toBe(true);
  book.flush();
  expect(book.readRecords(point, 0, 9e15).records.length).toBeGreaterThan(1);
});

/** Twenty minutes of a clock that stood still for a month: too long to wait for a time server. */
async function lateHeard(): Promise<{ store: DurableStore; book: RecordBook; began: number }> {
  const { store, book } = started();
  const began = rig.clock.monotonicMs();
  for (let n = 0; n < 20; n += 1) await minute(store, book, lastMonth);
  book.flush();
  const { records } = book.readRecords(point, 0, 9e15);
  expect(records.length).toBeGreaterThan(8);
  expect(records[0]).toMatchObject({ at: lastMonth.offsetMs + began + minuteMs });
  return { store, book, began };
}

function minutesOf(book: RecordBook, began: number, from = 0, to = 9e15): readonly number[] {
  const { records } = book.readRecords(point, from, to);
  return records.map(({ at }) => Math.round((at - trueOffset - began) / minuteMs));
}

const everyOther = [1, 3, 5, 7, 9, 11, 13, 15, 17, 19];

test("a time server that is heard of long after the start corrects what is on record, wherever it is read", async () => {
  const { store, book, began } = await lateHeard();
  await minute(store, book, right);
  book.flush();
  const { records } = book.readRecords(point, 0, 9e15);
  expect(minutesOf(book, began)).toEqual([...everyOther, 21]);
  expect(records.slice(0, 10).map(({ clock, correctedMs }) => [clock, correctedMs])).toEqual(
    everyOther.map(() => ["unsynchronized", 30 * 86_400_000]),
  );
  expect(records[10]).not.toHaveProperty("correctedMs");
  // By true time, also where the bounds of what is asked for stand among those that were wrong.
  const at = (n: number) => trueOffset + began + n * minuteMs;
  expect(minutesOf(book, began, at(5), at(9))).toEqual([5, 7, 9]);
  expect(book.readRecords(point, 0, at(0)).records).toEqual([]);
  expect(book.readRecords(point, 0, 9e15, 4)).toMatchObject({ complete: false });
  expect(book.readRecords(point, at(17), 9e15, 3)).toMatchObject({ complete: true });
  using reader = new RecordReader(rig.dir);
  const read: number[] = [];
  reader.read(point, at(0), at(10), {
    take: (reading) => read.push(reading.at, reading.correctedMs ?? 0),
    damaged: () => undefined,
  });
  expect(read).toEqual([1, 3, 5, 7, 9].flatMap((n) => [at(n), 30 * 86_400_000]));
});

test("the same after a restart, and when the days have been packed", async () => {
  const { store, book, began } = await lateHeard();
  await minute(store, book, right);
  book.flush();
  book[Symbol.dispose]();
  await rig.clock.advance(2 * 86_400_000);
  using again = open(store, "boot-2");
  again.step();
  const db = new Database(join(rig.dir, "history.db"), { readonly: true });
  onTestFinished(() => void db.close());
  const count = (table: string) => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
  expect([count("record"), count("segment"), count("correction")]).toEqual([0, 2, 1]);
  expect(minutesOf(again, began)).toEqual([...everyOther, 21]);
});

test("a process that died before the correction was noted beside the records notes it at its next start", async () => {
  const { store, book, began } = await lateHeard();
  book[Symbol.dispose]();
  await rig.clock.advance(minuteMs);
  const sampledAt = rig.clock.monotonicMs() + trueOffset;
  const samples: Sample[] = [{ point, sampledAt, quality: "good", value: 5 }];
  store.commit({ clock: right, samples, events: [], state: new Map() });
  using next = open(store, "boot-2");
  next.step();
  expect(minutesOf(next, began)).toEqual([...everyOther, 21]);
});

test("records of another boot that its clock dated alike stay where they are", async () => {
  const { store, book } = started();
  const own: ClockMark = { ...lastMonth, boot: "boot-0" };
  const sampledAt = own.offsetMs + 5 * minuteMs;
  const samples: Sample[] = [{ point, sampledAt, quality: "good", value: 7 }];
  store.commit({ clock: own, samples, events: [], state: new Map() });
  book.committed(samples, "unsynchronized");
  book.flush();
  for (let n = 0; n < 20; n += 1) await minute(store, book, lastMonth);
  await minute(store, book, right);
  book.flush();
  const [first] = book.readRecords(point, 0, 9e15).records;
  expect(first).toMatchObject({ at: sampledAt, value: 7 });
});

test("a correction that somebody changes or takes away is found, as any record that is changed", async () => {
  const { store, book } = await lateHeard();
  await minute(store, book, right);
  book.flush();
  const verdict = () => {
    using stored = readSegments(rig.dir);
    if (stored === undefined) throw new Error("no history.db");
    return verifySegments(stored.segments, stored.retired, stored.corrections);
  };
  expect(verdict()).toMatchObject({ ok: true });
  const db = new Database(join(rig.dir, "history.db"));
  onTestFinished(() => void db.close());
  const change = "UPDATE correction SET offset_ms = offset_ms + 3600000";
  expect(() => db.exec(change)).toThrow("cannot be changed");
  expect(() => db.exec("DELETE FROM correction")).toThrow("cannot be deleted");
  db.exec(`DROP TRIGGER correction_stays; ${change}`);
  expect(verdict()).toEqual({ ok: false, damage: "correction", number: 1 });
});
