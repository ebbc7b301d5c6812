import type { Priority } from "../../config/schema/rule.ts";
import type { EpochMs, MonotonicMs, PointKey, Value } from "../../drivers/contract.ts";

export type Condition =
  | {
      readonly is: "above" | "below";
      readonly point: PointKey;
      readonly limit: number;
      /** True: the limit itself already violates (`>=`, `<=`). */
      readonly inclusive: boolean;
      readonly deadband: number;
    }
  | { readonly is: "equal"; readonly point: PointKey; readonly value: Value }
  | { readonly is: "stale"; readonly point: PointKey; readonly afterMs: number }
  | { readonly is: "all" | "any"; readonly of: readonly Condition[] };

/** A condition that looks at one point. */
export type Comparison = Exclude<Condition, { of: unknown }>;

export interface Rule {
  readonly id: string;
  readonly when: Condition;
  readonly onDelayMs: number;
  readonly offDelayMs: number;
  readonly priority: Priority;
  readonly message: string;
  readonly advise?: string;
  readonly location?: string;
  /** Written while the alarm is active or unacknowledged; the annunciator decides the pattern. */
  readonly outputs: readonly PointKey[];
}

/** One instant on both clocks and in which boot: monotonic decides, wall clock labels. */
export interface Instant {
  readonly at: EpochMs;
  readonly mono: MonotonicMs;
}
