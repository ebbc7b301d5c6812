import { expect, test } from "vitest";
import { hashOf, pageNames, viewOf } from "./view.ts";

test("an address leads back to the page and part that it was made of", () => {
  for (const page of pageNames) {
    expect(viewOf(hashOf(page))).toEqual({ page, wall: false });
    for (const part of ["people", "cold-2-warm#7", "a/b", "冷库@2026-11-22T08:00:00.000Z"]) {
      expect(viewOf(hashOf(page, part))).toEqual({ page, part, wall: false });
    }
  }
});

test("the wall shows what is now, and so does an address that names nothing", () => {
  expect(viewOf("#wall")).toEqual({ page: "now", wall: true });
  expect(viewOf("#wall/stock")).toEqual({ page: "stock", wall: true });
  expect(viewOf("#/stock/shelf-a1/bolt")).toMatchObject({ page: "stock", part: "shelf-a1/bolt" });
  for (const hash of ["", "#", "#/", "#nonsense", "#/%E0%A4%A"]) {
    expect(viewOf(hash)).toEqual({ page: "now", wall: false });
  }
  expect(viewOf("#/excursions/%E0%A4%A")).toEqual({ page: "excursions", wall: false });
});
