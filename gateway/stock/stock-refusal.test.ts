import { expect, test } from "vitest";
import { StockRefusal } from "./stock-refusal.ts";

test("a refusal speaks the language of who asked, with the same figures", () => {
  const refusal = new StockRefusal("tooMuch", { quantity: 30, there: 12, unit: "pcs" });
  expect(refusal.code).toBe("stock/refused");
  expect(refusal.message).toBe("30 pcs are to go, but there are 12 pcs");
  expect(refusal.told("zh")[0]).toBe("要取 30 pcs，但只有 12 pcs");
  expect(refusal.told("en")).toEqual([refusal.message, refusal.todo]);
});

test("what does not exist is unknown and not refused", () => {
  expect(new StockRefusal("noItem", { item: "x" }).code).toBe("stock/unknown");
});
