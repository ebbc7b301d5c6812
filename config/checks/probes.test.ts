import { expect, test } from "vitest";
import { probesLeast } from "./probes.ts";

test.each([
  [200, 2],
  [300, 2],
  [300.5, 3],
  [600, 3],
  [601, 4],
  [1_500, 6],
])("a flat store of %d m2 needs %d probes at least", (area, least) => {
  expect(probesLeast("flat", area)).toBe(least);
});

test.each([
  [80, 2],
  [100, 2],
  [101, 3],
  [250, 4],
])("a cold store of %d m2 needs %d probes at least", (area, least) => {
  expect(probesLeast("cold", area)).toBe(least);
});
