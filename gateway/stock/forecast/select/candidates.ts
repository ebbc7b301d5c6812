import type { DemandModel } from "../outlook.ts";

/** A way to forecast: what it says after the first `count` periods of its series. */
export interface Candidate {
  /** Level and distribution, for example `tsb-sizes`. */
  readonly method: string;
  fit(count: number): DemandModel;
}

/** Demands whose sizes are remembered: enough for a 99 % size, few enough to follow. */
export const sizesMax = 128;
/** Different sizes that a model keeps; neighbours are joined to their mean beyond it. 10,000 items keep such a list. */
export const distinctSizesMax = 24;

const weekDays = 7;
/** Weeks from which the variance of a week is told. */
const weeksMin = 8;

/**
 * Smoothing weights by the length of a period: 0.1 a month is what slow movers had the least pinball loss with, and demand
 * that does not change keeps its reorder point with it.
 */
const slowWeight = (periodDays: number) => Math.min(0.1, 0.005 * periodDays);
const fastWeight = (periodDays: number) => Math.min(0.3, 0.015 * periodDays);

export interface Candidates {
  /** Demand in most periods: the first is what holds unless another is better. */
  readonly steady: readonly [Candidate, ...Candidate[]];
  /** Demand in few periods: the same. */
  readonly sparse: readonly [Candidate, ...Candidate[]];
}

/**
 * Candidates for a series (oldest first, no gaps), for demand over `periods` of `periodDays` each. What is not counted in
 * whole pieces gets a normal distribution where pieces get a negative binomial one.
 */
export function candidatesOf(
  series: readonly number[],
  periods: number,
  periodDays: number,
): Candidates {
  const whole = series.every(Number.isInteger);
  const moments = momentsBy(series);
  const weekly = weeklyVarianceBy(series);
  const shape = whole ? countModel : normalModel;
  const name = whole ? "negbin" : "normal";
  /** How sure the mean is after so many periods is part of what may come. */
  const widened = (variance: number, count: number) => variance * (1 + periods / count);
  const mean: Candidate = {
    method: `mean-${name}`,
    fit(count) {
      const known = moments(count);
      return shape(known.mean, widened(known.variance, count));
    },
  };
  const weeks: Candidate = {
    method: `weekly-${name}`,
    fit(count) {
      const known = moments(count);
      return shape(known.mean, widened(weekly(count) ?? known.variance, count));
    },
  };
  const level = smoothedBy(series, 2 * fastWeight(periodDays));
  const ses: Candidate = {
    method: `ses-${name}`,
    fit: (count) => shape(level(count), moments(count).variance),
  };
  return {
    steady: [mean, ses, ...(periodDays === 1 ? [weeks] : [])],
    sparse: [
      sparseCandidate(series, slowWeight(periodDays), "tsb-sizes"),
      sparseCandidate(series, fastWeight(periodDays), "tsb-fast-sizes"),
      mean,
      // Five days of work and two of rest look sparse.
      ...(periodDays === 1 ? [weeks] : []),
    ],
  };
}

/** Teunter, Syntetos and Babai's chance of a demand, with the sizes that came. */
function sparseCandidate(series: readonly number[], weight: number, method: string): Candidate {
  const chance = smoothedBy(
    series.map((demand) => Number(demand > 0)),
    weight,
  );
  return {
    method,
    fit: (count) => ({ is: "compound", p: chance(count), sizes: sizesOf(series, count) }),
  };
}

/** What demand in pieces is: Poisson, or negative binomial where it varies more. */
function countModel(mean: number, variance: number): DemandModel {
  if (variance <= mean) return { is: "poisson", mean };
  return { is: "negbin", mean, variance };
}

function normalModel(mean: number, variance: number): DemandModel {
  return { is: "normal", mean, sd: Math.sqrt(variance) };
}

/** Mean and variance (n - 1) of the first so many values. */
function momentsBy(series: readonly number[]) {
  const sums = new Float64Array(series.length + 1);
  const squares = new Float64Array(series.length + 1);
  for (const [index, value] of series.entries()) {
    sums[index + 1] = (sums[index] ?? 0) + value;
    squares[index + 1] = (squares[index] ?? 0) + value * value;
  }
  return (count: number) => {
    const sum = sums[count] ?? 0;
    const mean = count === 0 ? 0 : sum / count;
    const variance = count < 2 ? mean : ((squares[count] ?? 0) - sum * mean) / (count - 1);
    return { mean, variance: Math.max(0, variance) };
  };
}

/**
 * Variance of whole weeks, a day's part of it: demand that follows the weekday varies less from week to week than its
 * days say, and demand that comes in waves more. Undefined: too few weeks.
 */
function weeklyVarianceBy(series: readonly number[]) {
  return (count: number): number | undefined => {
    const weeks = Math.floor(count / weekDays);
    if (weeks < weeksMin) return undefined;
    let sum = 0;
    let squares = 0;
    for (let week = 0; week < weeks; week += 1) {
      let total = 0;
      const end = count - week * weekDays;
      for (let day = end - weekDays; day < end; day += 1) total += series[day] ?? 0;
      sum += total;
      squares += total * total;
    }
    return Math.max(0, (squares - (sum * sum) / weeks) / (weeks - 1)) / weekDays;
  };
}

/** Exponential smoothing whose weights add up to one from the first value on: it starts as a plain mean. */
function smoothedBy(series: readonly number[], weight: number): (count: number) => number {
  const levels = new Float64Array(series.length + 1);
  let sum = 0;
  let weights = 0;
  for (const [index, value] of series.entries()) {
    sum = sum * (1 - weight) + weight * value;
    weights = weights * (1 - weight) + weight;
    levels[index + 1] = sum / weights;
  }
  return (count) => levels[count] ?? 0;
}

/** The newest sizes, each with its share, smallest first. */
function sizesOf(series: readonly number[], count: number): [number, number][] {
  const newest: number[] = [];
  for (let index = count - 1; index >= 0 && newest.length < sizesMax; index -= 1) {
    const demand = series[index] ?? 0;
    if (demand > 0) newest.push(demand);
  }
  const counts = new Map<number, number>();
  for (const size of newest) counts.set(size, (counts.get(size) ?? 0) + 1);
  const sizes = [...counts]
    .sort(([a], [b]) => a - b)
    .map(([size, times]): [number, number] => [size, times / newest.length]);
  return joined(sizes);
}

function joined(sizes: [number, number][]): [number, number][] {
  while (sizes.length > distinctSizesMax) {
    let closest = 0;
    for (let index = 1; index < sizes.length - 1; index += 1) {
      if (costOf(sizes, index) < costOf(sizes, closest)) closest = index;
    }
    const [a, shareA] = sizes[closest] ?? [0, 0];
    const [b, shareB] = sizes[closest + 1] ?? [0, 0];
    const share = shareA + shareB;
    sizes.splice(closest, 2, [(a * shareA + b * shareB) / share, share]);
  }
  return sizes;
}

/** The variance that is lost when a size is joined to the next one. */
function costOf(sizes: readonly [number, number][], index: number): number {
  const [a, shareA] = sizes[index] ?? [0, 0];
  const [b, shareB] = sizes[index + 1] ?? [0, 0];
  return ((b - a) ** 2 * shareA * shareB) / (shareA + shareB);
}
