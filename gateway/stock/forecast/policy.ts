import { normalDensity, normalLoss, normalQuantile } from "./normal.ts";

/** Formulas of stock keeping. Times are in periods, demand in pieces a period, service levels within 0 and 1. */

/** Safety stock for demand that varies over a fixed lead time. */
export function safetyStock(service: number, sdDemand: number, leadTime: number): number {
  return normalQuantile(service) * sdDemand * Math.sqrt(leadTime);
}

export interface Uncertain {
  readonly meanDemand: number;
  readonly sdDemand: number;
  readonly meanLeadTime: number;
  readonly sdLeadTime: number;
}

/** Safety stock and reorder point where demand and lead time vary. */
export function reorderPoint(service: number, of: Uncertain) {
  const { meanDemand, sdDemand, meanLeadTime, sdLeadTime } = of;
  const variance = meanLeadTime * sdDemand ** 2 + meanDemand ** 2 * sdLeadTime ** 2;
  const safety = normalQuantile(service) * Math.sqrt(variance);
  return { safety, reorderAt: meanDemand * meanLeadTime + safety };
}

/** Order-up-to level of a review every `review` periods: the stock must last for review and lead time. */
export function orderUpTo(
  service: number,
  meanDemand: number,
  sdDemand: number,
  leadTime: number,
  review: number,
) {
  const span = leadTime + review;
  const safety = safetyStock(service, sdDemand, span);
  const level = meanDemand * span + safety;
  return { safety, level, reorderAt: level - meanDemand * review };
}

/** Safety factor at which the share `fillRate` of the demand is met from stock, for orders of `quantity`. */
export function fillRateFactor(
  fillRate: number,
  sdLeadTimeDemand: number,
  quantity: number,
): number {
  const loss = ((1 - fillRate) * quantity) / sdLeadTimeDemand;
  let low = -10;
  let high = 10;
  // The loss falls with the factor; halved until a double cannot be halved any more.
  for (let round = 0; round < 200 && low < high; round += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (normalLoss(middle) > loss) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Economic order quantity: `fixed` cost an order, `holding` cost a piece and time, `demand` in that time. */
export function economicOrder(fixed: number, holding: number, demand: number) {
  const quantity = Math.sqrt((2 * fixed * demand) / holding);
  return { quantity, cost: Math.sqrt(2 * fixed * demand * holding) };
}

/** Stock level where each piece too many costs `over` and each too few `under`, for normal demand. */
export function newsvendor(over: number, under: number, mean: number, sd: number) {
  const factor = normalQuantile(under / (under + over));
  return { level: mean + factor * sd, cost: (over + under) * normalDensity(factor) * sd };
}

/** Base stock for a lead time: what is ordered now must last for lead time and one period. */
export function baseStock(over: number, under: number, mean: number, sd: number, leadTime: number) {
  const span = leadTime + 1;
  return newsvendor(over, under, mean * span, sd * Math.sqrt(span));
}
