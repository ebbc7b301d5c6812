import { meanOf } from "./series.ts";
import type { Line } from "./smoothing.ts";

/** A season is added to the level, or multiplies it. */
export type Season = "additive" | "multiplicative";

export interface Decomposition {
  /** The centred moving average over one season; undefined at the ends. */
  readonly trend: readonly (number | undefined)[];
  /** One figure for each place in the season, the first one that of the first value; mean 0, or 1 where it multiplies. */
  readonly figure: readonly number[];
}

/** Classical decomposition, as R's decompose(). A place of which no trend is known has the figure of no season. */
export function decomposed(
  series: readonly number[],
  periods: number,
  season: Season,
): Decomposition {
  const trend = centred(series, periods);
  const adds = season === "additive";
  const seen = Array.from({ length: periods }, (): number[] => []);
  for (const [index, value] of trend.entries()) {
    const observed = series[index];
    if (value === undefined || observed === undefined) continue;
    seen[index % periods]?.push(adds ? observed - value : observed / value);
  }
  const raw = seen.map((values) => (values.length === 0 && !adds ? 1 : meanOf(values)));
  const middle = meanOf(raw);
  return { trend, figure: raw.map((value) => (adds ? value - middle : value / middle)) };
}

function centred(series: readonly number[], periods: number): readonly (number | undefined)[] {
  const half = Math.floor(periods / 2);
  const isEven = periods % 2 === 0;
  return series.map((_, index) => {
    if (index < half || index + half >= series.length) return undefined;
    let sum = 0;
    for (let offset = -half; offset <= half; offset += 1) {
      const isEnd = isEven && Math.abs(offset) === half;
      sum += (isEnd ? 0.5 : 1) * (series[index + offset] ?? 0);
    }
    return sum / periods;
  });
}

/** Least squares over positions 1, 2, ...; the level is the intercept. */
export function regression(values: readonly number[]): Line {
  const n = values.length;
  const middleX = (n + 1) / 2;
  const middleY = meanOf(values);
  let above = 0;
  let below = 0;
  for (const [index, value] of values.entries()) {
    above += (index + 1 - middleX) * (value - middleY);
    below += (index + 1 - middleX) ** 2;
  }
  const trend = below === 0 ? 0 : above / below;
  return { level: middleY - trend * middleX, trend };
}
