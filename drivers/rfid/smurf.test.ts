import fc from "fast-check";
import { expect, test } from "vitest";
import {
  completeWindow,
  EpochHistory,
  isTransition,
  nextWindow,
  windowEpochsMax,
} from "./smurf.ts";

test("the complete window is so long that a tag that is there is missed once in a million windows", () => {
  expect(completeWindow(1)).toBe(14);
  expect(completeWindow(0.5)).toBe(28);
  expect(completeWindow(0.1)).toBe(139);
  const property = fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), (rate) => {
    expect((1 - rate) ** completeWindow(rate)).toBeLessThanOrEqual(1.000_001e-6);
  });
  fc.assert(property);
});

test("a change of the rate counts when it is no chance, in both directions", () => {
  // 40 epochs at 0.5: 20 expected, deviation 3.16, four of them 12.6.
  expect(isTransition(8, 40, 0.5)).toBe(false);
  expect(isTransition(7, 40, 0.5)).toBe(true);
  expect(isTransition(32, 40, 0.5)).toBe(false);
  expect(isTransition(33, 40, 0.5)).toBe(true);
});

test("the window grows by two epochs up to what the rate needs, and is halved by a transition", () => {
  const next = (window: number, reads: number, rate: number, wasRead = true, bridged = 0) =>
    nextWindow(window, { wasRead, bridged, reads, rate });
  expect(next(1, 1, 0.5)).toBe(3);
  expect(next(27, 14, 0.5)).toBe(28);
  expect(next(40, 20, 0.5)).toBe(40);
  expect(next(40, 7, 0.5)).toBe(20);
  expect(next(100, 20, 0.5)).toBe(28);
  expect(next(windowEpochsMax, 1, 0.01)).toBe(windowEpochsMax);
  expect(next(28, 0, 0.5, false)).toBe(28);
  expect(next(5, 1, 0.2, false)).toBe(5);
  expect(next(5, 2, 0.2, true, 6)).toBe(18);
  expect(next(5, 2, 0.9, true, 100)).toBe(16);
});

test("silence since the last read says nothing about the rate", () => {
  const history = new EpochHistory();
  for (let epoch = 0; epoch < 96; epoch += 1) history.close(epoch % 2 === 0);
  const rate = history.rate;
  expect(rate).toBeCloseTo(0.48, 1);
  for (let epoch = 0; epoch < 20; epoch += 1) history.close(false);
  expect(history.rate).toBeCloseTo(rate, 1);
});

test("whatever comes, rate and window stay within their bounds", () => {
  const property = fc.property(fc.array(fc.boolean(), { maxLength: 700 }), (epochs) => {
    const history = new EpochHistory();
    for (const wasRead of epochs) {
      history.close(wasRead);
      expect(history.rate).toBeGreaterThan(0);
      expect(history.rate).toBeLessThanOrEqual(1);
      expect(history.windowEpochs).toBeGreaterThanOrEqual(1);
      expect(history.windowEpochs).toBeLessThanOrEqual(windowEpochsMax);
    }
  });
  fc.assert(property, { numRuns: 50 });
});
