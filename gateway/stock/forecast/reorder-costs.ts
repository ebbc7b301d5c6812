/** Reorder point and quantity by their cost, for normal demand (Snyder and Shen, chapter 5). */
import { normalLoss, normalLoss2, normalQuantile } from "./normal.ts";
import { economicOrder } from "./policy.ts";

export interface Costs {
  /** A piece on the shelf for the time that demand is told for. */
  readonly holding: number;
  /** A piece that is short, for the same time. */
  readonly shortage: number;
  /** An order. */
  readonly fixed: number;
}

/** Normal demand for a time, and the lead time in the same unit. */
export interface NormalDemand {
  readonly mean: number;
  readonly sd: number;
  readonly leadTime: number;
}

/** Exact expected cost of ordering `quantity` at `reorderAt` (Snyder and Shen, section 5). */
export function reorderCost(
  { holding, shortage, fixed }: Costs,
  { mean, sd, leadTime }: NormalDemand,
  reorderAt: number,
  quantity: number,
): number {
  const m = mean * leadTime;
  const s = sd * Math.sqrt(leadTime);
  // Backorders averaged over the inventory positions from reorderAt to reorderAt + quantity.
  const loss2 = (x: number) => s * s * normalLoss2((x - m) / s);
  const short = (loss2(reorderAt) - loss2(reorderAt + quantity)) / quantity;
  const onHand = reorderAt + quantity / 2 - m + short;
  return (fixed * mean) / quantity + holding * onHand + shortage * short;
}

/** Reorder point and quantity: the economic quantity, and safety stock at the cost ratio. */
export function economicReorder({ holding, shortage, fixed }: Costs, demand: NormalDemand) {
  const { mean, sd, leadTime } = demand;
  const { quantity } = economicOrder(fixed, holding, mean);
  const factor = normalQuantile(shortage / (shortage + holding));
  return { reorderAt: mean * leadTime + factor * sd * Math.sqrt(leadTime), quantity };
}

/** Rounds of the alternation between reorder point and quantity; it settles within some dozens. */
const alternationsMax = 1_000;

/** Expected-inventory-level heuristic: reorder point and quantity by turns until they settle. */
export function reorderByLevel(costs: Costs, demand: NormalDemand) {
  const { holding, shortage, fixed } = costs;
  const { mean, sd, leadTime } = demand;
  const m = mean * leadTime;
  const s = sd * Math.sqrt(leadTime);
  let { quantity } = economicOrder(fixed, holding, mean);
  let reorderAt = m;
  for (let round = 0; round < alternationsMax; round += 1) {
    reorderAt = m + s * normalQuantile(1 - (quantity * holding) / (shortage * mean));
    const short = s * normalLoss((reorderAt - m) / s);
    const next = Math.sqrt((2 * mean * (fixed + shortage * short)) / holding);
    const settled = Math.abs(next - quantity) < 1e-12 * next;
    quantity = next;
    if (settled) break;
  }
  const short = s * normalLoss((reorderAt - m) / s);
  const cycles = mean / quantity;
  const cost =
    holding * (reorderAt - m + quantity / 2) + fixed * cycles + shortage * short * cycles;
  return { reorderAt, quantity, cost };
}
