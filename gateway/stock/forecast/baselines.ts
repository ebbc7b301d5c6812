/** The forecasts that any other has to beat, as R's forecast defines them; the next period first. */
import { checkSeries, meanOf } from "./series.ts";

/** The last value. */
export function naive(series: readonly number[]): number {
  checkSeries(series);
  return series.at(-1) ?? 0;
}

/** The value one season of `periods` before; 0 where the series is shorter. */
export function seasonalNaive(
  series: readonly number[],
  periods: number,
  ahead: number,
): readonly number[] {
  checkSeries(series);
  const from = series.length - periods;
  return Array.from({ length: ahead }, (_, step) => series[from + (step % periods)] ?? 0);
}

/** On along the line from the first value to the last. */
export function drifted(series: readonly number[], ahead: number): readonly number[] {
  const last = naive(series);
  const [first = last] = series;
  const slope = (last - first) / Math.max(1, series.length - 1);
  return Array.from({ length: ahead }, (_, step) => last + slope * (step + 1));
}

/** The mean of all. */
export function average(series: readonly number[]): number {
  checkSeries(series);
  return meanOf(series);
}
