import { checkSeries } from "../forecast/series.ts";

export interface EwmaZSettings {
  /** Share of the newest value in mean and variance, above 0, at most 1: 0.0005 remembers some 2,000 values. */
  readonly weight: number;
  /** Values before the first judgement; mean and variance are plain ones till then. */
  readonly warmUp: number;
  /** A value moves mean and variance as if it were at most so many deviations off: an outlier does not hide the next. */
  readonly clip: number;
  /** The deviation is at least this part of the range that was seen: a series that stood still does not alarm at a digit. */
  readonly floor: number;
}

/** All that is kept of a series. */
export interface EwmaZState {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
  readonly least: number;
  readonly most: number;
}

export interface EwmaZStep {
  /** How many deviations the value is off the mean that was before it; 0 during warm-up. */
  readonly z: number;
  readonly state: EwmaZState;
}

/**
 * Judges a value by the exponentially weighted mean and variance of those before it. A series that never changed has no
 * deviation: its first other value sets the range, and is told as `clip` deviations off.
 */
export function ewmaZStep(
  settings: EwmaZSettings,
  state: EwmaZState | undefined,
  value: number,
): EwmaZStep {
  checkSeries([value]);
  const { count, mean, variance } = state ?? { count: 0, mean: 0, variance: 0 };
  const least = Math.min(state?.least ?? value, value);
  const most = Math.max(state?.most ?? value, value);
  const off = value - mean;
  if (count < settings.warmUp) {
    const next = mean + off / (count + 1);
    const spread = variance + (off * (value - next) - variance) / (count + 1);
    return { z: 0, state: { count: count + 1, mean: next, variance: spread, least, most } };
  }
  const before = (state?.most ?? value) - (state?.least ?? value);
  const deviation = Math.max(Math.sqrt(variance), settings.floor * before);
  if (deviation === 0) {
    const z = off === 0 ? 0 : Math.sign(off) * settings.clip;
    const moved = settings.weight * off;
    const spread = settings.weight * off * off;
    return { z, state: { count, mean: mean + moved, variance: spread, least, most } };
  }
  const clipped = Math.max(-settings.clip * deviation, Math.min(settings.clip * deviation, off));
  return {
    z: off / deviation,
    state: {
      count,
      mean: mean + settings.weight * clipped,
      variance: (1 - settings.weight) * (variance + settings.weight * clipped * clipped),
      least,
      most,
    },
  };
}
