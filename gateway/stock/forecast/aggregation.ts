/**
 * Forecasts of sparse demand by sums over several periods. Sources: Nikolopoulos et al. 2011 (ADIDA), Petropoulos and
 * Kourentzes 2015 (IMAPA).
 */
import { decompose } from "./intermittent.ts";
import { meanOf } from "./series.ts";
import { optimalSes } from "./smoothing.ts";

/** Bounds of the weights that are chosen for sparse demand, as in statsforecast. */
const weights = { from: 0.1, to: 0.3 } as const;

/**
 * Demand a period by Croston's method, the weights of sizes and of intervals each the one of the least squared one-step
 * error within 0.1 and 0.3. 0 without any demand.
 */
export function optimalCroston(series: readonly number[]): number {
  const { sizes, intervals } = decompose(series);
  if (sizes.length === 0) return 0;
  return optimalSes(sizes, weights).level / optimalSes(intervals, weights).level;
}

/**
 * Demand a period by ADIDA: sums over the mean interval (rounded, a half to even), simple smoothing of the sums from the first
 * one, its weight optimised within 0.1 and 0.3, spread evenly. The oldest periods that fill no sum are left out. 0 without
 * any demand.
 */
export function adida(series: readonly number[]): number {
  const periods = meanInterval(series);
  return periods === 0 ? 0 : spread(series, periods);
}

/** Demand a period by IMAPA: the mean of ADIDA over sums of 1, 2, ... periods, up to the mean interval. */
export function imapa(series: readonly number[]): number {
  const levels = meanInterval(series);
  return meanOf(Array.from({ length: levels }, (_, index) => spread(series, index + 1)));
}

/** Rounded, a half to even as R and Python round; 0 without any demand. */
function meanInterval(series: readonly number[]): number {
  const mean = meanOf(decompose(series).intervals);
  const below = Math.floor(mean);
  return mean - below === 0.5 ? below + (below % 2) : Math.round(mean);
}

function spread(series: readonly number[], periods: number): number {
  const oldest = series.length % periods;
  const sums = Array.from({ length: Math.floor(series.length / periods) }, (_, index) => {
    const from = oldest + index * periods;
    return series.slice(from, from + periods).reduce((sum, demand) => sum + demand, 0);
  });
  return optimalSes(sums, weights).level / periods;
}
