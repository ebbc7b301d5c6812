/** Reorder point and quantity by their cost, for normal demand (Snyder and Shen, chapter 5). */
import { normalLoss, normalLoss2, normalQuantile } from "./normal.ts";
import { economicOrder } from "./policy.ts";
import { checkPositive } from "./series.ts";

export interface Costs {
  /** A piece on the shelf for the time that demand is told for. */
  readonly holding: number;
  /** A piece that is short, for the same time. */
  readonly shortage: number;
  /** An order. */
  readonly fixed: number;
}

/** Normal demand for a time, and the lead time in the same unit; all above 0. */
export interface NormalDemand {
  readonly mean: number;
  readonly sd: number;
  readonly leadTime: number;
}

export interface Reorder {
  readonly reorderAt: number;
  readonly quantity: number;
}

interface Lead {
  /** Mean and standard deviation of the demand over the lead time. */
  readonly mean: number;
  readonly sd: number;
}

function leadOf({ holding, shortage, fixed }: Costs, { mean, sd, leadTime }: NormalDemand): Lead {
  checkPositive(holding, shortage, fixed, mean, sd, leadTime);
  return { mean: mean * leadTime, sd: sd * Math.sqrt(leadTime) };
}

/** Exact expected cost of ordering `quantity` at `reorderAt`. */
export function reorderCost(costs: Costs, demand: NormalDemand, reorder: Reorder): number {
  checkPositive(reorder.quantity);
  const { holding, shortage, fixed } = costs;
  const { reorderAt, quantity } = reorder;
  const lead = leadOf(costs, demand);
  const short = meanShort(lead, reorder);
  const onHand = reorderAt + quantity / 2 - lead.mean + short;
  return (fixed * demand.mean) / quantity + holding * onHand + shortage * short;
}

/** Backorders averaged over the inventory positions from the reorder point up to one order more. */
function meanShort({ mean, sd }: Lead, { reorderAt, quantity }: Reorder): number {
  const loss = (position: number) => sd * sd * normalLoss2((position - mean) / sd);
  return (loss(reorderAt) - loss(reorderAt + quantity)) / quantity;
}

/** The economic quantity, and safety stock at the cost ratio. */
export function economicReorder(costs: Costs, demand: NormalDemand): Reorder {
  const { holding, shortage, fixed } = costs;
  const lead = leadOf(costs, demand);
  const { quantity } = economicOrder(fixed, holding, demand.mean);
  const factor = normalQuantile(shortage / (shortage + holding));
  return { reorderAt: lead.mean + factor * lead.sd, quantity };
}

/** Rounds of the alternation between reorder point and quantity; it settles within some dozens. */
const alternationsMax = 1_000;

/**
 * Expected-inventory-level heuristic: reorder point and quantity by turns until they settle. Where an order costs so much
 * that its pieces are held longer than being short costs, the reorder point is that of the economic quantity.
 */
export function reorderByLevel(
  costs: Costs,
  demand: NormalDemand,
): Reorder & { readonly cost: number } {
  const { holding, shortage, fixed } = costs;
  const lead = leadOf(costs, demand);
  const shortAt = (at: number) => lead.sd * normalLoss((at - lead.mean) / lead.sd);
  let { reorderAt, quantity } = economicReorder(costs, demand);
  for (let round = 0; round < alternationsMax; round += 1) {
    const service = 1 - (quantity * holding) / (shortage * demand.mean);
    if (!(service > 0)) break;
    reorderAt = lead.mean + lead.sd * normalQuantile(service);
    const root = 2 * demand.mean * (fixed + shortage * shortAt(reorderAt));
    const next = Math.sqrt(root / holding);
    const isSettled = Math.abs(next - quantity) < 1e-13 * next;
    quantity = next;
    if (isSettled) break;
  }
  const orders = demand.mean / quantity;
  const held = holding * (reorderAt - lead.mean + quantity / 2);
  return {
    reorderAt,
    quantity,
    cost: held + fixed * orders + shortage * shortAt(reorderAt) * orders,
  };
}

/** Halvings of a bracket until a double has no more digits. */
const halvingsMax = 100;

/** The exact cost at its least: for each quantity the best reorder point, and the quantity where both slopes are 0. */
export function optimalReorder(costs: Costs, demand: NormalDemand): Reorder {
  const { holding, shortage, fixed } = costs;
  const lead = leadOf(costs, demand);
  const loss = (at: number) => lead.sd * normalLoss((at - lead.mean) / lead.sd);
  const bestFor = (quantity: number) => {
    const share = (quantity * holding) / (holding + shortage);
    const slope = (at: number) => share - (loss(at) - loss(at + quantity));
    return rootOf(slope, lead.mean - quantity - 40 * lead.sd, lead.mean + 40 * lead.sd);
  };
  const slope = (quantity: number) => {
    const reorderAt = bestFor(quantity);
    const short = meanShort(lead, { reorderAt, quantity });
    const more = (loss(reorderAt + quantity) - short) / quantity;
    const orders = (fixed * demand.mean) / quantity ** 2;
    return holding / 2 + (holding + shortage) * more - orders;
  };
  const economic = economicOrder(fixed, holding, demand.mean).quantity;
  let most = economic;
  while (slope(most) < 0) most *= 2;
  const quantity = rootOf(slope, economic / 1e3, most);
  return { reorderAt: bestFor(quantity), quantity };
}

/** Where a rising function passes 0. */
function rootOf(of: (x: number) => number, from: number, to: number): number {
  let low = from;
  let high = to;
  for (let round = 0; round < halvingsMax; round += 1) {
    const middle = (low + high) / 2;
    if (of(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
