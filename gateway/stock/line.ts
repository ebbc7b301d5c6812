import type { EpochMs } from "../../drivers/contract.ts";
import type { Outlook } from "./forecast/outlook.ts";
import type { Hold } from "./movement.ts";
import type { Stocked } from "./stocked.ts";

/** One lot of an item at a location. */
export interface LotLine {
  /** Absent: pieces whose lot is not known. */
  readonly lot?: string;
  readonly quantity: number;
  /** yyyy-mm-dd, the last day of use. */
  readonly expires?: string;
  /** Days from today to the last day of use; negative: expired. Absent while the clock is not set. */
  readonly daysLeft?: number;
  /** `expired` and `held` lots are locked: they do not count as available. */
  readonly state: "good" | "near-expiry" | "expired" | "held";
  readonly hold?: Hold;
}

/** The stock of one item at one location as it stands: what warnings, screens and the API are made of. */
export interface StockLine {
  readonly stocked: Stocked;
  /** Sum of the movements, all lots. */
  readonly onHand: number;
  /** Without lots that are expired or held. */
  readonly available: number;
  /** Between these lies the true quantity with 95 %, as far as the scale can tell. */
  readonly interval: readonly [number, number];
  readonly onOrder: number;
  readonly reserved: number;
  /** available + on order - reserved; available where there are no orders. */
  readonly position: number;
  readonly lots: readonly LotLine[];
  /** When something last moved here; absent: never. */
  readonly movedAt?: EpochMs;
  /** When something was last taken; absent: never. */
  readonly takenAt?: EpochMs;
  /** What the forecast says; absent: too little is known. */
  readonly outlook?: Outlook;
  /** The reorder point in force and where it comes from; absent: there is none. */
  readonly reorderPoint?: { readonly value: number; readonly by: "person" | "forecast" };
  /** Days that `available - reserved` lasts at the mean demand. */
  readonly coverDays?: number;
  readonly stockOutAt?: EpochMs;
  /** Promised date of the next open order; absent: there is none, or it has no date. */
  readonly deliveryAt?: EpochMs;
  /** Probability that it runs out within the horizon. */
  readonly stockOutProbability?: number;
}
