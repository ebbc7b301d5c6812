import { normalDensity, normalLoss, normalQuantile } from "./normal.ts";
import { checkAmounts, checkPositive } from "./series.ts";

/**
 * Formulas of stock keeping. Times are in periods, demand in the item's unit a period, service levels between 0 and 1.
 * @throws RangeError, each of them, for NaN, infinity and amounts below 0.
 */

/** Safety stock for demand that varies over a fixed lead time: z * sd * sqrt(lead time). */
export function safetyStock(service: number, sdDemand: number, leadTime: number): number {
  checkAmounts(sdDemand, leadTime);
  return factorOf(service) * sdDemand * Math.sqrt(leadTime);
}

/** Safety factor z of a cycle service level; below 0 for less than one half. */
function factorOf(service: number): number {
  if (!(service > 0 && service < 1)) throw new RangeError(`service level ${service}`);
  return normalQuantile(service);
}

export interface Uncertain {
  readonly meanDemand: number;
  readonly sdDemand: number;
  readonly meanLeadTime: number;
  readonly sdLeadTime: number;
}

export interface ReorderPoint {
  readonly safety: number;
  readonly reorderAt: number;
}

/** Safety stock z * sqrt(L * sd^2 + mean^2 * sdL^2) and reorder point mean * L + safety, where demand and lead time vary. */
export function reorderPoint(service: number, of: Uncertain): ReorderPoint {
  const { meanDemand, sdDemand, meanLeadTime, sdLeadTime } = of;
  checkAmounts(meanDemand, sdDemand, meanLeadTime, sdLeadTime);
  const variance = meanLeadTime * sdDemand ** 2 + meanDemand ** 2 * sdLeadTime ** 2;
  const safety = factorOf(service) * Math.sqrt(variance);
  return { safety, reorderAt: meanDemand * meanLeadTime + safety };
}

export interface Periodic {
  readonly meanDemand: number;
  readonly sdDemand: number;
  readonly leadTime: number;
  /** Between two looks at what to order. */
  readonly review: number;
}

/** Order-up-to level of a periodic review: the stock must last for lead time and review. */
export function orderUpTo(
  service: number,
  of: Periodic,
): ReorderPoint & { readonly level: number } {
  const { meanDemand, sdDemand, leadTime, review } = of;
  checkAmounts(meanDemand, review);
  const span = leadTime + review;
  const safety = safetyStock(service, sdDemand, span);
  const level = meanDemand * span + safety;
  return { safety, level, reorderAt: level - meanDemand * review };
}

/**
 * Safety factor k at which the share `fillRate` of the demand is met from stock, for orders of `quantity`:
 * 1 - sd * G(k) / quantity, G the normal loss.
 */
export function fillRateFactor(
  fillRate: number,
  sdLeadTimeDemand: number,
  quantity: number,
): number {
  checkPositive(sdLeadTimeDemand, quantity);
  if (!(fillRate > 0 && fillRate < 1)) throw new RangeError(`fill rate ${fillRate}`);
  const loss = ((1 - fillRate) * quantity) / sdLeadTimeDemand;
  let low = -loss - 1;
  let high = factorMax;
  // The loss falls with the factor: halved until a double cannot be halved any more.
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (normalLoss(middle) > loss) low = middle;
    else high = middle;
  }
}

/** The normal loss is nothing in a double from here on. */
const factorMax = 39;

/** Share of the demand that is met from stock with safety factor k and orders of `quantity`. */
export function fillRate(factor: number, sdLeadTimeDemand: number, quantity: number): number {
  checkAmounts(sdLeadTimeDemand);
  checkPositive(quantity);
  return 1 - (sdLeadTimeDemand * normalLoss(factor)) / quantity;
}

/** Economic order quantity: `fixed` cost an order, `holding` cost a piece and time, `demand` in that time. */
export function economicOrder(
  fixed: number,
  holding: number,
  demand: number,
): { readonly quantity: number; readonly cost: number } {
  checkAmounts(fixed, demand);
  checkPositive(holding);
  const quantity = Math.sqrt((2 * fixed * demand) / holding);
  return { quantity, cost: Math.sqrt(2 * fixed * demand * holding) };
}

export interface LevelCost {
  readonly level: number;
  readonly cost: number;
}

/** Newsvendor: the level where each piece too many costs `over` and each too few `under`, for normal demand. */
export function newsvendor(over: number, under: number, mean: number, sd: number): LevelCost {
  checkPositive(over, under);
  checkAmounts(mean, sd);
  const factor = normalQuantile(under / (under + over));
  return { level: mean + factor * sd, cost: (over + under) * normalDensity(factor) * sd };
}

/** Base stock for a lead time: what is ordered now must last for lead time and one period. */
export function baseStock(
  costs: { readonly over: number; readonly under: number },
  demand: { readonly mean: number; readonly sd: number; readonly leadTime: number },
): LevelCost {
  checkAmounts(demand.leadTime);
  const span = demand.leadTime + 1;
  return newsvendor(costs.over, costs.under, demand.mean * span, demand.sd * Math.sqrt(span));
}
