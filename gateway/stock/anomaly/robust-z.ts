import { checkSeries, meanOf } from "../forecast/series.ts";

/** 0.75 quantile of the standard normal distribution, as Iglewicz and Hoaglin round it. */
const normalQuartile = 0.6745;
/** Ratio of standard deviation to mean deviation of a normal distribution. */
const meanDeviationFactor = 1.253314;
/** Beyond it a value is an outlier. */
export const outlierFrom = 3.5;

/**
 * How far off each value is in robust standard deviations: 0.6745 (x - median) / MAD (Iglewicz and Hoaglin 1993). Where more
 * than half of the values are the same, the MAD is 0: then (x - median) / (1.253314 * mean deviation), and 0 where all are.
 */
export function modifiedZ(values: readonly number[]): readonly number[] {
  checkSeries(values);
  const middle = medianOf(values);
  const deviations = values.map((value) => Math.abs(value - middle));
  const spread = medianOf(deviations);
  if (spread > 0) return values.map((value) => (normalQuartile * (value - middle)) / spread);
  const meanSpread = meanOf(deviations);
  if (meanSpread === 0) return values.map(() => 0);
  return values.map((value) => (value - middle) / (meanDeviationFactor * meanSpread));
}

/** Mean of the two in the middle of an even number; NaN of nothing. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}
