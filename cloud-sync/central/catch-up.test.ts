import { expect, test } from "vitest";
import { drainedPerSecond } from "./catch-up.ts";

test("the rate is how many rows fewer are missing from report to report, made steady", () => {
  const first = drainedPerSecond({ rows: 10_000, agoS: 2, drainedPerSecond: undefined }, 8_000);
  expect(first).toBe(1_000);
  const second = drainedPerSecond({ rows: 8_000, agoS: 2, drainedPerSecond: first }, 4_000);
  expect(second).toBeCloseTo(1_300);
});

test("nothing is said of a backlog that grows, that is gone, or that was seen too long ago", () => {
  expect(drainedPerSecond(undefined, 100)).toBeUndefined();
  const before = { rows: 100, agoS: 60, drainedPerSecond: undefined };
  expect(drainedPerSecond(before, 200)).toBeUndefined();
  expect(drainedPerSecond({ ...before, drainedPerSecond: 5 }, 0)).toBeUndefined();
  expect(drainedPerSecond({ ...before, agoS: 3_600, drainedPerSecond: 5 }, 50)).toBeUndefined();
});

test("two reports at once leave the rate as it was", () => {
  expect(drainedPerSecond({ rows: 100, agoS: 0, drainedPerSecond: 7 }, 90)).toBe(7);
});
