import { poissonTerm } from "./gamma-function.ts";
import type { Costs } from "./reorder-costs.ts";

/** Demand over lead time and review for which exact levels are looked for; the search takes its square in steps. */
export const exactMeanMax = 2_000;

/** A probability below it changes no cost in a double. */
const negligible = 1e-18;

export interface Levels {
  /** At or below it an order goes out. */
  readonly reorderAt: number;
  readonly orderUpTo: number;
  /** Expected cost of a period. */
  readonly cost: number;
}

/**
 * Exact reorder and order-up-to level for Poisson demand, a review each period and orders of any size (Zheng and Federgruen
 * 1991). What cannot be met waits.
 * @param mean demand of a period, above 0.
 * @param lead whole periods between order and receipt, >= 0; what is ordered at a review with 0 meets that period's demand.
 * @throws RangeError for costs and means that are not above 0 (an order may be free), and beyond `exactMeanMax`.
 */
export function exactLevels(costs: Costs, mean: number, lead = 0): Levels {
  checkCosts(costs, mean, lead);
  const costOf = levelCost(costs, mean * (lead + 1));
  const averageOf = cycleCost(costs.fixed, mean, costOf);
  let best = 0;
  while (costOf(best + 1) < costOf(best)) best += 1;
  let reorderAt = best - 1;
  while (averageOf(reorderAt, best) > costOf(reorderAt)) reorderAt -= 1;
  let orderUpTo = best;
  let cost = averageOf(reorderAt, best);
  for (let level = best + 1; costOf(level) <= cost; level += 1) {
    if (averageOf(reorderAt, level) >= cost) continue;
    orderUpTo = level;
    while (averageOf(reorderAt, level) <= costOf(reorderAt + 1)) reorderAt += 1;
    cost = averageOf(reorderAt, level);
  }
  return { reorderAt, orderUpTo, cost };
}

function checkCosts({ holding, shortage, fixed }: Costs, mean: number, lead: number): void {
  const arePositive = [holding, shortage, mean].every((x) => Number.isFinite(x) && x > 0);
  if (!(arePositive && Number.isFinite(fixed) && fixed >= 0)) {
    throw new RangeError(`costs ${holding}, ${shortage}, ${fixed} and mean demand ${mean}`);
  }
  if (!(Number.isInteger(lead) && lead >= 0)) throw new RangeError(`lead time ${lead}`);
  if (mean * (lead + 1) > exactMeanMax) throw new RangeError(`mean demand ${mean} is too much`);
}

/** Expected cost of the period that an inventory position leads to. */
function levelCost({ holding, shortage }: Costs, mean: number): (level: number) => number {
  const demand = poissonPmf(mean);
  const known = new Map<number, number>();
  return (level) => {
    const found = known.get(level);
    if (found !== undefined) return found;
    let sum = 0;
    for (const [n, p] of demand.entries()) {
      sum += p * (level >= n ? holding * (level - n) : shortage * (n - level));
    }
    known.set(level, sum);
    return sum;
  };
}

/** Expected cost a period of ordering up to S whenever the position is at or below s, by renewal. */
function cycleCost(
  fixed: number,
  mean: number,
  costOf: (level: number) => number,
): (s: number, S: number) => number {
  const demand = poissonPmf(mean);
  const moves = -Math.expm1(-mean);
  /** Expected periods that the position spends j below S. */
  const visits = [1 / moves];
  const visitsTo = (j: number) => {
    while (visits.length <= j) {
      let sum = 0;
      for (let k = 1; k <= Math.min(visits.length, demand.length - 1); k += 1) {
        sum += (demand[k] ?? 0) * (visits[visits.length - k] ?? 0);
      }
      visits.push(sum / moves);
    }
    return visits[j] ?? 0;
  };
  return (s, S) => {
    let periods = 0;
    let cost = fixed;
    for (let j = 0; j < S - s; j += 1) {
      const visit = visitsTo(j);
      periods += visit;
      cost += visit * costOf(S - j);
    }
    return cost / periods;
  };
}

function poissonPmf(mean: number): readonly number[] {
  const pmf: number[] = [];
  for (let n = 0; n <= mean || (pmf.at(-1) ?? 0) > negligible; n += 1) {
    pmf.push(poissonTerm(n, mean));
  }
  return pmf;
}
