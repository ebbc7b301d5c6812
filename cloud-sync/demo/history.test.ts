import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { importText } from "../../config/language/import.ts";
import type { ImportKind } from "../../gateway/panel/stock-api.ts";
import { type ImportRow, readImport } from "../../gateway/stock/import/read-import.ts";
import { historyCsv, historyDays } from "./history.ts";
import { shelfPlans } from "./shelf-plans.ts";
import { tagsCsv, tagsOf } from "./tags.ts";

const dayMs = 86_400_000;
const now = Date.parse("2026-11-23T03:00:00+08:00");

/** By the product's own import. */
async function rowsOf(kind: ImportKind, csv: string): Promise<readonly ImportRow[]> {
  const rows: ImportRow[] = [];
  const facts = {
    now,
    offsetAt: () => "+08:00",
    words: importText.en,
    item: () => ({ unit: "pcs" }) as const,
    itemOfGtin: () => undefined,
    hasLocation: (id: string) => id === "store" || shelfPlans.some(({ shelf }) => shelf === id),
    itemOfTag: () => undefined,
  };
  for await (const batch of readImport(kind, Readable.from([csv]), facts)) {
    expect(batch.bad).toEqual([]);
    rows.push(...batch.rows);
  }
  return rows;
}

async function bookingsOf(today: string) {
  const rows = await rowsOf("movements", historyCsv(today));
  return rows.flatMap((row) => (row.kind === "booking" ? [row] : []));
}

test("what the months leave over is what lies on each shelf, and there was never less than nothing", async () => {
  const left = new Map<string, number>();
  for (const { booking } of await bookingsOf("2026-11-23")) {
    const { item, kind, quantity } = booking;
    const after = (left.get(item) ?? 0) + (kind === "receipt" ? quantity : -quantity);
    expect(after).toBeGreaterThanOrEqual(0);
    left.set(item, after);
  }
  const goods = shelfPlans.flatMap((plan) => plan.goods);
  const cartons = left.get("saline") ?? 0;
  expect(cartons).toBeGreaterThan(10);
  expect(Object.fromEntries(left)).toEqual({
    ...Object.fromEntries(goods.map(({ item, pieces }) => [item, pieces])),
    saline: cartons,
  });
});

test("the past ends yesterday, whatever the day, and is in order", async () => {
  for (const today of ["2026-11-23", "2026-03-01"]) {
    const times = (await bookingsOf(today)).map(({ at = 0 }) => at);
    const midnight = Date.parse(`${today}T00:00:00+08:00`);
    expect(times.at(-1)).toBeLessThan(midnight);
    expect(times.at(-1)).toBeGreaterThan(midnight - dayMs);
    expect(times[0]).toBeGreaterThanOrEqual(midnight - historyDays * dayMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

test("one lot expires within a week from today, and some of it is still there", async () => {
  const today = Date.parse("2026-11-23");
  const near = (await bookingsOf("2026-11-23")).filter(
    ({ booking: { expires = "9999" } }) => Date.parse(expires) - today < 7 * dayMs,
  );
  expect(new Set(near.map(({ booking }) => booking.item))).toEqual(new Set(["flu-vaccine"]));
});

test("each piece on the shelf with the reader has a tag of its item, its lot and its number", async () => {
  const tags = (await rowsOf("tags", tagsCsv())).flatMap((row) =>
    row.kind === "tag" ? [row] : [],
  );
  expect(tags.map(({ tag }) => tag.epc)).toEqual(tagsOf(16));
  expect(new Set(tags.map(({ tag }) => tag.lot))).toEqual(new Set(["K2604", "K2611"]));
});
