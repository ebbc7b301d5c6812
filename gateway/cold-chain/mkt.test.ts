import fc from "fast-check";
import { expect, test } from "vitest";
import { KineticWindow, windowPartsMax } from "./kinetic-window.ts";
import {
  held,
  kineticMean,
  mktOf,
  noKinetic,
  plainMean,
  plus,
  type Reading,
  sumOf,
} from "./mkt.ts";

const hour = 3_600_000;

/** Hours at each temperature. */
function stretches(...parts: readonly (readonly [hours: number, celsius: number])[]) {
  return parts.reduce((sum, [hours, celsius]) => plus(sum, held(celsius, hours * hour)), noKinetic);
}

test.each([
  ["constant 5", stretches([24, 5]), 5, 5],
  ["25 and 30 for equal time", stretches([1, 25], [1, 30]), 27.5, 27.821],
  ["20, 25, 30", stretches([1, 20], [1, 25], [1, 30]), 25, 25.8582],
  ["18 h at 5, 6 h at 14", stretches([18, 5], [6, 14]), 7.25, 8.2852],
  ["22 h at 5, 2 h at 12", stretches([22, 5], [2, 12]), 5.5833, 5.8663],
  ["20 h at 6, 4 h at 15", stretches([20, 6], [4, 15]), 7.5, 8.3205],
  ["half a day at 7.5, half at 8.5", stretches([12, 7.5], [12, 8.5]), 8, 8.0149],
  ["29 d at 22, one at 38", stretches([29 * 24, 22], [24, 38]), 22.5333, 23.2759],
  ["717 h at 22, 3 h at 29", stretches([717, 22], [3, 29]), 22.0292, 22.0432],
  ["a freezer: 20 h at -18, 4 h at -10", stretches([20, -18], [4, -10]), -16.6667, -15.8762],
])("%s has its printed mean and its printed kinetic mean", (_, sum, mean, mkt) => {
  expect(plainMean(sum)).toBeCloseTo(mean, 3);
  expect(Math.abs((kineticMean(sum) ?? 0) - mkt)).toBeLessThan(0.001);
});

test("records that come fifteen times as often while it is warm do not weigh fifteen times as much", () => {
  const readings: Reading[] = [];
  for (let index = 0; index < 36; index += 1)
    readings.push({ at: index * 30 * 60_000, celsius: 5 });
  const warmFrom = 18 * hour;
  for (let index = 0; index < 180; index += 1) {
    readings.push({ at: warmFrom + index * 2 * 60_000, celsius: 14 });
  }
  const window = { from: 0, to: 24 * hour, gapMs: 45 * 60_000 };

  const mkt = mktOf(sumOf(readings, window), 24 * hour, 0.9);

  expect(mkt).toEqual({ celsius: expect.closeTo(8.2852, 3), coverage: 1 });
});

test("a window that is known too little has no kinetic mean, and says how much is known", () => {
  const readings = [
    { at: 0, celsius: 5 },
    { at: hour, celsius: undefined },
    { at: 2 * hour, celsius: 5 },
    { at: 3 * hour, celsius: 5 },
  ];
  const sum = sumOf(readings, { from: 0, to: 4 * hour, gapMs: 1.5 * hour });

  expect(sum.coveredMs).toBe(3 * hour);
  expect(mktOf(sum, 4 * hour, 0.9)).toEqual({ refused: "coverage", coverage: 0.75 });
  expect(mktOf(sum, 4 * hour, 0.75)).toMatchObject({ celsius: expect.closeTo(5, 9) });
  expect(mktOf(noKinetic, 0, 0)).toEqual({ refused: "coverage", coverage: 0 });
});

test("a silence of more than one and a half intervals does not count, at the end neither", () => {
  const readings = [
    { at: 0, celsius: 5 },
    { at: 10 * 60_000, celsius: 5 },
    { at: 26 * 60_000, celsius: 5 },
    { at: 36 * 60_000, celsius: 5 },
  ];
  const window = { from: 0, to: hour, gapMs: 15 * 60_000 };

  expect(sumOf(readings, window).coveredMs).toBe(20 * 60_000);
});

test("what a reading before the window holds into it counts from the window's begin", () => {
  const sum = sumOf([{ at: 0, celsius: 4 }], { from: 60_000, to: 180_000, gapMs: Infinity });

  expect(sum.coveredMs).toBe(120_000);
});

test("the trapezoid goes straight from reading to reading", () => {
  const readings = [
    { at: 0, celsius: 20 },
    { at: hour, celsius: 30 },
  ];
  const window = { from: 0, to: hour, gapMs: Infinity, weighting: "trapezoid" as const };
  const whole = sumOf(readings, window);
  const halves = plus(
    sumOf(readings, { ...window, to: hour / 2 }),
    sumOf(readings, { ...window, from: hour / 2 }),
  );

  expect(plainMean(whole)).toBeCloseTo(25, 9);
  expect(kineticMean(whole)).toBeCloseTo(kineticMean(stretches([1, 20], [1, 30])) ?? 0, 9);
  expect(kineticMean(halves)).toBeCloseTo(kineticMean(whole) ?? 0, 9);
});

const celsius = fc.double({ min: -90, max: 60, noNaN: true });
const pieces = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), celsius), {
  minLength: 1,
  maxLength: 50,
});

test("the kinetic mean lies between plain mean and maximum, and equals a constant", () => {
  fc.assert(
    fc.property(pieces, celsius, (parts, constant) => {
      const sum = stretches(...parts);
      const mkt = kineticMean(sum) ?? NaN;
      expect(mkt).toBeLessThanOrEqual(Math.max(...parts.map(([, value]) => value)) + 1e-6);
      expect(mkt).toBeGreaterThanOrEqual(Math.min(...parts.map(([, value]) => value)) - 1e-6);
      const flat = stretches(...parts.map(([hours]): [number, number] => [hours, constant]));
      expect(kineticMean(flat)).toBeCloseTo(constant, 6);
    }),
  );
});

test("stretches add up to the same kinetic mean in whichever order they come", () => {
  fc.assert(
    fc.property(pieces, fc.infiniteStream(fc.nat()), (parts, order) => {
      const mixed = parts
        .map((part) => ({ part, key: order.next().value ?? 0 }))
        .sort((left, right) => left.key - right.key)
        .map(({ part }) => part);
      expect(kineticMean(stretches(...mixed))).toBeCloseTo(
        kineticMean(stretches(...parts)) ?? NaN,
        6,
      );
    }),
  );
});

test("a rolling day forgets what is older than a day, to one part", () => {
  const day = 24 * hour;
  const window = new KineticWindow(day, 90_000);
  const start = -5 * hour;
  for (let mono = start; mono <= start + 12 * hour; mono += 60_000) window.add(30, mono);
  for (let mono = start + 12 * hour; mono <= start + 36 * hour; mono += 60_000) window.add(5, mono);

  const mkt = window.mkt(start + 36 * hour, 0.9);
  expect(mkt).toEqual({ celsius: expect.closeTo(5, 6), coverage: expect.closeTo(1, 2) });

  window.add(5, start + 40 * hour);
  expect(window.mkt(start + 40 * hour, 0.9)).toMatchObject({ refused: "coverage" });
  expect(window.sum(start + 100 * hour).coveredMs).toBe(0);
});

test("a rolling window agrees with the sum of the same readings over the window", () => {
  const minutes = fc.array(fc.option(celsius, { nil: undefined }), {
    minLength: 2,
    maxLength: 600,
  });
  fc.assert(
    fc.property(minutes, (values) => {
      const windowMs = 1_000 * 60_000;
      const window = new KineticWindow(windowMs, 90_000);
      const readings = values.map((value, index) => ({ at: index * 60_000, celsius: value }));
      for (const { at, celsius: value } of readings) window.add(value, at);
      const to = (values.length - 1) * 60_000;
      const batch = sumOf(readings, { from: 0, to, gapMs: 90_000 });
      expect(window.sum(to).coveredMs).toBeCloseTo(batch.coveredMs, 3);
      if (batch.coveredMs > 0) {
        expect(kineticMean(window.sum(to))).toBeCloseTo(kineticMean(batch) ?? NaN, 6);
      }
    }),
    { numRuns: 50 },
  );
});

test("a window of 30 days takes no more memory than its parts", () => {
  const window = new KineticWindow(30 * 24 * hour, 2 * hour);
  for (let index = 0; index <= 60 * 24; index += 1) window.add(22, index * hour);

  const { coveredMs } = window.sum(60 * 24 * hour);
  expect(coveredMs / hour).toBeGreaterThanOrEqual(windowPartsMax - 1);
  expect(coveredMs / hour).toBeLessThanOrEqual(windowPartsMax);
});
