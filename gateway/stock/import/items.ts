import type { ImportReason } from "../../../config/language/import.ts";
import {
  type ItemConfig,
  itemIdSchema,
  itemSchema,
  lotIdSchema,
} from "../../../config/schema/item.ts";
import type { Column } from "./columns.ts";
import type { Row } from "./row.ts";

/** An item as the file has it so far: rows of the same item with other lots add to it. */
export interface ItemRow {
  readonly kind: "item";
  readonly line: number;
  readonly id: string;
  readonly config: ItemConfig;
}

/** Items of the file by id, with what they said besides their lots. */
export type ItemsSoFar = Map<
  string,
  { readonly line: number; readonly facts: string; config: ItemConfig }
>;

type Unit = ItemConfig["unit"];

const units: Readonly<Record<string, Unit>> = {
  ...{ pcs: "pcs", pc: "pcs", piece: "pcs", pieces: "pcs", ea: "pcs", each: "pcs", unit: "pcs" },
  ...{
    个: "pcs",
    件: "pcs",
    只: "pcs",
    支: "pcs",
    盒: "pcs",
    瓶: "pcs",
    片: "pcs",
    台: "pcs",
    包: "pcs",
  },
  ...{ kg: "kg", kgs: "kg", 公斤: "kg", 千克: "kg", l: "L", liter: "L", litre: "L", 升: "L" },
  ...{ m: "m", meter: "m", metre: "m", 米: "m" },
};

/** Words for units, in any of the two languages. */
export function readUnit(row: Row): Unit | undefined {
  return row.choice("unit", units);
}

/** undefined: the row's faults say why. */
export function readItem(row: Row, items: ItemsSoFar, itemsMax: number): ItemRow | undefined {
  const id = row.need("item", row.text("item", 63));
  if (id !== undefined && !itemIdSchema.safeParse(id).success) row.fault("item", "id");
  const lot = row.text("lot");
  if (lot !== undefined && !lotIdSchema.safeParse(lot).success) row.fault("lot", "lot");
  const expires = row.date("expires");
  if (expires !== undefined && lot === undefined) row.need("lot", undefined);
  const described = describe(row);
  if (id === undefined || row.faults.length > 0) return undefined;
  const before = items.get(id);
  const facts = JSON.stringify(described);
  if (before !== undefined && before.facts !== facts)
    return row.fault("item", "item-differs", String(before.line));
  if (before === undefined && items.size >= itemsMax)
    return row.fault("item", "items", String(itemsMax));
  const lots = withLot(before?.config.lots ?? [], lot, expires);
  const parsed = itemSchema.safeParse({ ...described, lots });
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const column = columnOf[String(issue.path[0])] ?? "item";
      row.fault(column, ...reasonOf(issue.code, issue.message));
    }
    return undefined;
  }
  const line = before?.line ?? row.line;
  items.set(id, { line, facts, config: parsed.data });
  return { kind: "item", line: row.line, id, config: parsed.data };
}

function withLot(lots: ItemConfig["lots"], lot: string | undefined, expires: string | undefined) {
  if (lot === undefined) return lots;
  const others = lots.filter((one) => one.lot !== lot);
  return [...others, { lot, ...(expires === undefined ? {} : { expires }) }];
}

/** As the configuration would write it. */
function describe(row: Row): Readonly<Record<string, unknown>> {
  const unitWeight = row.grams("unitWeightG", true) ?? row.grams("unitWeight", false);
  if (unitWeight === 0)
    row.fault(row.has("unitWeightG") ? "unitWeightG" : "unitWeight", "zero-weight");
  const container = row.grams("tareG", true) ?? row.grams("tare", false);
  const fields = {
    name: row.text("name"),
    gtin: row.gtin("gtin"),
    location: row.location("location"),
    unit: readUnit(row),
    unitWeight: unitWeight === undefined ? undefined : mass(unitWeight),
    container: container === undefined ? undefined : mass(container),
    min: row.number("min"),
    max: row.number("max"),
    reorderPoint: row.number("reorderPoint"),
    leadTime: days(row.number("leadDays")),
    leadTimeSpread: days(row.number("leadSpreadDays")),
    review: days(row.number("reviewDays")),
    serviceLevel: row.number("serviceLevel"),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** The schema takes no exponents. */
function mass(grams: number): string {
  return `${grams.toFixed(9).replace(/\.?0+$/, "")} g`;
}

function days(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count.toFixed(6).replace(/\.?0+$/, "")}d`;
}

const columnOf: Readonly<Record<string, Column>> = {
  ...{ name: "name", gtin: "gtin", location: "location", unit: "unit", unitWeight: "unitWeightG" },
  ...{ container: "tareG", min: "min", max: "max", reorderPoint: "reorderPoint", lots: "lot" },
  ...{ leadTime: "leadDays", leadTimeSpread: "leadSpreadDays", review: "reviewDays" },
  serviceLevel: "serviceLevel",
};

function reasonOf(code: string, message: string): readonly [ImportReason, string] {
  if (message === "item/zero-weight") return ["zero-weight", ""];
  if (message === "quantity/mass") return ["weight", ""];
  if (code === "too_big" || message === "quantity/duration-range") return ["too-big", ""];
  if (code === "too_small") return ["too-small", ""];
  return ["value", message];
}
