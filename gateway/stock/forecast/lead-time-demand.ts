import { type Demand, negativeBinomialDemand, normalDemand } from "./demand.ts";
import { compoundCells, discreteDemand, type Sizes } from "./discrete.ts";
import { croston, tsbState } from "./intermittent.ts";
import type { DemandModel } from "./outlook.ts";
import { checkDemand, momentsOf } from "./series.ts";

/** Smoothing of sizes and chances. On slow movers 0.1 gave the best pinball loss. */
const weight = 0.1;

/** Sizes that a model keeps apart; it lies on disk for every item. Beyond it neighbours are put together. */
export const sizesMax = 64;

/**
 * The demand of one period, from the demand by period, oldest first. `compound`: TSB's chance, and the sizes that came.
 * `negbin`: mean and variance of the series. `normal` and `poisson`: SBA's rate, and the variance of the series.
 * @throws RangeError for NaN, infinity and negative numbers.
 */
export function fitDemand(series: readonly number[], is: DemandModel["is"]): DemandModel {
  checkDemand(series);
  switch (is) {
    case "compound": {
      const { chance } = tsbState(series, { sizeWeight: weight, chanceWeight: weight });
      const sizes = sizesOf(series).map(([size, share]): [number, number] => [size, share]);
      return { is, p: chance, sizes };
    }
    case "negbin":
      return { is, ...momentsOf(series) };
    case "normal":
      return { is, mean: rateOf(series), sd: Math.sqrt(momentsOf(series).variance) };
    case "poisson":
      return { is, mean: rateOf(series) };
  }
}

function rateOf(series: readonly number[]): number {
  return croston(series, { variant: "sba", sizeWeight: weight, intervalWeight: weight });
}

/** The sizes that came, ascending, each with its share; `sizesMax` at most, the mean unchanged. */
export function sizesOf(series: readonly number[]): Sizes {
  const sizes = series.filter((demand) => demand > 0).toSorted((a, b) => a - b);
  const counts = new Map<number, number>();
  for (const size of sizes) counts.set(size, (counts.get(size) ?? 0) + 1);
  if (counts.size <= sizesMax) {
    return [...counts].map(([size, count]) => [size, count / sizes.length] as const);
  }
  return Array.from({ length: sizesMax }, (_, group) => {
    const from = Math.floor((group * sizes.length) / sizesMax);
    const its = sizes.slice(from, Math.floor(((group + 1) * sizes.length) / sizesMax));
    const sum = its.reduce((total, size) => total + size, 0);
    return [sum / its.length, its.length / sizes.length] as const;
  });
}

/**
 * Demand over a lead time of `periods`, of which `sdPeriods` is the standard deviation: variance = periods * variance of
 * one period + mean^2 * sdPeriods^2. A compound one is mixed over three lead times that have this mean and deviation.
 * @throws RangeError for negative times and for a model that is none.
 */
export function demandOver(model: DemandModel, periods: number, sdPeriods = 0): Demand {
  for (const time of [periods, sdPeriods]) {
    if (!(Number.isFinite(time) && time >= 0)) throw new RangeError(`lead time ${time}`);
  }
  if (model.is === "compound") return compoundOver(model.p, model.sizes, periods, sdPeriods);
  const mean = model.mean * periods;
  const ofLeadTime = (model.mean * sdPeriods) ** 2;
  switch (model.is) {
    case "normal":
      return normalDemand(mean, model.sd ** 2 * periods + ofLeadTime);
    case "negbin":
      return negativeBinomialDemand(mean, model.variance * periods + ofLeadTime);
    case "poisson":
      return negativeBinomialDemand(mean, mean + ofLeadTime);
  }
}

function compoundOver(chance: number, sizes: Sizes, periods: number, sdPeriods: number): Demand {
  const times = leadTimes(periods, sdPeriods);
  const longest = Math.max(...times.map(([time]) => time));
  const { step } = compoundCells(chance, sizes, longest);
  const mixed: number[] = [];
  for (const [time, probability] of times) {
    const { cells } = compoundCells(chance, sizes, time, step);
    for (const [n, p] of cells.entries()) mixed[n] = (mixed[n] ?? 0) + probability * p;
  }
  return discreteDemand(mixed, step);
}

/** Lead times with their probabilities that have this mean and deviation, and nearly the normal one's tails. */
function leadTimes(mean: number, sd: number): Sizes {
  if (sd === 0 || mean === 0) return [[mean, 1]];
  const away = Math.sqrt(3) * sd;
  // Gauss and Hermite's three points; where one of them is before the order, nothing or a long one.
  if (away <= mean)
    return [mean - away, mean, mean + away].map((time, n) => [time, n === 1 ? 2 / 3 : 1 / 6]);
  const long = mean + sd ** 2 / mean;
  return [
    [0, 1 - mean / long],
    [long, mean / long],
  ];
}

/** Demand over the next `periods`, from the demand by period, oldest first. */
export function leadTimeDemand(
  series: readonly number[],
  periods: number,
  is: DemandModel["is"],
): Demand {
  return demandOver(fitDemand(series, is), periods);
}
