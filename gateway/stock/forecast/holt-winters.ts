/** Holt and Winters' smoothing with a season, as R 4.2's HoltWinters() defines it. */
import { decomposed, regression, type Season } from "./decomposition.ts";
import { checkSeries, checkWeights } from "./series.ts";
import type { Line } from "./smoothing.ts";

export interface SeasonalSettings {
  readonly periods: number;
  readonly seasonal: Season;
  readonly levelWeight: number;
  readonly trendWeight: number;
  readonly seasonWeight: number;
}

export interface Seasonal extends Line {
  /** Figures of the coming periods, the next one first. */
  readonly season: readonly number[];
  /** Sum of squared one-step errors. */
  readonly squares: number;
}

/** Holt-Winters with the start of R's HoltWinters(): decomposition of the first seasons. */
export function holtWinters(series: readonly number[], settings: SeasonalSettings): Seasonal {
  const { periods, seasonal, levelWeight, trendWeight, seasonWeight } = settings;
  checkSeries(series);
  checkWeights(levelWeight, trendWeight, seasonWeight);
  checkSeason(series, settings);
  const start = startOf(series, periods, seasonal);
  const adds = seasonal === "additive";
  let { level, trend } = start;
  const season = [...start.season];
  let squares = 0;
  for (const [index, value] of series.slice(periods).entries()) {
    const place = index % periods;
    const figure = season[place] ?? 0;
    const fitted = adds ? level + trend + figure : (level + trend) * figure;
    squares += (value - fitted) ** 2;
    const before = level;
    const plain = adds ? value - figure : value / figure;
    level = levelWeight * plain + (1 - levelWeight) * (before + trend);
    trend = trendWeight * (level - before) + (1 - trendWeight) * trend;
    const seen = adds ? value - level : value / level;
    season[place] = seasonWeight * seen + (1 - seasonWeight) * figure;
  }
  const next = (series.length - periods) % periods;
  return { level, trend, season: [...season.slice(next), ...season.slice(0, next)], squares };
}

function checkSeason(series: readonly number[], { periods, seasonal }: SeasonalSettings): void {
  if (!(Number.isInteger(periods) && periods >= 2)) throw new RangeError(`${periods} periods`);
  if (series.length < startSeasons * periods) throw new RangeError("less than two seasons");
  if (seasonal === "multiplicative" && !series.every((value) => value > 0)) {
    throw new RangeError("a season that multiplies needs values above 0");
  }
}

/** The forecast `ahead` periods on, 1 the next. */
export function seasonalAhead(of: Seasonal, settings: SeasonalSettings, ahead: number): number {
  const line = of.level + ahead * of.trend;
  const figure = of.season[(ahead - 1) % settings.periods] ?? 0;
  return settings.seasonal === "additive" ? line + figure : line * figure;
}

/** Seasons that the start is taken from. */
const startSeasons = 2;

function startOf(
  series: readonly number[],
  periods: number,
  seasonal: SeasonalSettings["seasonal"],
): Line & { readonly season: readonly number[] } {
  const { trend, figure } = decomposed(series.slice(0, startSeasons * periods), periods, seasonal);
  const known = trend.flatMap((value) => (value === undefined ? [] : [value]));
  return { ...regression(known), season: figure };
}
