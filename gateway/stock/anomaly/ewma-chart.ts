import { checkPositive, checkSeries } from "../forecast/series.ts";

export interface EwmaChartSettings {
  /** Share of the newest value, above 0, at most 1. */
  readonly weight: number;
  readonly target: number;
  readonly sd: number;
  /** Control limits in standard deviations of the smoothed value. */
  readonly width: number;
}

/** What is kept of a series: its smoothed value. */
export interface EwmaChartState {
  readonly level: number;
}

export interface EwmaChartStep extends EwmaChartState {
  readonly alarm: boolean;
}

/** Control limits as they are after a long time: target -+ width * sd * sqrt(weight / (2 - weight)). */
export function ewmaLimits({ weight, target, sd, width }: EwmaChartSettings): {
  readonly low: number;
  readonly high: number;
} {
  checkPositive(weight);
  const half = width * sd * Math.sqrt(weight / (2 - weight));
  return { low: target - half, high: target + half };
}

/**
 * EWMA control chart for a series whose mean and deviation are known (NIST/SEMATECH e-Handbook 6.3.2.4). The smoothed value
 * starts at the target; beyond a limit is an alarm, on it is none.
 */
export function ewmaStep(
  settings: EwmaChartSettings,
  state: EwmaChartState | undefined,
  value: number,
): EwmaChartStep {
  checkSeries([value]);
  const before = state?.level ?? settings.target;
  const level = before + settings.weight * (value - before);
  const { low, high } = ewmaLimits(settings);
  return { level, alarm: level > high || level < low };
}
