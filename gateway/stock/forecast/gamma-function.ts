/**
 * Incomplete gamma and beta functions, both sides of each with their digits, for parameters from 1e-9 to 1e9. The factor in
 * front is of Loader's kind ("Fast and accurate computation of binomial probabilities", 2000): a deviance and Stirling's
 * error instead of differences of large logarithms.
 */

/** The parts below and above a point; they sum to one. */
export interface Sides {
  readonly lower: number;
  readonly upper: number;
}

const log2Pi = Math.log(2 * Math.PI);
const epsilon = 1e-16;
/** Terms needed are some ten times the root of the parameter: this is enough for 1e9. */
const termsMax = 1_000_000;
/** Keeps a continued fraction off a division by zero. */
const tiny = 1e-300;
/** From here on five terms of Stirling's series are exact in a double. */
const stirlingFrom = 16;

/** log(n!) without Stirling's formula: lgamma(n + 1) - (n + 1/2) log n + n - log(2 pi) / 2, for n > 0. */
function stirlingError(n: number): number {
  let error = 0;
  let m = n;
  for (; m < stirlingFrom; m += 1) error += (m + 0.5) * Math.log1p(1 / m) - 1;
  const square = m * m;
  const series =
    (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) /
    m;
  return error + series;
}

/** x log(x / mean) + mean - x, also where the two are close. */
function deviance(x: number, mean: number): number {
  const apart = (x - mean) / (x + mean);
  if (Math.abs(apart) >= 0.1) return x * Math.log(x / mean) + mean - x;
  let sum = (x - mean) * apart;
  let term = 2 * x * apart;
  for (let n = 3; ; n += 2) {
    term *= apart * apart;
    const next = sum + term / n;
    if (next === sum) return sum;
    sum = next;
  }
}

/** mean^x e^-mean / Gamma(x + 1), x >= 0 and not only whole: the Poisson probability. */
export function poissonTerm(x: number, mean: number): number {
  if (mean === 0) return Number(x === 0);
  if (x === 0) return Math.exp(-mean);
  return Math.exp(-stirlingError(x) - deviance(x, mean) - (log2Pi + Math.log(x)) / 2);
}

/** Regularised incomplete gamma function of a > 0 at x >= 0: `lower` is P(a, x), `upper` Q(a, x). */
export function incompleteGamma(a: number, x: number): Sides {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (x === Number.POSITIVE_INFINITY) return { lower: 1, upper: 0 };
  const factor = poissonTerm(a, x);
  if (x < a + 1) {
    let term = 1;
    let sum = 1;
    for (let n = 1; n < termsMax && term > epsilon * sum; n += 1) {
      term *= x / (a + n);
      sum += term;
    }
    const lower = Math.min(1, factor * sum);
    return { lower, upper: 1 - lower };
  }
  // Abramowitz and Stegun 6.5.31 by Lentz's method.
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < termsMax; n += 1) {
    const top = n * (a - n);
    b += 2;
    d = 1 / (top * d + b || tiny);
    c = b + top / c || tiny;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < epsilon * 4) break;
  }
  const upper = Math.min(1, factor * a * fraction);
  return { lower: 1 - upper, upper };
}

/** Regularised incomplete beta function of a, b > 0 at x, y = 1 - x given besides: `lower` is I_x(a, b). */
export function incompleteBeta(a: number, b: number, x: number, y: number): Sides {
  if (x <= 0) return { lower: 0, upper: 1 };
  if (y <= 0) return { lower: 1, upper: 0 };
  if (x > (a + 1) / (a + b + 2)) {
    const upper = betaBelowMean(b, a, y, x);
    return { lower: 1 - upper, upper };
  }
  const lower = betaBelowMean(a, b, x, y);
  return { lower, upper: 1 - lower };
}

/** Abramowitz and Stegun 26.5.8 by Lentz's method; it converges for x below (a + 1) / (a + b + 2). */
function betaBelowMean(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  const log =
    stirlingError(n) -
    stirlingError(a) -
    stirlingError(b) -
    deviance(a, n * x) -
    deviance(b, n * y) +
    (Math.log(b) - Math.log(a) - Math.log(n) - log2Pi) / 2;
  let c = 1;
  let d = 1 / (1 - (n * x) / (a + 1) || tiny);
  let fraction = d;
  for (let m = 1; m < termsMax; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / (1 + even * d || tiny);
    c = 1 + even / c || tiny;
    fraction *= c * d;
    const odd = (-(a + m) * (n + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / (1 + odd * d || tiny);
    c = 1 + odd / c || tiny;
    fraction *= c * d;
    if (Math.abs(c * d - 1) < epsilon * 4) break;
  }
  return Math.min(1, Math.exp(log) * fraction);
}
