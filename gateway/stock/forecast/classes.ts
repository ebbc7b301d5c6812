import { decompose } from "./intermittent.ts";
import type { DemandClass } from "./outlook.ts";
import { meanOf } from "./series.ts";

/** Mean periods from demand to demand from which demand is intermittent (Syntetos, Boylan and Croston 2005). */
export const intermittentFrom = 1.32;
/** Squared coefficient of variation of the sizes from which demand is erratic or lumpy (the same). */
export const variableFrom = 0.49;

/**
 * How interval and variation are counted; programs differ. `intervals` (the pinned one): mean of the intervals, the first
 * from the start of the series, and variance with n - 1. `periods`: periods / demands, and variance with n.
 */
export type ShapeConvention = "intervals" | "periods";

export interface DemandShape {
  readonly class: Exclude<DemandClass, "new">;
  /** Mean periods from demand to demand; infinite without any. */
  readonly interval: number;
  /** Squared coefficient of variation of the sizes that are not 0; 0 with fewer than two. */
  readonly variation: number;
}

/**
 * Class of demand by period, oldest first. A value on the limit is on the far side: interval 1.32 is intermittent.
 * @throws RangeError for NaN, infinity and negative numbers.
 */
export function shapeOf(
  series: readonly number[],
  convention: ShapeConvention = "intervals",
): DemandShape {
  const { sizes, intervals } = decompose(series);
  if (sizes.length === 0) {
    return { class: "none", interval: Number.POSITIVE_INFINITY, variation: 0 };
  }
  const byIntervals = convention === "intervals";
  const interval = byIntervals ? meanOf(intervals) : series.length / sizes.length;
  const mean = meanOf(sizes);
  const squares = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0);
  const over = byIntervals ? sizes.length - 1 : sizes.length;
  const variation = sizes.length < 2 ? 0 : squares / over / mean ** 2;
  return { class: classOf(interval, variation), interval, variation };
}

function classOf(interval: number, variation: number): DemandShape["class"] {
  const varies = variation >= variableFrom;
  if (interval >= intermittentFrom) return varies ? "lumpy" : "intermittent";
  return varies ? "erratic" : "smooth";
}
