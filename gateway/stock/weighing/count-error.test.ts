import { expect, test } from "vitest";
import { countOf, countSd, exactChance, exactUpTo } from "./count-error.ts";

/** Grams stand for kg: only their ratio counts. */
test.each([
  [{ kg: 5, spread: 0.01, sampled: 10 }, 0.1, 200, 0.6583059066016852, 0.5524616224730501],
  [{ kg: 5, spread: 0.01, sampled: 50 }, 0.1, 200, 0.3171224789677746, 0.8851303389322984],
  [{ kg: 1.5, spread: 0.015, sampled: 10 }, 0.1, 1_000, 5.140921519929484, 0.07747914827609459],
  [{ kg: 20, spread: 0.015, sampled: 10 }, 1, 100, 0.5182100603680584, 0.6653849077880967],
])(
  "the error of a count follows from pieces, sample and rounding: %j",
  (piece, d, count, sd, p) => {
    expect(countSd(piece, d, count)).toBeCloseTo(sd, 9);
    expect(exactChance(piece, d, count)).toBeCloseTo(p, 9);
  },
);

test("a count is exact up to the last number whose deviation is 0.3", () => {
  const piece = { kg: 0.005, spread: 0.01, sampled: 50 };
  const most = exactUpTo(piece, 0.0001);
  expect(countSd(piece, 0.0001, most)).toBeLessThanOrEqual(0.3);
  expect(countSd(piece, 0.0001, most + 1)).toBeGreaterThan(0.3);
  expect(exactUpTo({ kg: 0.0001, spread: 0.01, sampled: 10 }, 0.001)).toBe(0);
});

test("a count has its interval, holds on to what was seen to come and go, and is never negative", () => {
  const piece = { item: "a", kg: 0.005, spread: 0.01, sampled: 10 };
  expect(countOf(piece, 0.0001, 1.0, undefined)).toMatchObject({
    pieces: 200,
    interval: [199, 201],
  });
  expect(countOf(piece, 0.0001, 1.004, 200).pieces).toBe(200);
  expect(countOf(piece, 0.0001, 1.2, 200).pieces).toBe(240);
  expect(countOf(piece, 0.0001, -0.3, undefined)).toMatchObject({ pieces: 0, interval: [0, 0] });
  const bulk = countOf({ ...piece, unit: "kg" }, 0.01, 12.34, undefined);
  expect(bulk.pieces).toBe(12.34);
  expect(bulk.interval[0]).toBeLessThan(12.34);
  expect(bulk.interval[1]).toBeGreaterThan(12.34);
});
