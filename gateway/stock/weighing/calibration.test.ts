import { expect, test } from "vitest";
import { gauss, seeded } from "../../../tests/support/simulated-shelf.ts";
import { calibrationOf } from "./calibration.ts";

test("mean and spread of a piece come from samples of many", () => {
  const random = seeded(5);
  const samples = Array.from({ length: 400 }, () =>
    Array.from({ length: 10 }, () => 0.0842 * (1 + 0.02 * gauss(random))).reduce((a, b) => a + b),
  );
  const found = calibrationOf(samples, 10, 0.001);
  if (found === "too-light") throw new Error(found);
  expect(found.kg).toBeCloseTo(0.0842, 4);
  expect(found.spread).toBeGreaterThan(0.018);
  expect(found.spread).toBeLessThan(0.022);
  expect(found.sampled).toBe(4_000);
  expect(found.exactUpTo).toBeGreaterThan(100);
});

test("a single sample says nothing of the spread, and equal ones do not make it none", () => {
  expect(calibrationOf([0.842], 10, 0.001)).toMatchObject({ spread: 0.01, sampled: 10 });
  expect(calibrationOf([0.842, 0.842], 10, 0.001)).toMatchObject({ spread: 0.001 });
});

test("a piece under 5 divisions is too light for the scale", () => {
  expect(calibrationOf([0.049], 10, 0.001)).toBe("too-light");
  expect(calibrationOf([0.05], 10, 0.001)).not.toBe("too-light");
});
