import { expect, test } from "vitest";
import { daysOfRoom, RowRate } from "./sync-outlook.ts";

const day = 86_400_000;
const hour = 3_600_000;

test("room is what the quota or the disk holds, whichever is less; confirmed rows make place first", () => {
  const room = {
    backlogRows: 1_000_000,
    storedRows: 4_000_000,
    storeBytes: 8_000_000,
    storeBytesMax: 20_000_000,
    freeBytes: 1e12,
    rowsPerDay: 1_000_000,
  };
  expect(daysOfRoom(room)).toBe(9);
  expect(daysOfRoom({ ...room, freeBytes: 4_000_000 })).toBe(5);
  expect(daysOfRoom({ ...room, backlogRows: 50_000_000 })).toBe(0);
  expect(daysOfRoom({ ...room, storedRows: 0 })).toBeUndefined();
});

test("the rate is that of the last day, and unknown for the first minutes", () => {
  const rate = new RowRate();
  rate.note(0, 100);
  expect(rate.rowsPerDay(60_000, 5_000)).toBeUndefined();
  for (let at = 0; at <= 3 * day; at += hour)
    rate.note(at, at < 2 * day ? 100 : (at - 2 * day) / 10);
  expect(rate.rowsPerDay(3 * day, day / 10)).toBeCloseTo(day / 10, -3);
});

test("a store that was born anew begins the rate anew", () => {
  const rate = new RowRate();
  rate.note(0, 1_000_000);
  rate.note(hour, 5);
  expect(rate.rowsPerDay(2 * hour, 105)).toBeCloseTo(2_400, 3);
});
