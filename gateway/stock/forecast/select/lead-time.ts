import type { EpochMs } from "../../../../drivers/contract.ts";
import type { Policy } from "../../stocked.ts";

/** An order and its delivery. */
export interface Delivery {
  readonly orderedAt: EpochMs;
  readonly receivedAt: EpochMs;
}

/** What deliveries say of the lead time. */
export interface LearntLeadTime {
  readonly meanMs: number;
  /** Standard deviation with n - 1; 0 for a single delivery. */
  readonly sdMs: number;
  readonly count: number;
}

/** Deliveries from which a lead time is believed. */
export const deliveriesMin = 3;

/** Undefined without deliveries. One that came before it was ordered is a slip of a pen and does not count. */
export function learnLeadTime(deliveries: readonly Delivery[]): LearntLeadTime | undefined {
  const times = deliveries
    .map(({ orderedAt, receivedAt }) => receivedAt - orderedAt)
    .filter((time) => Number.isFinite(time) && time >= 0);
  if (times.length === 0) return undefined;
  const meanMs = times.reduce((sum, time) => sum + time, 0) / times.length;
  const squares = times.reduce((sum, time) => sum + (time - meanMs) ** 2, 0);
  const sdMs = times.length < 2 ? 0 : Math.sqrt(squares / (times.length - 1));
  return { meanMs, sdMs, count: times.length };
}

export interface LeadTime {
  readonly meanMs: number;
  readonly sdMs: number;
}

/**
 * The lead time to reckon with: what a person set, else what deliveries say. A spread that nobody set is the deliveries'
 * as well. Undefined: not known.
 */
export function leadTimeOf(
  { leadTimeMs, leadTimeSpreadMs }: Pick<Policy, "leadTimeMs" | "leadTimeSpreadMs">,
  learnt?: LearntLeadTime,
): LeadTime | undefined {
  const believed = learnt !== undefined && learnt.count >= deliveriesMin ? learnt : undefined;
  const meanMs = leadTimeMs ?? believed?.meanMs;
  if (meanMs === undefined) return undefined;
  return { meanMs, sdMs: leadTimeSpreadMs > 0 ? leadTimeSpreadMs : (believed?.sdMs ?? 0) };
}
