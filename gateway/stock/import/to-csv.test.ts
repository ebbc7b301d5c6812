import { expect, test } from "vitest";
import { importAll } from "../../../tests/support/import-world.ts";
import type { Movement } from "../movement.ts";
import { movementsCsv, stockCsv } from "./to-csv.ts";

const movement: Movement = {
  id: `ni:///sha-256;${"ab".repeat(32)}?ver=CBV2.0`,
  ...{ kind: "issue", item: "screws", location: "shelf-a1", lot: "L1", unit: "pcs" },
  quantity: -3,
  at: Date.UTC(2026, 10, 20, 1, 2, 3, 456),
  clock: "synchronized",
  evidence: { by: "person", document: "=HYPERLINK()", note: 'said "3", \n=1+2' },
};

test("movements that we write can be read back, formulas as the text that they are", async () => {
  const transfer = { ...movement, kind: "transfer", partner: "shelf-a2" } as const;
  const count = { ...movement, kind: "count", evidence: { by: "person", counted: 7 } } as const;
  const adjust = {
    ...movement,
    kind: "adjust",
    reason: "lost",
    evidence: { by: "person" },
  } as const;
  const file = movementsCsv([movement, transfer, count, adjust]);
  expect(file.startsWith("\uFEFFkind,sku,")).toBe(true);
  expect(file).toContain(",'=HYPERLINK(),");
  const { rows, bad } = await importAll("movements", file);
  expect(bad).toEqual([]);
  const same = { item: "screws", location: "shelf-a1", lot: "L1", key: "ab".repeat(32) };
  expect(rows).toMatchObject([
    {
      at: movement.at,
      booking: {
        ...same,
        kind: "issue",
        quantity: 3,
        document: "=HYPERLINK()",
        note: 'said "3", \n=1+2',
      },
    },
    { booking: { ...same, kind: "transfer", quantity: 3, to: "shelf-a2" } },
    { booking: { ...same, kind: "count", quantity: 7 } },
    { booking: { ...same, kind: "adjust", quantity: -3, reason: "lost" } },
  ]);
});

test("stock that we write is a list to count by", async () => {
  const line = {
    item: "screws",
    name: "@home; M4",
    location: "shelf-a1",
    quantity: 12,
    unit: "pcs",
  };
  const file = stockCsv([
    { ...line, lot: "L1", expires: "2027-03-31" },
    { ...line, lot: "L2" },
  ]);
  const { rows, bad } = await importAll("counts", file);
  expect(bad.map(({ column }) => column)).toEqual([]);
  expect(rows).toMatchObject([
    { booking: { kind: "count", item: "screws", lot: "L1", expires: "2027-03-31", quantity: 12 } },
    { booking: { kind: "count", lot: "L2" } },
  ]);
});
