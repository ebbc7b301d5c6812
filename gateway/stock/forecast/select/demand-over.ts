import {
  certainDemand,
  type Demand,
  negativeBinomialDemand,
  normalDemand,
  poissonDemand,
} from "../demand.ts";
import type { DemandModel } from "../outlook.ts";
import { compoundDemand, latticeCellsMax, momentsOfSizes } from "./compound-demand.ts";

/** How long, in periods of the model, and the standard deviation of that. */
export interface Span {
  readonly periods: number;
  readonly spread?: number;
}

/** Mean and variance of one period. */
export function momentsOfModel(model: DemandModel): {
  readonly mean: number;
  readonly variance: number;
} {
  switch (model.is) {
    case "normal":
      return { mean: model.mean, variance: model.sd * model.sd };
    case "poisson":
      return { mean: model.mean, variance: model.mean };
    case "negbin":
      return { mean: model.mean, variance: Math.max(model.mean, model.variance) };
    case "compound": {
      const { mean, square } = momentsOfSizes(model.sizes);
      const once = model.p * mean;
      return { mean: once, variance: model.p * square - once * once };
    }
  }
}

/**
 * Demand over a span of time. With a spread its variance is d * variance + mean^2 * spread^2, as for a lead time that
 * varies by itself.
 */
export function demandOver(model: DemandModel, span: Span, cellsMax = latticeCellsMax): Demand {
  const { periods, spread = 0 } = span;
  if (!(periods > 0)) return certainDemand(0);
  if (model.is === "compound") {
    if (spread > 0) return blended(model, periods, spread, cellsMax);
    return compoundDemand(model.p, model.sizes, periods, cellsMax);
  }
  const once = momentsOfModel(model);
  const mean = once.mean * periods;
  const variance = once.variance * periods + (once.mean * spread) ** 2;
  if (model.is === "normal") return normalDemand(mean, variance);
  if (model.is === "poisson" && spread === 0) return poissonDemand(mean);
  return negativeBinomialDemand(mean, variance);
}

/** Three points that have the mean and the variance of a normal distribution (Gauss and Hermite). */
const nodes = [
  [-Math.sqrt(3), 1 / 6],
  [0, 2 / 3],
  [Math.sqrt(3), 1 / 6],
] as const;

function blended(
  model: Extract<DemandModel, { is: "compound" }>,
  periods: number,
  spread: number,
  cellsMax: number,
): Demand {
  const parts = nodes.map(([offset, weight]) => {
    const length = Math.max(0, periods + offset * spread);
    return { weight, demand: compoundDemand(model.p, model.sizes, length, cellsMax) };
  });
  const tail = (x: number) =>
    parts.reduce((sum, { weight, demand }) => sum + weight * demand.tail(x), 0);
  const once = momentsOfModel(model);
  return {
    mean: once.mean * periods,
    variance: once.variance * periods + (once.mean * spread) ** 2,
    tail,
    cdf: (x) => 1 - tail(x),
    quantile(p) {
      const ends = parts.map(({ demand }) => demand.quantile(p));
      let low = Math.floor(Math.min(...ends));
      let high = Math.ceil(Math.max(...ends));
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if (tail(middle) <= 1 - p + 1e-12) high = middle;
        else low = middle + 1;
      }
      return low;
    },
  };
}
