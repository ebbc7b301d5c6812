/** The Theta method (Assimakopoulos and Nikolopoulos 2000; Hyndman and Billah 2003), as R's thetaf(). */
import { decomposed, regression } from "./decomposition.ts";
import { simplexMinimum } from "./nelder-mead.ts";
import { normalQuantile } from "./normal.ts";
import { checkSeries, meanOf } from "./series.ts";
import { weightBounds } from "./smoothing.ts";

export interface Theta {
  /** Weight of the simple smoothing. */
  readonly weight: number;
  /** Half the slope of the straight line through the series, a period. */
  readonly drift: number;
  /** The periods ahead, the next one first. Not clipped: a falling series forecasts below 0. */
  readonly forecasts: readonly number[];
}

/** Figures nearer to 0 than this divide nothing: then there is no season. */
const figureMin = 1e-4;

/**
 * Simple smoothing with drift. With a season of `periods` that is significant (autocorrelation at 90 %) and more than two
 * seasons of values, the series is divided by its season before and multiplied after. Weight and start of the smoothing are
 * those of the least squared error (`fittedSes`).
 */
export function theta(series: readonly number[], ahead: number, periods = 1): Theta {
  checkSeries(series);
  const n = series.length;
  if (n === 0) return { weight: 0, drift: 0, forecasts: new Array<number>(ahead).fill(0) };
  const figure = seasonOf(series, periods);
  const plain = series.map((value, index) => value / (figure[index % figure.length] ?? 1));
  const { weight, level } = fittedSes(plain);
  const drift = regression(plain).trend / 2;
  const forecasts = Array.from({ length: ahead }, (_, step) => {
    const line = level + drift * (step + (1 - (1 - weight) ** n) / weight);
    return line * (figure[(n + step) % figure.length] ?? 1);
  });
  return { weight, drift, forecasts };
}

/** [1] where there is no season. */
function seasonOf(series: readonly number[], periods: number): readonly number[] {
  if (!(Number.isInteger(periods) && periods >= 1)) throw new RangeError(`${periods} periods`);
  if (periods === 1 || series.length <= 2 * periods || !isSeasonal(series, periods)) return [1];
  const { figure } = decomposed(series, periods, "multiplicative");
  return figure.every((value) => Math.abs(value) >= figureMin) ? figure : [1];
}

function isSeasonal(series: readonly number[], periods: number): boolean {
  const mean = meanOf(series);
  const covariance = (lag: number) => {
    let sum = 0;
    for (let index = lag; index < series.length; index += 1) {
      sum += ((series[index] ?? 0) - mean) * ((series[index - lag] ?? 0) - mean);
    }
    return sum;
  };
  const variance = covariance(0);
  if (variance === 0) return false;
  let squares = 0;
  for (let lag = 1; lag < periods; lag += 1) squares += (covariance(lag) / variance) ** 2;
  const deviation = Math.sqrt((1 + 2 * squares) / series.length);
  return Math.abs(covariance(periods) / variance) / deviation > normalQuantile(0.95);
}

interface FittedSes {
  readonly weight: number;
  readonly start: number;
  readonly level: number;
  /** Sum of squared one-step errors, the first value's with them. */
  readonly squares: number;
}

/** As R's ets() starts and ends its search. */
const startValues = 10;
const startWeight = 0.2;
const search = { tolerance: Math.sqrt(Number.EPSILON), evaluationsMax: 2_000 } as const;
/** The logarithm of an error of nothing is cut here. */
const criterionMin = -1e10;

/**
 * Simple smoothing whose weight and start are those of the least squared error, as R's ses(): by simplex search of
 * n log(squares) from 0.2 of the weight's range and the mean of the first ten values. All values the same: that value.
 */
export function fittedSes(series: readonly number[]): FittedSes {
  checkSeries(series);
  const { from, to } = weightBounds;
  const [first = 0] = series;
  if (series.every((value) => value === first)) {
    return { weight: to, start: first, level: first, squares: 0 };
  }
  const criterion = ([weight = 0, start = 0]: readonly number[]) => {
    if (weight < from || weight > to) return Number.POSITIVE_INFINITY;
    const { squares } = smoothedFrom(series, weight, start);
    return Math.max(criterionMin, series.length * Math.log(squares));
  };
  const begin = [from + startWeight * (to - from), meanOf(series.slice(0, startValues))];
  const [weight = to, start = first] = simplexMinimum(criterion, begin, search);
  return smoothedFrom(series, weight, start);
}

function smoothedFrom(series: readonly number[], weight: number, start: number): FittedSes {
  let level = start;
  let squares = 0;
  for (const value of series) {
    const error = value - level;
    squares += error * error;
    level += weight * error;
  }
  return { weight, start, level, squares };
}
