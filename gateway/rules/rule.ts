import type { Priority } from "../../config/schema/rule.ts";
import type { ScheduleConfig } from "../../config/schema/schedule.ts";
import type { EpochMs, MonotonicMs, PointKey, Value } from "../../drivers/contract.ts";

/** The readings from which a rate is taken, and how. */
export interface Trend {
  /** Good samples, the newest ones; before there are so many nothing is known. */
  readonly samples: number;
  /** `line`: least squares over all of them; `ends`: from the first to the last. */
  readonly fit: "line" | "ends";
}

export type Condition =
  | {
      readonly is: "above" | "below";
      readonly point: PointKey;
      /** The value compared is `point` minus this one, or `point` divided by this one. */
      readonly minus?: PointKey;
      readonly dividedBy?: PointKey;
      readonly limit: number;
      /** True: the limit itself already violates (`>=`, `<=`). */
      readonly inclusive: boolean;
      readonly deadband: number;
    }
  | { readonly is: "equal"; readonly point: PointKey; readonly value: Value }
  | { readonly is: "stale"; readonly point: PointKey; readonly afterMs: number }
  | { readonly is: "frozen"; readonly point: PointKey; readonly afterMs: number }
  | { readonly is: "fault"; readonly point: PointKey }
  | {
      readonly is: "rising" | "falling";
      readonly point: PointKey;
      /** Violated beyond this rate; positive for both directions. */
      readonly perHour: number;
      readonly deadband: number;
      readonly trend: Trend;
    }
  | {
      readonly is: "will-reach";
      readonly point: PointKey;
      readonly limit: number;
      readonly aheadMs: number;
      readonly trend: Trend;
    }
  | {
      readonly is: "risen" | "fallen";
      readonly point: PointKey;
      readonly by: number;
      readonly withinMs: number;
      readonly deadband: number;
    }
  | {
      readonly is: "during";
      /** The schedule's name, for messages. */
      readonly schedule: string;
      readonly hours: ScheduleConfig;
      readonly timezone: string;
    }
  | { readonly is: "not"; readonly part: Condition }
  | {
      readonly is: "total";
      readonly part: Condition;
      readonly totalMs: number;
      /** The sliding window; absent: it adds up until `RuleSet.restartTotals`. */
      readonly withinMs?: number;
    }
  | { readonly is: "all" | "any"; readonly of: readonly Condition[] };

/** A condition that has no parts. */
export type Comparison = Exclude<Condition, { of: unknown } | { part: unknown }>;

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
  /** Annunciators of the configuration that show it, besides `outputs`. */
  readonly annunciate?: readonly string[];
  /** The ladder it climbs: a key of `escalation`; absent: `notify` is told at once, and nobody later. */
  readonly escalate?: string;
  readonly notify?: readonly string[];
  /** Rationalisation, for messages and pages (ISA-18.2). */
  readonly cause?: string;
  readonly consequence?: string;
  readonly respondWithinMs?: number;
  /** A return is not the end: acknowledge, then reset. */
  readonly latch?: boolean;
  /** An acknowledged alarm that is still active is unacknowledged again after this, `reAlarmMax` times at most. */
  readonly reAlarmMs?: number;
  readonly reAlarmMax?: number;
  /** The alarm's priority once it has been active for `afterMs`; an acknowledged one calls again. */
  readonly raise?: { readonly to: Priority; readonly afterMs: number };
  /** A return counts as acknowledged. */
  readonly autoAcknowledge?: boolean;
  /** An acknowledgement must carry a comment. */
  readonly wantsReason?: boolean;
  /** Longest shelf; one-shot shelves end after it too. Default `shelveMsDefault`. */
  readonly shelveMsMax?: number;
  /** Suppressed by design while this holds, for `suppressMsMax` at most. */
  readonly suppressWhile?: Condition;
  readonly suppressMsMax?: number;
  /** Rules whose active alarm explains this one: it is recorded and shown, but nobody is told. */
  readonly inhibitedBy?: readonly string[];
  /**
   * No sample is compared: another part finds it and tells the alarms, and the message is of that moment. `when` is
   * `foundElsewhere` then.
   */
  readonly found?: boolean;
  /** The item, and the lot of it, that it is about. */
  readonly item?: string;
  readonly lot?: string;
  /** The storage profile that the rule comes from, and whether its alarm opens an excursion. */
  readonly profile?: { readonly id: string; readonly limit: string; readonly excursion: boolean };
}

/** The condition of a rule whose violation another part finds: by itself it is never violated. */
export const foundElsewhere: Condition = { is: "any", of: [] };

/** One instant on both clocks and in which boot: monotonic decides, wall clock labels. */
export interface Instant {
  readonly at: EpochMs;
  readonly mono: MonotonicMs;
}
