import type { MonotonicMs, Sample, Value } from "../../../drivers/contract.ts";
import type { Instant } from "../rule.ts";
import type { Verdict } from "../verdict.ts";

/** What a comparison remembers when its last sample alone does not decide. */
export interface Memory {
  /** A sample of one of its points; bad and uncertain ones too. */
  learn(sample: Sample, mono: MonotonicMs): void;
  /** What it says at this instant if nothing came since the last sample. */
  verdictAt(now: Instant): Verdict;
  /** Until when that stays so without a further sample; Infinity: without end. */
  readonly holdsUntil: MonotonicMs;
  /** The value on record when it violates. */
  readonly value: Value | undefined;
  /** Plain JSON of bounded size; undefined: nothing is worth keeping. */
  save(): unknown;
}

/** What is left of a memory from before the start. */
export interface Kept {
  readonly saved: unknown;
  /** The times in it are of the clock of today. */
  readonly sameBoot: boolean;
  /** Its last value still says something. */
  readonly trusted: boolean;
}

export const nothingKept: Kept = { saved: undefined, sameBoot: false, trusted: false };
