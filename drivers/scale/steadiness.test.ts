import { expect, test } from "vitest";
import { Steadiness } from "./steadiness.ts";

test("a weight is stable after N equal readings, and not before", () => {
  const steadiness = new Steadiness({ readings: 3, withinKg: 0 });
  expect([1, 1, 1, 1, 1.001, 1.001, 1.001].map((kg) => steadiness.note(kg))).toEqual([
    ...[false, false, true, true],
    ...[false, false, true],
  ]);
});

test("readings count as equal within the tolerance, also where binary fractions are a hair apart", () => {
  const steadiness = new Steadiness({ readings: 2, withinKg: 0.1 });
  expect([0.3, 0.2, 0.05].map((kg) => steadiness.note(kg))).toEqual([false, true, false]);
});

test("a creeping load never becomes stable", () => {
  const steadiness = new Steadiness({ readings: 3, withinKg: 0.01 });
  const seen = Array.from({ length: 50 }, (_, at) => steadiness.note(at * 0.006));
  expect(seen).not.toContain(true);
});

test("after a gap the count begins again", () => {
  const steadiness = new Steadiness({ readings: 2, withinKg: 0 });
  steadiness.note(1);
  steadiness.forget();
  expect([1, 1].map((kg) => steadiness.note(kg))).toEqual([false, true]);
});
