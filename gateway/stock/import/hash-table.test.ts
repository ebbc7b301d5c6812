import { expect, test } from "vitest";
import { HashTable } from "./hash-table.ts";

test("what was kept is found again while the table grows, what was not is not", () => {
  const table = new HashTable();
  for (let at = 1; at <= 5_000; at += 1) table.set(`row ${at}`, at);
  for (let at = 1; at <= 5_000; at += 1) table.set(`row ${at}`, at + 1);
  const found = Array.from({ length: 5_000 }, (_, at) => table.get(`row ${at + 1}`));
  expect(found).toEqual(Array.from({ length: 5_000 }, (_, at) => at + 2));
  expect(table.get("row 0")).toBeUndefined();
});
