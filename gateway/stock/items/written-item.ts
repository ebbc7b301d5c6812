import type { z } from "zod";
import type { ItemConfig, itemSchema } from "../../../config/schema/item.ts";
import { formatDuration } from "../../../drivers/quantity.ts";

/** An item as the configuration writes it. */
export type WrittenItem = z.input<typeof itemSchema>;

type Limits = ItemConfig["at"][string];

/** An item -> what the configuration would say of it, without what is the default. Reading it gives the same item. */
export function writtenItem(item: ItemConfig): WrittenItem {
  const { name, gtin, location, unit, unitWeight, unitWeightSpread, sampledPieces } = item;
  const { container, expiryTiers, deadAfter, lots, at } = item;
  return {
    ...given({ name, gtin, deadAfter: worded(deadAfter), expiryTiers: expiryTiers?.map(duration) }),
    ...(location.length === 0 ? {} : { location: [...location] }),
    ...(unit === "pcs" ? {} : { unit }),
    ...given({ unitWeight: weighed(unitWeight), container: weighed(container) }),
    ...(unitWeightSpread === 0.01 ? {} : { unitWeightSpread }),
    ...(sampledPieces === 10 ? {} : { sampledPieces }),
    ...writtenLimits(item),
    ...(lots.length === 0 ? {} : { lots: [...lots] }),
    ...(Object.keys(at).length === 0
      ? {}
      : {
          at: Object.fromEntries(
            Object.entries(at).map(([place, own]) => [place, writtenLimits(own)]),
          ),
        }),
  };
}

function writtenLimits(limits: Limits) {
  const { min, max, reorderPoint, leadTime, leadTimeSpread, review, serviceLevel } = limits;
  const times = {
    leadTime: worded(leadTime),
    leadTimeSpread: worded(leadTimeSpread),
    review: worded(review),
  };
  return given({ min, max, reorderPoint, ...times, serviceLevel });
}

function worded(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : duration(ms);
}

function duration(ms: number): string {
  return formatDuration(ms);
}

/** Milligrams are the finest unit that can be written; below them the digits of a kilogram are. */
function weighed(kg: number | undefined): string | undefined {
  if (kg === undefined) return undefined;
  const digits = (kg * 1e6).toPrecision(12);
  return `${digits.includes("e") ? kg : Number(digits)} ${digits.includes("e") ? "kg" : "mg"}`;
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function given<T extends object>(values: T): Given<T>;
function given(values: object): object {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
