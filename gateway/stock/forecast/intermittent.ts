/**
 * Forecasts of demand that is 0 in most periods. Programs differ under the same name: each definition is pinned.
 * Sources: Croston 1972; Syntetos and Boylan 2005; Shale, Boylan and Johnston 2006; Teunter, Syntetos and Babai 2011.
 */
import { checkDemand, checkWeights, meanOf } from "./series.ts";

/** The demands of a series, and the periods from each to the one before it (the first: from the start). */
export interface Decomposed {
  readonly sizes: readonly number[];
  readonly intervals: readonly number[];
}

/** @throws RangeError for NaN, infinity and negative numbers. */
export function decompose(series: readonly number[]): Decomposed {
  checkDemand(series);
  const sizes: number[] = [];
  const intervals: number[] = [];
  let last = -1;
  for (const [index, demand] of series.entries()) {
    if (demand === 0) continue;
    sizes.push(demand);
    intervals.push(index - last);
    last = index;
  }
  return { sizes, intervals };
}

export type CrostonVariant = "croston" | "sba" | "sbj";

export interface CrostonSettings {
  readonly variant: CrostonVariant;
  /** Smoothing of sizes and of intervals, 0-1. */
  readonly sizeWeight: number;
  readonly intervalWeight: number;
  /** Where the interval starts: at the first one (default) or at the mean of all. The size starts at the first. */
  readonly start?: "first" | "mean";
}

/**
 * Demand a period by Croston's method: size / interval, both smoothed at demands only; the first demand starts both and
 * smooths nothing. `sba` multiplies by 1 - w/2 and `sbj` by 1 - w/(2 - w), w the weight of intervals. 0 without any demand.
 * The same as R's forecast 9.0 (`init` naive and mean) and tsintermittent 1.10 (`init.opt` false).
 */
export function croston(series: readonly number[], settings: CrostonSettings): number {
  const { sizeWeight, intervalWeight, start = "first" } = settings;
  checkWeights(sizeWeight, intervalWeight);
  const { sizes, intervals } = decompose(series);
  if (sizes.length === 0) return 0;
  const [firstInterval = 1] = intervals;
  const size = smoothed(sizes, sizeWeight, sizes[0] ?? 0);
  const from = start === "mean" ? meanOf(intervals) : firstInterval;
  return (size / smoothed(intervals, intervalWeight, from)) * correction(settings);
}

function correction({ variant, intervalWeight }: CrostonSettings): number {
  switch (variant) {
    case "croston":
      return 1;
    case "sba":
      return 1 - intervalWeight / 2;
    case "sbj":
      return 1 - intervalWeight / (2 - intervalWeight);
  }
}

/** The first value moves nothing. */
function smoothed(values: readonly number[], weight: number, start: number): number {
  let level = start;
  for (const value of values.slice(1)) level += weight * (value - level);
  return level;
}

export interface TsbSettings {
  readonly sizeWeight: number;
  readonly chanceWeight: number;
  /** Where the chance starts: `first` (default) 0 or 1 as the first period was; `mean` at demands / periods. */
  readonly start?: "first" | "mean";
}

/** What TSB knows after a series: chance of a demand in a period, and its size. */
export interface TsbState {
  readonly size: number;
  readonly chance: number;
}

/**
 * Demand a period by Teunter, Syntetos and Babai: size * chance, the chance smoothed every period, so that a dead item
 * fades. The same as tsintermittent 1.10 (`init.opt` false; `first` is its `naive`) and statsforecast (`first`).
 */
export function tsb(series: readonly number[], settings: TsbSettings): number {
  const { size, chance } = tsbState(series, settings);
  return size * chance;
}

/**
 * The size starts at the first demand, which smooths nothing; nor does the first period smooth the chance.
 * @returns size 0 and chance 0 without any demand.
 */
export function tsbState(series: readonly number[], settings: TsbSettings): TsbState {
  const { sizeWeight, chanceWeight, start = "first" } = settings;
  checkWeights(sizeWeight, chanceWeight);
  const { sizes } = decompose(series);
  const [first = 0] = series;
  const [firstSize = 0] = sizes;
  const size = smoothed(sizes, sizeWeight, firstSize);
  let chance = start === "mean" ? sizes.length / Math.max(1, series.length) : Number(first > 0);
  for (const demand of series.slice(1)) chance += chanceWeight * (Number(demand > 0) - chance);
  return { size, chance };
}
