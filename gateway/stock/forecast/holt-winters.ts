/** Holt and Winters' smoothing with a season, as R 4.2's HoltWinters() defines it. */
import { checkSeries, checkWeights, meanOf } from "./series.ts";
import type { Line } from "./smoothing.ts";

export interface SeasonalSettings {
  readonly periods: number;
  readonly seasonal: "additive" | "multiplicative";
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
  const first = series.slice(0, startSeasons * periods);
  const trendLine = centred(first, periods);
  const adds = seasonal === "additive";
  const known = trendLine.flatMap((value, index) =>
    value === undefined ? [] : [{ index, value }],
  );
  const sums = Array.from({ length: periods }, () => ({ sum: 0, count: 0 }));
  for (const { index, value } of known) {
    const observed = first[index] ?? 0;
    const cell = sums[index % periods];
    if (cell === undefined) continue;
    cell.sum += adds ? observed - value : observed / value;
    cell.count += 1;
  }
  const raw = sums.map(({ sum, count }) => (count === 0 ? (adds ? 0 : 1) : sum / count));
  const middle = meanOf(raw);
  const season = raw.map((figure) => (adds ? figure - middle : figure / middle));
  const line = regression(known.map(({ value }) => value));
  return { level: line.level, trend: line.trend, season };
}

/** The centred moving average over one season; undefined at the ends. */
function centred(series: readonly number[], periods: number): readonly (number | undefined)[] {
  const half = Math.floor(periods / 2);
  const even = periods % 2 === 0;
  return series.map((_, index) => {
    if (index < half || index + half >= series.length) return undefined;
    let sum = 0;
    for (let offset = -half; offset <= half; offset += 1) {
      const isEnd = even && Math.abs(offset) === half;
      sum += (isEnd ? 0.5 : 1) * (series[index + offset] ?? 0);
    }
    return sum / periods;
  });
}

/** Least squares over positions 1, 2, ...; the level is the intercept. */
function regression(values: readonly number[]): Line {
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
