import fc from "fast-check";
import { expect, test } from "vitest";
import { toKg, unitOf } from "./units.ts";

test.each([
  [1_234.5, "g", 1.2345],
  [1.1, "kg", 1.1],
  [250, "mg", 0.00025],
  [0.38, "t", 380],
  [1, "lb", 0.45359237],
  [16, "oz", 0.45359237],
  [12, "ozt", 0.3732417216],
  [5, "ct", 0.001],
  [7_000, "gn", 0.45359237],
  [20, "dwt", 0.0311034768],
  [2, "斤", 1],
  [1, " KG ", 1],
  [0.1 + 0.2, "kg", 0.3],
])("%d %s are %d kg", (weight, unit, kg) => {
  expect(toKg(weight, unit)).toBe(kg);
});

test.each(["pcs", "%", "", "tl", "constructor", "lb:oz"])("%s is no mass", (unit) => {
  expect(toKg(1, unit)).toBeUndefined();
});

test("a mass in kg stays what the scale wrote, to twelve digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), fc.nat(6), (digits, decimals) => {
      const sent = Number(`${digits}e-${decimals}`);
      expect(toKg(sent, "kg")).toBe(sent);
      expect(toKg(sent, "g")).toBe(Number(`${digits}e-${decimals + 3}`));
    }),
  );
});

test.each([
  ["PC", "pcs"],
  ["  g", "g"],
  ["kg ", "kg"],
  ["PCS", "pcs"],
  ["   ", undefined],
])("the unit %j is %s", (sent, unit) => {
  expect(unitOf(sent)).toBe(unit);
});
