import type { StockLine } from "../line.ts";

export const dayMs = 86_400_000;

/** Sums of weights in kg or L end on the rounding of their parts: less than this is nothing. */
export const nearlyNothing = 1e-6;

/** A limit is left behind by this part of it before it warns again: a piece that comes and goes is one warning. */
const bandPart = 0.05;

/** Pieces come one by one, so that 5 % of a small limit would be no band at all. */
const bandPiecesMin = 1;

/** Days of cover move by about one from look to look. */
const bandDaysMin = 1;

/** A stock-out is warned of from this probability on, and no more below the other: a forecast wavers. */
export const stockOutProbabilityRaise = 0.5;
export const stockOutProbabilityReturn = 0.35;

/**
 * A stock-out is no warning before twice the time in which an order could still prevent it (lead time + review): any
 * fast mover runs out within the horizon unless somebody orders, and an alarm that always stands is not read.
 */
export const stockOutAheadFactor = 2;

/** How far above `limit` a quantity must be for the warning to be over, in the item's unit. */
function bandOf(limit: number, unit: StockLine["stocked"]["item"]["unit"]): number {
  return Math.max(unit === "pcs" ? bandPiecesMin : 0, limit * bandPart);
}

/** Where a warning of too little is over. Not above the maximum, which it could not reach without another warning. */
export function overAbove(limit: number, { stocked }: StockLine): number {
  const { max = Number.POSITIVE_INFINITY } = stocked.policy;
  return Math.max(limit, Math.min(limit + bandOf(limit, stocked.item.unit), max));
}

/** Where a warning of too much is over. Not below what is too little. */
export function overBelow(limit: number, { stocked, reorderPoint }: StockLine): number {
  const enough = Math.max(stocked.policy.min ?? 0, reorderPoint?.value ?? 0);
  return Math.min(limit, Math.max(limit - bandOf(limit, stocked.item.unit), enough));
}

export function overDays(limitDays: number): number {
  return limitDays + Math.max(bandDaysMin, limitDays * bandPart);
}
