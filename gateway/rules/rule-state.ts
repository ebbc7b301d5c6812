import { z } from "zod";
import type { EpochMs, MonotonicMs, Value } from "../../drivers/contract.ts";
import type { CompiledRule } from "./compile.ts";
import { unknown, type Verdict } from "./condition.ts";
import type { Instant } from "./rule.ts";

/**
 * How far a rule is between normal and alarm. `pending`: violated, on-delay runs. `active`: in
 * alarm. `returning`: back to normal, off-delay runs.
 */
export type Phase = "normal" | "pending" | "active" | "returning";

const ruleStateSchema = z.strictObject({
  version: z.literal(1),
  condition: z.string(),
  phase: z.enum(["pending", "active", "returning"]),
  boot: z.string(),
  /**
   * When the phase began, on the monotonic clock of that boot; negative when it began in an earlier
   * one.
   */
  mono: z.number(),
  at: z.number(),
  /** Whether `at` can be believed. */
  synchronized: z.boolean(),
  /**
   * What each comparison said when the phase began or its verdict changed since, while a timer runs
   * on it.
   */
  leaves: z
    .array(
      z.strictObject({
        verdict: z.int().min(0).max(10),
        value: z.union([z.number(), z.string(), z.boolean()]).optional(),
      }),
    )
    .optional(),
});

/**
 * What is kept of a rule across a restart: plain JSON. A rule in its normal phase keeps nothing.
 */
export type RuleState = z.infer<typeof ruleStateSchema>;

/** Where and when this process starts. */
export interface Start {
  readonly instant: Instant;
  readonly boot: string;
  /** Whether the wall clock can be believed; asked again whenever a timer's state is saved. */
  readonly clockSynchronized: () => boolean;
  /**
   * Newest wall time on record from before this start; without it the machine counts as down since
   * the phase began.
   */
  readonly stoppedAt?: EpochMs;
}

/** Downtime that a running delay survives where no point says how long its value holds. */
export const downtimeMsDefault = 10_000;

/**
 * What was done with a rule's saved state: for the log (R-12 of the alarm requirements wants the
 * choice on record).
 */
export type Resumption =
  | "none"
  | "continued"
  | "delay-restarted"
  | "condition-changed"
  | "invalid"
  | "followed-alarm";

/** What is known of one comparison before its first sample. */
export interface KnownLeaf {
  readonly verdict: Verdict;
  readonly value?: Value | undefined;
}

export interface Resumed {
  readonly how: Resumption;
  readonly phase: Phase;
  readonly since: MonotonicMs;
  readonly sinceAt: EpochMs;
  /** Undefined: nothing is known until samples come. */
  readonly leaves: readonly KnownLeaf[] | undefined;
}

/**
 * The phase with which a rule goes on. The alarm's own record wins over the rule's: what a person
 * saw as active stays active until a value says otherwise. In the boot in which it was saved a
 * delay runs on exactly, unless it ran out while nobody watched; then, and in another boot, the
 * first samples decide.
 */
export function resume(
  saved: unknown,
  compiled: CompiledRule,
  start: Start,
  alarmActive: boolean,
): Resumed {
  const resumed = resumeState(saved, compiled, start);
  if (resumed.how === "condition-changed") return resumed;
  const inAlarm = resumed.phase === "active" || resumed.phase === "returning";
  if (inAlarm === alarmActive) return resumed;
  return fresh("followed-alarm", alarmActive ? "active" : "normal", start);
}

function resumeState(saved: unknown, compiled: CompiledRule, start: Start): Resumed {
  if (saved === undefined) return fresh("none", "normal", start);
  const parsed = ruleStateSchema.safeParse(saved);
  if (!parsed.success) return fresh("invalid", "normal", start);
  const state = parsed.data;
  if (state.condition !== compiled.condition) return fresh("condition-changed", "normal", start);
  if (state.phase === "active") {
    return {
      how: "continued",
      phase: "active",
      since: state.mono,
      sinceAt: state.at,
      leaves: undefined,
    };
  }
  if (state.boot === start.boot && state.mono <= start.instant.mono) {
    return sameBoot(state, compiled, start);
  }
  const elapsedMs = elapsedAcrossBoot(state, compiled, start);
  if (elapsedMs === undefined) {
    return fresh("delay-restarted", state.phase === "pending" ? "normal" : "active", start);
  }
  const since = start.instant.mono - elapsedMs;
  return { how: "continued", phase: state.phase, since, sinceAt: state.at, leaves: undefined };
}

function sameBoot(
  state: RuleState,
  { rule, leaves, staleAfterMs }: CompiledRule,
  start: Start,
): Resumed {
  const delayMs = state.phase === "pending" ? rule.onDelayMs : rule.offDelayMs;
  const running = state.mono + delayMs > start.instant.mono;
  const known = state.leaves?.length === leaves.length ? state.leaves : undefined;
  // Values that silence makes stale may have changed while nobody watched; the others hold until
  // they are told again.
  const trusted = known?.map((leaf, index) =>
    running || staleAfterMs[index] === Number.POSITIVE_INFINITY ? leaf : { verdict: unknown },
  );
  return {
    how: "continued",
    phase: state.phase,
    since: state.mono,
    sinceAt: state.at,
    leaves: trusted,
  };
}

/** Undefined when it cannot be known that the machine was down no longer than the values hold. */
function elapsedAcrossBoot(
  state: RuleState,
  { staleAfterMs }: CompiledRule,
  { instant, clockSynchronized, stoppedAt }: Start,
): number | undefined {
  if (!state.synchronized || !clockSynchronized()) return undefined;
  const downMs = instant.at - Math.max(state.at, stoppedAt ?? state.at);
  const known = staleAfterMs.filter(Number.isFinite);
  const downMsMax = known.length === 0 ? downtimeMsDefault : Math.min(...known);
  return downMs >= 0 && downMs <= downMsMax ? instant.at - state.at : undefined;
}

function fresh(how: Resumption, phase: Phase, { instant }: Start): Resumed {
  return { how, phase, since: instant.mono, sinceAt: instant.at, leaves: undefined };
}
