import { expect, test } from "vitest";
import type { LotView, StockView } from "../../stock-api.ts";
import { compareCount, countLines } from "./count-plan.ts";

function view(quantity: number, lots: readonly LotView[], unit: "pcs" | "kg" = "pcs"): StockView {
  return {
    item: "gauze",
    location: "a1",
    unit,
    quantity,
    available: quantity,
    interval: [quantity, quantity],
    onOrder: 0,
    reserved: 0,
    position: quantity,
    state: "ok",
    warnings: [],
    lots: [...lots],
  };
}

const a: LotView = { lot: "A", quantity: 10, state: "good" };
const b: LotView = { lot: "B", quantity: 4, state: "expired" };
const unknown: LotView = { quantity: 1, state: "good" };

test("lots that are known are counted one by one, others together", () => {
  const lotsOf = (lots: readonly LotView[]) => countLines([view(14, lots)]).map(({ lot }) => lot);
  expect(lotsOf([a, b])).toEqual(["A", "B"]);
  expect(lotsOf([a])).toEqual([undefined]);
  expect(lotsOf([a, b, unknown])).toEqual([undefined]);
  expect(lotsOf([])).toEqual([undefined]);
});

test("a count is held against the lot that was counted, or against all of them", () => {
  const stock = view(14, [a, b]);
  expect(compareCount("12", {}, stock)).toEqual({ counted: 12, expected: 14, difference: -2 });
  expect(compareCount("5", { lot: "B" }, stock)).toEqual({
    counted: 5,
    expected: 4,
    difference: 1,
  });
  expect(compareCount("0", {}, undefined)).toEqual({ counted: 0, expected: 0, difference: 0 });
  expect(compareCount("0.3", {}, view(0.1, [], "kg"))).toMatchObject({ difference: 0.2 });
  expect(compareCount("1.5", {}, stock)).toBe("whole");
  expect(compareCount("", {}, stock)).toBe("number");
});
