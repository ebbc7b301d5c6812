import type { EpochMs } from "../../../../drivers/contract.ts";
import type { Outlook } from "../outlook.ts";
import { latticeCellsFew } from "./compound-demand.ts";
import { demandOver, momentsOfModel } from "./demand-over.ts";

type Expected = Pick<Outlook, "perDay" | "model">;

const dayMs = 86_400_000;
/** Beyond ten years nothing is said: the shelf will not be there. */
const daysAheadMax = 3_650;
/** Days of a projection on a screen. */
export const fanDaysMax = 92;
/** Where an approximation is as good as zero or one: beyond so many deviations. */
const deviationsCertain = 8;

/** Days that a quantity lasts at the mean demand. Undefined: nothing is taken, it lasts for ever. */
export function coverDays({ perDay }: Expected, quantity: number): number | undefined {
  return perDay > 0 ? Math.max(0, quantity) / perDay : undefined;
}

/** When the expected path falls below zero. Undefined: not within ten years. */
export function stockOutAt(of: Expected, quantity: number, now: EpochMs): EpochMs | undefined {
  const days = coverDays(of, quantity);
  return days === undefined || days > daysAheadMax ? undefined : Math.round(now + days * dayMs);
}

/**
 * P(demand over so many days > quantity). Cheap enough for 10,000 items in a second: what is far from the mean is not
 * convolved, and what is convolved is cut into `latticeCellsFew` steps (then within 0.03 of the exact one).
 */
export function probabilityOut({ model }: Expected, quantity: number, days: number): number {
  if (quantity < 0) return 1;
  const once = momentsOfModel(model);
  const mean = once.mean * days;
  if (!(mean > 0)) return 0;
  const reach = deviationsCertain * Math.sqrt(once.variance * days);
  const largest = model.is === "compound" ? (model.sizes.at(-1)?.[0] ?? 0) : 0;
  if (quantity > mean + reach + 2 * largest) return 0;
  if (quantity < mean - reach) return 1;
  return demandOver(model, { periods: days }, latticeCellsFew).tail(quantity);
}

/**
 * Whole days through which a quantity lasts with the given probability; `daysMax` where it lasts for longer. The day
 * after it is the first at risk.
 */
export function lastsDays(
  of: Expected,
  quantity: number,
  service: number,
  daysMax: number,
): number {
  const most = 1 - service;
  let low = 0;
  let high = Math.max(0, Math.min(daysAheadMax, Math.floor(daysMax)));
  if (!(of.perDay > 0)) return high;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (probabilityOut(of, quantity, middle) <= most) low = middle;
    else high = middle - 1;
  }
  return low;
}

export interface FanDay {
  /** Days from now, 1 the first. */
  readonly day: number;
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** What will be there day by day if nothing comes: the median and the band that holds 80 %. Never below zero. */
export function fan({ model }: Expected, quantity: number, days: number): readonly FanDay[] {
  const length = Math.max(0, Math.min(fanDaysMax, Math.floor(days)));
  const left = (taken: number) => Math.max(0, quantity - Math.max(0, taken));
  return Array.from({ length }, (_, index): FanDay => {
    const demand = demandOver(model, { periods: index + 1 }, latticeCellsFew);
    return {
      day: index + 1,
      low: left(demand.quantile(0.9)),
      median: left(demand.quantile(0.5)),
      high: left(demand.quantile(0.1)),
    };
  });
}
