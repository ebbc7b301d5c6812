import type { EpochMs } from "../../../drivers/contract.ts";

/** Warnings that the stock line of an item at a location decides as a whole. */
export const levelKinds = [
  "out",
  "below-minimum",
  "below-reorder",
  "above-maximum",
  "short-cover",
  "stock-out-ahead",
  "dead-stock",
] as const;
export type LevelKind = (typeof levelKinds)[number];

/** Whole days before the last day of use, as `expiryTiersMs` names them; `expiredTier`: from the day after it. */
export type Tier = number;
export const expiredTier: Tier = -1;

/** What is in force of one item at one location: lean, as there are 10,000 of them. */
export interface Standing {
  /** One bit for each of `levelKinds`, in their order. */
  readonly levels: number;
  /** The tier that each lot has reached; lots that have reached none are not in it. */
  readonly tiers: ReadonlyMap<string, Tier>;
}

export const nothingStands: Standing = { levels: 0, tiers: new Map() };

export function levelBit(kind: LevelKind): number {
  return 1 << levelKinds.indexOf(kind);
}

/** When something is judged. */
export interface JudgedAt {
  readonly at: EpochMs;
  /** False: the wall clock is not believed; what depends on a date stays as it is. */
  readonly dated: boolean;
  /** yyyy-mm-dd of an instant in the gateway's time zone. */
  readonly dateOf: (at: EpochMs) => string;
}
