import fc from "fast-check";
import { expect, test } from "vitest";
import { viewOf } from "../view.ts";
import { askedOf, hashOfAsked, stockPageOf, stockPath } from "./stock-query.ts";

test("what is looked for comes back from the address that it was made of", () => {
  const asked = fc.record({
    search: fc.string({ maxLength: 64, unit: "grapheme" }).filter((text) => text.length <= 64),
    state: fc.constantFrom("" as const, "warned" as const, "out" as const, "ok" as const),
    place: fc.constantFrom("", "rack-1", "shelf-a1"),
    view: fc.constantFrom("picture" as const, "list" as const),
  });
  fc.assert(
    fc.property(asked, (given) => {
      const { page, part = "" } = viewOf(hashOfAsked(given));
      expect(page).toBe("stock");
      expect(askedOf(part)).toEqual(given);
    }),
  );
});

test("what nobody can look for is looked for by nobody", () => {
  expect(askedOf("?state=toString&view=x")).toEqual({
    search: "",
    state: "",
    place: "",
    view: "picture",
  });
});

test("the gateway is asked for the location with all within it, for warnings, page by page", () => {
  const asked = { search: "a&b", state: "warned", place: "rack-1" } as const;
  expect(stockPath(asked, 100, "shelf-a1/bolt")).toBe(
    "/api/stock?search=a%26b&within=rack-1&show=warned&after=shelf-a1%2Fbolt&limit=100",
  );
  expect(stockPath({ search: "", state: "out", place: "" }, 5)).toBe(
    "/api/stock?state=out&limit=5",
  );
});

test("an answer that is not the gateway's leaves an empty page", () => {
  expect(stockPageOf("<html>")).toEqual({ stock: [], total: 0 });
  expect(stockPageOf({ stock: [{ item: "x" }, null], total: 2 })).toEqual({ stock: [], total: 2 });
});
