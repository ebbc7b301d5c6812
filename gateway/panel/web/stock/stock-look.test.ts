import { expect, test } from "vitest";
import { stockLine } from "../../../../tests/support/screens/stock-store.ts";
import { doubtOf, furtherWarnings, toneOf } from "./stock-look.ts";

const line = (given: Partial<Parameters<typeof stockLine>[1]>) =>
  stockLine(0, { item: "bolt", ...given });

test("pieces are whole: an interval that holds one whole number is no doubt", () => {
  expect(doubtOf(line({ quantity: 40, interval: [39.6, 40.4] }))).toBeUndefined();
  expect(doubtOf(line({ quantity: 40, interval: [38.2, 41.9] }))).toEqual([39, 41]);
  expect(doubtOf(line({ quantity: 1, interval: [-1, 3] }))).toEqual([0, 3]);
  expect(doubtOf(line({ quantity: 6.35, unit: "kg", interval: [6.2, 6.5] }))).toEqual([6.2, 6.5]);
  expect(doubtOf(line({ quantity: 6.35, unit: "kg", interval: [6.35, 6.35] }))).toBeUndefined();
});

test("the gravest of state and warnings gives the colour, and a warning of the state's name is not said twice", () => {
  const view = line({ state: "below-reorder", warnings: ["below-reorder", "locked-pick"] });
  expect(toneOf(view)).toBe("critical");
  expect(furtherWarnings(view)).toEqual(["locked-pick"]);
  expect(toneOf(line({}))).toBe("good");
  expect(toneOf(line({ state: "unknown" }))).toBe("neutral");
});
