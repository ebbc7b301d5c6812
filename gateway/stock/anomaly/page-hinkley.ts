import { checkSeries } from "../forecast/series.ts";

export interface PageHinkleySettings {
  /** Values before the first detection. */
  readonly valuesMin: number;
  /** Change of the mean that is none, in the unit of the value. */
  readonly delta: number;
  readonly threshold: number;
  /** How much of a sum is kept from value to value. */
  readonly keep: number;
}

/** River's. */
export const pageHinkleyDefaults: PageHinkleySettings = {
  valuesMin: 30,
  delta: 0.005,
  threshold: 50,
  keep: 0.9999,
};

export interface PageHinkleyState {
  readonly count: number;
  readonly mean: number;
  readonly rise: number;
  readonly fall: number;
  readonly riseMin: number;
  readonly fallMax: number;
}

const empty: PageHinkleyState = {
  count: 0,
  mean: 0,
  rise: 0,
  fall: 0,
  riseMin: Number.MAX_VALUE,
  fallMax: -Number.MAX_VALUE,
};

/**
 * Page and Hinkley's test for a change of the mean, up or down, as river defines it: the mean of all values; sums of what is
 * above mean + delta and below mean - delta, each kept by `keep`; a change where a sum has left its extreme by more than the
 * threshold, with `valuesMin` values seen. After a change it begins with nothing.
 * @returns The state to keep; undefined after a change.
 */
export function pageHinkleyStep(
  settings: PageHinkleySettings,
  state: PageHinkleyState | undefined,
  value: number,
): { readonly changed: boolean; readonly state?: PageHinkleyState } {
  checkSeries([value]);
  const before = state ?? empty;
  const count = before.count + 1;
  const mean = before.mean + (value - before.mean) / count;
  const off = value - mean;
  const rise = settings.keep * before.rise + off - settings.delta;
  const fall = settings.keep * before.fall + off + settings.delta;
  const riseMin = Math.min(before.riseMin, rise);
  const fallMax = Math.max(before.fallMax, fall);
  const most = Math.max(rise - riseMin, fallMax - fall);
  if (count >= settings.valuesMin && most > settings.threshold) return { changed: true };
  return { changed: false, state: { count, mean, rise, fall, riseMin, fallMax } };
}
