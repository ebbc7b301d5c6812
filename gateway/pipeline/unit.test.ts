import fc from "fast-check";
import { expect, test } from "vitest";
import { canConvert, conversion } from "./unit.ts";

test.for([
  ["Cel", "[degF]", 36.6, 97.88],
  ["Cel", "[degF]", -40, -40],
  ["[degF]", "Cel", 212, 100],
  ["Cel", "K", 25.1, 298.25],
  ["K", "Cel", 273.15, 0],
  ["kg", "g", 1.25, 1_250],
  ["g", "kg", 84.2, 0.0842],
  ["[lb_av]", "kg", 1, 0.45359237],
  ["kg", "[oz_av]", 0.45359237, 16],
  ["t", "kg", 0.3, 300],
  ["1", "%", 0.574, 57.4],
] as const)("%s -> %s: %d is %d", ([from, to, value, expected]) => {
  expect(conversion(from, to)?.(value)).toBe(expected);
});

test("what belongs to different families, or is unknown, cannot be converted", () => {
  expect(canConvert("Cel", "kg")).toBe(false);
  expect(canConvert("%", "Cel")).toBe(false);
  expect(canConvert("Cel", "celsius")).toBe(false);
  expect(canConvert("hPa", "bar")).toBe(false);
  expect(conversion("hPa", "bar")).toBeUndefined();
  expect(canConvert("hPa", "hPa")).toBe(true);
});

test("there and back is the same value", () => {
  const pairs = [
    ["Cel", "[degF]"],
    ["Cel", "K"],
    ["kg", "[lb_av]"],
    ["%", "1"],
  ] as const;
  const value = fc
    .integer({ min: -100_000, max: 100_000 })
    .map((thousandths) => thousandths / 1_000);
  fc.assert(
    fc.property(fc.constantFrom(...pairs), value, ([from, to], start) => {
      const there = conversion(from, to)?.(start) ?? Number.NaN;
      expect(conversion(to, from)?.(there)).toBeCloseTo(start, 6);
    }),
  );
});
