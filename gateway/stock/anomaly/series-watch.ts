import { type EwmaZSettings, type EwmaZState, ewmaZStep } from "./ewma-z.ts";

export interface SeriesWatchSettings {
  /** Judges values: deviations off the mean from which it is an anomaly. */
  readonly level: EwmaZSettings & { readonly limit: number };
  /** Judges changes from value to value. */
  readonly jump: EwmaZSettings & { readonly limit: number };
  /** Values after an anomaly in which there is no other: one failure is told once. */
  readonly refractory: number;
}

const base = { warmUp: 100, clip: 3, floor: 0.01 } as const;

/**
 * A level that remembers some 2,000 values and is judged at the usual three deviations; changes that remember 200 and are
 * judged where even heavy tails rarely reach; quiet for 200 values.
 */
export const seriesWatchDefaults: SeriesWatchSettings = {
  level: { ...base, weight: 0.0005, limit: 3 },
  jump: { ...base, weight: 0.005, limit: 8 },
  refractory: 200,
};

/** All that is kept of a series: a dozen numbers, plain JSON. */
export interface SeriesWatchState {
  readonly level: EwmaZState;
  readonly jump?: EwmaZState;
  readonly last: number;
  /** Values that are left of the refractory time. */
  readonly quiet: number;
}

export interface SeriesWatchStep {
  readonly anomaly?: "level" | "jump";
  /** How far beyond its limit the worse of the two is; 1 on it. Told in the refractory time too. */
  readonly score: number;
  readonly state: SeriesWatchState;
}

/** Looks for spikes, jumps and shifts of level in a measured series, one value at a time. */
export function seriesWatchStep(
  settings: SeriesWatchSettings,
  state: SeriesWatchState | undefined,
  value: number,
): SeriesWatchStep {
  const level = ewmaZStep(settings.level, state?.level, value);
  const jump =
    state === undefined ? undefined : ewmaZStep(settings.jump, state.jump, value - state.last);
  const byLevel = Math.abs(level.z) / settings.level.limit;
  const byJump = Math.abs(jump?.z ?? 0) / settings.jump.limit;
  const score = Math.max(byLevel, byJump);
  const left = Math.max(0, (state?.quiet ?? 0) - 1);
  const isAnomaly = score > 1 && left === 0;
  return {
    ...(isAnomaly ? { anomaly: byJump > byLevel ? "jump" : "level" } : {}),
    score,
    state: {
      level: level.state,
      ...(jump === undefined ? {} : { jump: jump.state }),
      last: value,
      quiet: isAnomaly ? settings.refractory : left,
    },
  };
}
