/** Forecasts of series with a value in most periods, as R's forecast 8.20 defines them. */
import { minimum } from "./minimum.ts";
import { checkSeries, checkWeights } from "./series.ts";

/** Simple exponential smoothing from the first value on; the same for every period ahead. 0 of nothing. */
export function ses(series: readonly number[], weight: number): number {
  return sesRun(series, weight).level;
}

export interface SesRun {
  readonly level: number;
  /** Sum of squared one-step errors. */
  readonly squares: number;
}

/** Simple smoothing and how well it fits; the first value is the start and no error. */
export function sesRun(series: readonly number[], weight: number): SesRun {
  checkSeries(series);
  checkWeights(weight);
  let [level = 0] = series;
  let squares = 0;
  for (const value of series.slice(1)) {
    squares += (value - level) ** 2;
    level += weight * (value - level);
  }
  return { level, squares };
}

/** Bounds of a weight that is chosen, as R's `ses` has them. */
export const weightBounds = { from: 1e-4, to: 0.9999 } as const;

/**
 * Simple smoothing from the first value, its weight the one of the least squared one-step error within the bounds, by
 * golden section in the best twentieth of the range.
 */
export function optimalSes(
  series: readonly number[],
  { from, to }: { readonly from: number; readonly to: number } = weightBounds,
): SesRun & { readonly weight: number } {
  const weight = minimum((w) => sesRun(series, w).squares, from, to);
  return { ...sesRun(series, weight), weight };
}

export interface Line {
  readonly level: number;
  /** Change a period. */
  readonly trend: number;
}

/**
 * Holt's linear trend; the forecast h periods ahead is level + h * trend. The level starts at the first value, before it
 * is smoothed in; the trend at the first difference, 0 of a single value.
 */
export function holt(series: readonly number[], levelWeight: number, trendWeight: number): Line {
  checkSeries(series);
  checkWeights(levelWeight, trendWeight);
  const [first = 0, second = first] = series;
  let level = first;
  let trend = second - first;
  for (const value of series) {
    const before = level;
    level = levelWeight * value + (1 - levelWeight) * (before + trend);
    trend = trendWeight * (level - before) + (1 - trendWeight) * trend;
  }
  return { level, trend };
}
