import fc from "fast-check";
import { expect, test } from "vitest";
import { daysOf, runsOf } from "./day-runs.ts";
import { DaySeries, demandDaysMax, leftOut } from "./day-series.ts";

test("days that nobody wrote down are zero, before the first and after the last", () => {
  const series = new DaySeries(100);
  series.set(103, 7);
  expect([...series.slice(99, 106)]).toEqual([0, 0, 0, 0, 7, 0, 0]);
});

test("a fraction, a number above 65,534 and a day that is left out are kept among whole numbers", () => {
  const series = new DaySeries(0);
  for (const [day, demand] of [1, 65_534, 65_535, leftOut, 2.5, leftOut].entries()) {
    series.set(day, demand);
  }
  expect([...series.slice(0, 6)]).toEqual([1, 65_534, 65_535, leftOut, 2.5, leftOut]);
});

test("the window moves on with the newest day, and what is older than it is refused", () => {
  const series = new DaySeries(0);
  series.set(0, 1);
  series.set(1, 2);
  series.set(demandDaysMax, 3);
  expect(series.from).toBe(1);
  expect([series.get(0), series.get(1), series.get(demandDaysMax)]).toEqual([0, 2, 3]);
  expect(series.set(0, 9)).toBe(false);
  expect(series.set(5_000, 4)).toBe(true);
  expect([series.from, series.get(demandDaysMax), series.get(5_000)]).toEqual([
    5_000 - demandDaysMax + 1,
    0,
    4,
  ]);
});

test("a series is what a plain table of its newest days is, in whatever order days come", () => {
  const step = fc.tuple(
    fc.integer({ min: 0, max: 2_000 }),
    fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.constant(leftOut), fc.constant(0.5)),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const series = new DaySeries(1_000);
      const table = new Map<number, number>();
      let newest = 999;
      for (const [day, demand] of steps) {
        const taken = series.set(day, demand);
        expect(taken).toBe(day > newest - demandDaysMax);
        if (!taken) continue;
        table.set(day, demand);
        newest = table.size === 1 && newest === 999 ? day : Math.max(newest, day);
      }
      const first = newest - demandDaysMax + 1;
      const days = Array.from({ length: demandDaysMax }, (_, n) => table.get(first + n) ?? 0);
      expect([...series.slice(first, newest + 1)]).toEqual(days);
    }),
    { numRuns: 40 },
  );
});

test("days come back from what they are written as", () => {
  expect(runsOf([0, 0, 3, leftOut, 2.5, 0])).toEqual([-2, 3, null, 2.5, -1]);
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 7, 0.25, leftOut)), (days) => {
      expect(daysOf(runsOf(days), demandDaysMax)).toEqual(days);
    }),
  );
});

test("a run that says more days than are kept is cut", () => {
  expect(daysOf([-1e9, 3], 10)).toHaveLength(10);
});
