import type { EpochMs, Value } from "../../drivers/contract.ts";
import type { ClockQuality } from "../store/store.ts";

/** One record or sample of a point, as a report counts and prints it. */
export interface Reading {
  readonly at: EpochMs;
  readonly quality: "good" | "uncertain" | "bad";
  readonly value?: Value;
  /** What the device said, where that differs. */
  readonly raw?: number;
  readonly reason?: string;
  /** Records only. */
  readonly place?: "inside" | "outside" | "gap";
  readonly clock: ClockQuality;
  readonly calibration?: string;
  /** How much later than the clock showed it was; the clock was found wrong afterwards. */
  readonly correctedMs?: number;
  /** A newer one of its point was already here. */
  readonly late: boolean;
}

/** A stretch whose records do not match their hash, so that nothing of it is known. */
export interface Damage {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

/** Takes the readings of one point, oldest first; those before the period only say how it stood at its start. */
export interface ReadingSink {
  take(reading: Reading): void;
  damaged(stretch: Damage): void;
}

/** Readings that are pulled into memory at once: a day at one a second fits. */
export const sliceReadingsMax = 100_000;

/** How far before a period the value is looked for that it begins with. */
export const lookBackMs = 86_400_000;
