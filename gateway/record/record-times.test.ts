import { expect, onTestFinished, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { storeRig } from "../../tests/support/store-rig.ts";
import type { DurableStore } from "../store/open-store.ts";
import type { ClockMark } from "../store/store.ts";
import {
  correctingMsMax,
  RecordBook,
  type RecordSettings,
  startHeldMsMax,
  unsetHeldMsMax,
} from "./record-book.ts";

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
  return new RecordBook({ dir, clock, log, boot, settings: map, outbox: store.outbox });
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
