/**
 * Checks a series of any numbers, oldest first.
 * @throws RangeError for NaN and infinity: a code or a gap is not a number.
 */
export function checkSeries(series: readonly number[]): void {
  const bad = series.findIndex((value) => !Number.isFinite(value));
  if (bad !== -1) throw new RangeError(`value ${bad} of the series is ${series[bad]}`);
}

/**
 * Checks demand by period, oldest first: 0 where nothing was taken.
 * @throws RangeError for NaN, infinity and negative numbers: what is put back is no demand.
 */
export function checkDemand(series: readonly number[]): void {
  checkSeries(series);
  const bad = series.findIndex((value) => value < 0);
  if (bad !== -1) throw new RangeError(`demand ${bad} of the series is ${series[bad]}`);
}

/** @throws RangeError unless 0 <= weight <= 1. */
export function checkWeights(...weights: readonly number[]): void {
  for (const weight of weights) {
    if (!(weight >= 0 && weight <= 1)) throw new RangeError(`smoothing weight ${weight}`);
  }
}

/** Arithmetic mean; 0 of nothing. */
export function meanOf(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

/** @throws RangeError unless all are finite and not below 0. */
export function checkAmounts(...amounts: readonly number[]): void {
  for (const amount of amounts) {
    if (!(Number.isFinite(amount) && amount >= 0)) throw new RangeError(`amount ${amount}`);
  }
}

/** @throws RangeError unless all are finite and above 0. */
export function checkPositive(...amounts: readonly number[]): void {
  for (const amount of amounts) {
    if (!(Number.isFinite(amount) && amount > 0)) throw new RangeError(`amount ${amount}`);
  }
}
