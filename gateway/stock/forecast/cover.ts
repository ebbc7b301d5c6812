import { checkAmounts } from "./series.ts";

/** Days that (on hand - reserved) lasts at the mean demand; 0 where nothing is free, infinite without demand. */
export function daysOfCover(free: number, perDay: number): number {
  checkAmounts(perDay);
  if (!(free > 0)) return 0;
  return perDay === 0 ? Number.POSITIVE_INFINITY : free / perDay;
}

/** A delivery that is expected. */
export interface Arrival {
  readonly inDays: number;
  readonly quantity: number;
}

/**
 * Days until the stock is used up at a steady demand, deliveries counted when they come; infinite if it never is. Nothing
 * free is 0, also with a delivery later: it is out until then.
 */
export function daysToStockOut(
  free: number,
  perDay: number,
  arrivals: readonly Arrival[] = [],
): number {
  let left = free;
  let day = 0;
  for (const { inDays, quantity } of arrivals.toSorted((a, b) => a.inDays - b.inDays)) {
    const lasts = day + daysOfCover(left, perDay);
    if (lasts < inDays) return lasts;
    left += quantity - perDay * (Math.max(day, inDays) - day);
    day = Math.max(day, inDays);
  }
  return day + daysOfCover(left, perDay);
}
