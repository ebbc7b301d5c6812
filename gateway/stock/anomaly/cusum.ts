import { checkPositive, checkSeries } from "../forecast/series.ts";

export interface CusumSettings {
  readonly target: number;
  /** Half the shift that is to be found, in the unit of the value. */
  readonly slack: number;
  /** Sum at which it is one, in the unit of the value. */
  readonly limit: number;
}

export interface CusumState {
  /** What has come together above target + slack, and below target - slack; >= 0. */
  readonly high: number;
  readonly low: number;
}

export interface CusumStep extends CusumState {
  readonly alarm?: "high" | "low";
}

/**
 * Tabular CUSUM: finds a slow drift off a target, such as the zero of a scale or a lead time (NIST/SEMATECH e-Handbook
 * 6.3.2.3). The alarm stays as long as a sum is above the limit; whoever has heard it starts anew with no state.
 */
export function cusumStep(
  settings: CusumSettings,
  state: CusumState | undefined,
  value: number,
): CusumStep {
  const { target, slack, limit } = settings;
  checkSeries([value]);
  checkPositive(limit);
  const high = Math.max(0, (state?.high ?? 0) + value - target - slack);
  const low = Math.max(0, (state?.low ?? 0) + target - value - slack);
  if (high > limit) return { high, low, alarm: "high" };
  if (low > limit) return { high, low, alarm: "low" };
  return { high, low };
}
