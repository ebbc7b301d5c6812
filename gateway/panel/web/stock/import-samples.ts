import type { ImportKind, StockView } from "../../stock-api.ts";

/** What stands in the examples: something that this gateway knows, else something that it may know one day. */
export interface SampleGoods {
  readonly item: string;
  readonly location: string;
  readonly unit: StockView["unit"];
}

export function sampleGoods(known: StockView | undefined): SampleGoods {
  const { item, location, unit } = known ?? {};
  return { item: item ?? "gloves-m", location: location ?? "shelf-a1", unit: unit ?? "pcs" };
}

/** Spreadsheets take UTF-8 for something else without it. */
const byteOrderMark = "\uFEFF";

/**
 * A file that shows what a kind of import reads: a heading and some rows that would land.
 *
 * @param today yyyy-mm-dd.
 */
export function sampleCsv(kind: ImportKind, goods: SampleGoods, today: string): string {
  return `${byteOrderMark}${rowsOf(kind, goods, today)
    .map((row) => `${row.join(",")}\r\n`)
    .join("")}`;
}

function rowsOf(
  kind: ImportKind,
  { item, location, unit }: SampleGoods,
  today: string,
): readonly (readonly string[])[] {
  const expiry = `${Number(today.slice(0, 4)) + 1}-06-30`;
  const due = `${Number(today.slice(0, 4)) + 1}-01-15`;
  switch (kind) {
    case "movements":
      return [
        [
          "kind",
          "sku",
          "location",
          "batch",
          "expiry",
          "quantity",
          "uom",
          "reason",
          "document",
          "key",
        ],
        ["receipt", item, location, "A2301", expiry, "40", unit, "", "PO-1001", "sample-1"],
        ["issue", item, location, "A2301", "", "2", unit, "", "REQ-7", "sample-2"],
        ["adjust", item, location, "A2301", "", "-1", unit, "damaged", "", "sample-3"],
      ];
    case "counts":
      return [
        ["sku", "location", "quantity", "uom", "note"],
        [item, location, "37", unit, "counted by two"],
      ];
    case "items":
      return [
        ["sku", "name", "location", "uom", "unit_weight_g", "min", "max", "lead_days"],
        ["sample-gauze", "Gauze 10 x 10", location, "pcs", "12.5", "20", "120", "5"],
        ["sample-mask", "Mask FFP2", location, "pcs", "8.2", "50", "400", "7"],
      ];
    case "orders":
      return [
        ["document", "line", "kind", "sku", "location", "quantity", "uom", "due", "supplier"],
        ["PO-1002", "1", "order", item, location, "60", unit, due, "Supplier"],
        ["RES-12", "1", "reservation", item, location, "5", unit, due, ""],
      ];
    case "tags":
      return [
        ["epc", "sku", "batch", "expiry", "pieces", "home"],
        ["3034257BF400B7800000028C", item, "A2301", expiry, "1", location],
        ["3034257BF400B7800000028D", item, "A2301", expiry, "1", location],
      ];
  }
}
