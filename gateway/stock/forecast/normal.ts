/** The standard normal distribution to a relative 1e-14, in both tails: safety stocks are printed and compared. */

const inverseSqrt2Pi = 1 / Math.sqrt(2 * Math.PI);

/** Below it the series needs fewer terms, above it the continued fraction does and keeps the small tail's digits. */
const tailFrom = 2;
/** At `tailFrom` some 40 terms of the series and 120 of the fraction reach the last digit. */
const seriesTermsMax = 200;
const fractionTerms = 200;
/** exp(-x^2 / 2) is nothing in a double from here on. */
const tailEnd = 39;

export function normalDensity(x: number): number {
  return inverseSqrt2Pi * Math.exp(-0.5 * x * x);
}

/** P(X <= x). */
export function normalCdf(x: number): number {
  return x < 0 ? normalTail(-x) : 1 - normalTail(x);
}

/** P(X > x), with all its digits where it is small. */
export function normalTail(x: number): number {
  if (Number.isNaN(x)) return Number.NaN;
  if (x > tailFrom) return upperTail(x);
  if (x < -tailFrom) return 1 - upperTail(-x);
  // Abramowitz and Stegun 26.2.11.
  let term = x;
  let sum = x;
  for (let n = 1; n < seriesTermsMax && Math.abs(term) > 1e-18; n += 1) {
    term *= (x * x) / (2 * n + 1);
    sum += term;
  }
  return 0.5 - normalDensity(x) * sum;
}

function upperTail(x: number): number {
  if (x > tailEnd) return 0;
  // Abramowitz and Stegun 26.2.14, from the inside out.
  let fraction = 0;
  for (let n = fractionTerms; n >= 1; n -= 1) fraction = n / (x + fraction);
  return normalDensity(x) / (x + fraction);
}

/** Rounds of Halley's method: each triples the digits of a guess that has three. */
const roundsMax = 6;

/**
 * x with P(X <= x) = p; -Infinity at 0, Infinity at 1.
 * @throws RangeError unless 0 <= p <= 1.
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`probability ${p}`);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (p === 0.5) return 0;
  if (p > 0.5) return -normalQuantile(1 - p);
  let x = firstGuess(p);
  for (let round = 0; round < roundsMax; round += 1) {
    // As a share of p: far out in the tail the density has lost its digits before the quotient does.
    const error = (normalCdf(x) - p) / normalDensity(x);
    const step = error / (1 + (x * error) / 2);
    x -= step;
    if (Math.abs(step) <= 1e-15 * Math.abs(x)) break;
  }
  return x;
}

/** Abramowitz and Stegun 26.2.23, to 4.5e-4, for p <= 0.5. */
function firstGuess(p: number): number {
  const t = Math.sqrt(-2 * Math.log(p));
  const top = 2.515517 + t * (0.802853 + t * 0.010328);
  const bottom = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return top / bottom - t;
}

/** Expected part of X above k: E[(X - k)+], the standard loss function. */
export function normalLoss(k: number): number {
  return normalDensity(k) - k * normalTail(k);
}

/** Loss of the second order: E[((X - k)+)^2] / 2. */
export function normalLoss2(k: number): number {
  return 0.5 * ((k * k + 1) * normalTail(k) - k * normalDensity(k));
}
