import { incompleteBeta, incompleteGamma, poissonTerm, type Sides } from "./gamma-function.ts";
import { normalCdf, normalQuantile, normalTail } from "./normal.ts";

/** Demand over some time, as a distribution, in the item's unit. */
export interface Demand {
  readonly mean: number;
  readonly variance: number;
  /** P(D <= x). */
  cdf(x: number): number;
  /** P(D > x): the probability that x does not last. */
  tail(x: number): number;
  /** Smallest level that lasts with probability p; Infinity at 1 where demand has no end. @throws RangeError unless 0 <= p <= 1. */
  quantile(p: number): number;
}

/** Negative demand has a probability here: it is for items whose mean is several deviations above 0. */
export function normalDemand(mean: number, variance: number): Demand {
  checkMoments(mean, variance);
  const sd = Math.sqrt(variance);
  if (sd === 0) return certainDemand(mean);
  return {
    mean,
    variance,
    cdf: (x) => normalCdf((x - mean) / sd),
    tail: (x) => normalTail((x - mean) / sd),
    quantile: (p) => mean + sd * normalQuantile(p),
  };
}

/** Demand that is known. */
export function certainDemand(mean: number): Demand {
  checkMoments(mean, 0);
  const quantile = (p: number) => {
    checkProbability(p);
    return mean;
  };
  return {
    mean,
    variance: 0,
    cdf: (x) => Number(x >= mean),
    tail: (x) => Number(x < mean),
    quantile,
  };
}

/** @param mean pieces expected in the whole time, 0 to 1e9. */
export function poissonDemand(mean: number): Demand {
  checkMoments(mean, mean);
  if (mean === 0) return certainDemand(0);
  return whole(mean, mean, (n) => {
    const { lower, upper } = incompleteGamma(n + 1, mean);
    return { lower: upper, upper: lower };
  });
}

/** From here on a negative binomial distribution is no longer told from a Poisson one by a double. */
const poissonFrom = 1e12;

/**
 * Negative binomial by its moments: r = mean^2 / (variance - mean), p = r / (r + mean). Where the variance is not above the
 * mean there is none, and it is the Poisson one.
 */
export function negativeBinomialDemand(mean: number, variance: number): Demand {
  checkMoments(mean, variance);
  const r = (mean * mean) / (variance - mean);
  if (mean === 0 || variance <= mean || r > poissonFrom * Math.max(1, mean)) {
    return poissonDemand(mean);
  }
  const success = r / (r + mean);
  const failure = mean / (r + mean);
  return whole(mean, variance, (n) => {
    const { lower, upper } = incompleteBeta(r, n + 1, success, failure);
    return { lower, upper };
  });
}

/** Gamma by its moments: demand in kg or litres, never below 0 and with a longer tail than the normal one. */
export function gammaDemand(mean: number, variance: number): Demand {
  checkMoments(mean, variance);
  if (mean === 0 || variance === 0) return certainDemand(mean);
  const shape = (mean * mean) / variance;
  const scale = variance / mean;
  const sides = (x: number) => incompleteGamma(shape, x / scale);
  return {
    mean,
    variance,
    cdf: (x) => sides(x).lower,
    tail: (x) => sides(x).upper,
    quantile: (p) => scale * gammaQuantile(shape, p),
  };
}

/** Steps of Newton's method, or of halving where it would leave the bracket; it needs a dozen. */
const stepsMax = 2_000;

function gammaQuantile(shape: number, p: number): number {
  checkProbability(p);
  if (p === 0) return 0;
  if (p === 1) return Number.POSITIVE_INFINITY;
  // Wilson and Hilferty's cube; for a small shape and probability the first term of the series.
  const cube = 1 - 1 / (9 * shape) + normalQuantile(p) / (3 * Math.sqrt(shape));
  let x = cube > 0.1 ? shape * cube ** 3 : shape * p ** (1 / shape);
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  for (let step = 0; step < stepsMax; step += 1) {
    if (x === 0) return 0;
    const { lower, upper } = incompleteGamma(shape, x);
    const error = p > 0.5 ? 1 - p - upper : lower - p;
    if (error === 0) return x;
    if (error < 0) low = x;
    else high = x;
    const next = x - (error * x) / (shape * poissonTerm(shape, x));
    const isInside = next > low && next < high;
    const middle = high === Number.POSITIVE_INFINITY ? 2 * x : (low + high) / 2;
    const to = isInside ? next : middle;
    if (Math.abs(to - x) <= 1e-15 * x) return to;
    x = to;
  }
  return x;
}

/** A distribution of whole pieces. @param sidesOf `lower` P(D <= n), `upper` P(D > n). */
function whole(mean: number, variance: number, sidesOf: (n: number) => Sides): Demand {
  return {
    mean,
    variance,
    cdf: (x) => (x < 0 ? 0 : sidesOf(Math.floor(x)).lower),
    tail: (x) => (x < 0 ? 1 : sidesOf(Math.floor(x)).upper),
    quantile(p) {
      checkProbability(p);
      if (p === 1) return Number.POSITIVE_INFINITY;
      const lasts = lastsWith(p, sidesOf);
      const guess = Math.floor(mean + Math.sqrt(variance) * (p === 0 ? -1 : normalQuantile(p)));
      return smallest(lasts, Math.max(0, guess));
    },
  };
}

/** Whether a level lasts with probability `p`; a last digit must not ask for one piece more. */
function lastsWith(p: number, sidesOf: (n: number) => Sides): (n: number) => boolean {
  if (p <= 0.5) return (n) => sidesOf(n).lower >= p * (1 - 64 * Number.EPSILON);
  const most = (1 - p) * (1 + 64 * Number.EPSILON) + Number.EPSILON / 2;
  return (n) => sidesOf(n).upper <= most;
}

/** The smallest whole number >= 0 that passes, looked for around a guess >= 0; all above it pass too. */
function smallest(passes: (n: number) => boolean, guess: number): number {
  let low = guess;
  let high = guess;
  if (passes(guess)) {
    for (let step = 1; low >= 0 && passes(low); step *= 2) {
      high = low;
      low = high === 0 ? -1 : Math.max(0, high - step);
    }
  } else {
    for (let step = 1; !passes(high); step *= 2) {
      low = high;
      high += step;
    }
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (passes(middle)) high = middle;
    else low = middle;
  }
  return high;
}

export function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`probability ${p}`);
}

function checkMoments(mean: number, variance: number): void {
  if (!(Number.isFinite(mean) && mean >= 0)) throw new RangeError(`mean demand ${mean}`);
  if (!(Number.isFinite(variance) && variance >= 0)) throw new RangeError(`variance ${variance}`);
}
