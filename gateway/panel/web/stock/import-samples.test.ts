import { expect, test } from "vitest";
import { importAll } from "../../../../tests/support/import-world.ts";
import { sampleCsv, sampleGoods } from "./import-samples.ts";

const goods = { item: "screws", location: "shelf-a1", unit: "pcs" } as const;

test.each(["movements", "counts", "items", "orders", "tags"] as const)(
  "the sample file of %s lands as it is",
  async (kind) => {
    const { rows, bad } = await importAll(kind, sampleCsv(kind, goods, "2026-11-23"));
    expect(bad).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
  },
);

test("a sample names what this gateway knows, and something plain where it knows nothing", () => {
  expect(sampleGoods(undefined)).toEqual({ item: "gloves-m", location: "shelf-a1", unit: "pcs" });
});
