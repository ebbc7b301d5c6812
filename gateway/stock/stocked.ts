import type { ItemConfig, StockConfig } from "../../config/schema/item.ts";

/** An item as the gateway knows it, from the configuration or imported. */
export interface Item extends ItemConfig {
  readonly id: string;
  readonly from: "configuration" | "import";
  /** Its GTIN with 14 digits, where it has one. */
  readonly gtin14?: string;
}

/** What holds for one item at one location: its own limits before the item's, the item's before the stock's. */
export interface Policy {
  readonly min?: number;
  readonly max?: number;
  /** As a person set it; absent: reckoned. */
  readonly reorderPoint?: number;
  /** Absent: nothing can be said of cover against the delivery. */
  readonly leadTimeMs?: number;
  readonly leadTimeSpreadMs: number;
  readonly reviewMs: number;
  readonly serviceLevel: number;
  /** Longest first. */
  readonly expiryTiersMs: readonly number[];
  readonly deadAfterMs: number;
  readonly horizonMs: number;
}

/** One item at one location: what stock, forecast and warnings are about. */
export interface Stocked {
  readonly item: Item;
  readonly location: string;
  readonly policy: Policy;
}

/** `<location>/<item>`: neither contains a slash. */
export type StockedKey = `${string}/${string}`;

export function stockedKey(location: string, item: string): StockedKey {
  return `${location}/${item}`;
}

/** What holds for an item at one of its locations. */
export function policyOf(item: ItemConfig, location: string, stock: StockConfig): Policy {
  const own = item.at[location] ?? {};
  const min = own.min ?? item.min;
  const max = own.max ?? item.max;
  const reorderPoint = own.reorderPoint ?? item.reorderPoint;
  const leadTimeMs = own.leadTime ?? item.leadTime;
  const tiers = item.expiryTiers ?? stock.expiryTiers;
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(reorderPoint === undefined ? {} : { reorderPoint }),
    ...(leadTimeMs === undefined ? {} : { leadTimeMs }),
    leadTimeSpreadMs: own.leadTimeSpread ?? item.leadTimeSpread ?? 0,
    reviewMs: own.review ?? item.review ?? stock.review,
    serviceLevel: own.serviceLevel ?? item.serviceLevel ?? stock.serviceLevel,
    expiryTiersMs: [...tiers].sort((a, b) => b - a),
    deadAfterMs: item.deadAfter ?? stock.deadAfter,
    horizonMs: stock.horizon,
  };
}
