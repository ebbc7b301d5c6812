import { checkProbability, type Demand, lastsWith } from "./demand.ts";

/** Cells of a convolved distribution; more, and the steps between its quantities become larger. 2,000 cost some ms. */
export const cellsMax = 2_000;

/** A cell at the end below this is cut: a thousand of them are still nothing beside a service level. */
const negligible = 1e-18;

/**
 * A distribution of 0, 1, 2, ... steps.
 * @param probabilities P(D = index * step); they sum to one.
 * @throws RangeError for a negative probability or a sum that is not one.
 */
export function discreteDemand(probabilities: readonly number[], step = 1): Demand {
  checkProbabilities(probabilities);
  // Each summed from its own end, where the small ones are: both sides keep their digits.
  const above = new Float64Array(probabilities.length);
  const below = new Float64Array(probabilities.length);
  let mean = 0;
  for (let n = probabilities.length - 2; n >= 0; n -= 1) {
    above[n] = (above[n + 1] ?? 0) + (probabilities[n + 1] ?? 0);
  }
  for (const [n, probability] of probabilities.entries()) {
    below[n] = (below[n - 1] ?? 0) + probability;
    mean += probability * n * step;
  }
  let variance = 0;
  for (const [n, probability] of probabilities.entries()) {
    variance += probability * (n * step - mean) ** 2;
  }
  // 3 * 0.1 is above 0.3, and 0.3 of something must not be short of its own cell.
  const cellOf = (x: number) => Math.floor((x / step) * (1 + 4 * Number.EPSILON));
  return {
    mean,
    variance,
    cdf: (x) => (x < 0 ? 0 : (below[cellOf(x)] ?? 1)),
    tail: (x) => (x < 0 ? 1 : (above[cellOf(x)] ?? 0)),
    quantile(p) {
      checkProbability(p);
      const lasts = lastsWith(p, (n) => ({ lower: below[n] ?? 1, upper: above[n] ?? 0 }));
      let low = -1;
      let high = probabilities.length - 1;
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (lasts(middle)) high = middle;
        else low = middle;
      }
      return high * step;
    },
  };
}

function checkProbabilities(probabilities: readonly number[]): void {
  let sum = 0;
  for (const probability of probabilities) {
    if (!(probability >= 0)) throw new RangeError(`probability ${probability}`);
    sum += probability;
  }
  if (!(Math.abs(sum - 1) < 1e-6)) throw new RangeError(`probabilities sum to ${sum}`);
}

/** What one demand can be, each with its probability; they sum to one. */
export type Sizes = readonly (readonly [size: number, probability: number])[];

/**
 * In each period something is taken with probability `chance`, of one of `sizes`; summed over `periods` by exact
 * convolution. A part of a period has that part of the chance. Sizes that are not whole, or too large for `cellsMax`, are
 * split onto the two cells beside them, so that the mean stays.
 * @throws RangeError for probabilities outside 0-1, sizes not above 0, periods below 0.
 */
export function compoundDemand(chance: number, sizes: Sizes, periods: number): Demand {
  const { cells, step } = compoundCells(chance, sizes, periods);
  return discreteDemand(cells, step);
}

/**
 * @param steps How far apart the quantities are; as far as `cellsMax` asks for by default.
 * @returns P(D = index * step).
 */
export function compoundCells(
  chance: number,
  sizes: Sizes,
  periods: number,
  steps?: number,
): { readonly cells: readonly number[]; readonly step: number } {
  checkProbability(chance);
  checkSizes(sizes);
  if (!(Number.isFinite(periods) && periods >= 0)) throw new RangeError(`${periods} periods`);
  if (chance === 0 || periods === 0 || sizes.length === 0) {
    return { cells: [1], step: steps ?? 1 };
  }
  const step = steps ?? stepOf(chance, sizes, periods);
  const whole = Math.floor(periods);
  const all = power(onePeriod(chance, sizes, step), whole);
  const rest = onePeriod(chance * (periods - whole), sizes, step);
  return { cells: periods === whole ? all : convolve(all, rest), step };
}

function checkSizes(sizes: Sizes): void {
  let sum = 0;
  for (const [size, probability] of sizes) {
    if (!(Number.isFinite(size) && size > 0)) throw new RangeError(`size ${size}`);
    checkProbability(probability);
    sum += probability;
  }
  if (sizes.length > 0 && Math.abs(sum - 1) > 1e-6) throw new RangeError(`sizes sum to ${sum}`);
}

/** Deviations above the mean that the cells must reach, beside the largest sizes in a row. */
const reach = 12;

function stepOf(chance: number, sizes: Sizes, periods: number): number {
  const largest = Math.max(...sizes.map(([size]) => size));
  const mean = sizes.reduce((sum, [size, p]) => sum + size * p, 0) * chance * periods;
  const square = sizes.reduce((sum, [size, p]) => sum + size * size * p, 0) * chance * periods;
  const end = Math.min(
    largest * Math.ceil(periods),
    mean + reach * Math.sqrt(square) + reach * largest,
  );
  const areWhole = sizes.every(([size]) => Number.isInteger(size));
  if (areWhole && end < cellsMax) return 1;
  const exact = end / (cellsMax - 1);
  return areWhole ? Math.ceil(exact) : exact;
}

function onePeriod(chance: number, sizes: Sizes, step: number): readonly number[] {
  const largest = Math.max(...sizes.map(([size]) => size));
  const cells = new Array<number>(Math.ceil(largest / step) + 1).fill(0);
  const add = (cell: number, probability: number) => {
    cells[cell] = (cells[cell] ?? 0) + probability;
  };
  add(0, 1 - chance);
  for (const [size, probability] of sizes) {
    const cell = Math.floor(size / step);
    const part = size / step - cell;
    add(cell, chance * probability * (1 - part));
    if (part > 0) add(cell + 1, chance * probability * part);
  }
  return cells;
}

/** The distribution of a sum of `times` draws, by repeated squaring. */
function power(cells: readonly number[], times: number): readonly number[] {
  let result: readonly number[] = [1];
  let base = cells;
  for (let left = times; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = convolve(result, base);
    if (left > 1) base = convolve(base, base);
  }
  return result;
}

/** The distribution of a sum of two; an end that has no probability is cut. */
export function convolve(a: readonly number[], b: readonly number[]): readonly number[] {
  const result = new Float64Array(a.length + b.length - 1);
  for (const [i, p] of a.entries()) {
    if (p === 0) continue;
    for (let j = 0; j < b.length; j += 1) {
      result[i + j] = (result[i + j] ?? 0) + p * (b[j] ?? 0);
    }
  }
  let length = result.length;
  while (length > 1 && (result[length - 1] ?? 0) < negligible) length -= 1;
  return Array.from(result.subarray(0, length));
}
