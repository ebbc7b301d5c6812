import { z } from "zod";
import type { EpochMs, MonotonicMs, Value } from "../../drivers/contract.ts";
import type { TimeCorrection } from "../store/time-shift.ts";
import type { CompiledCondition, CompiledRule } from "./compile.ts";
import type { Kept } from "./kinds/memory.ts";
import type { Placement } from "./kinds/total.ts";
import type { Instant } from "./rule.ts";
import { unknown, type Verdict } from "./verdict.ts";

/**
 * How far a rule is between normal and alarm. `pending`: violated, on-delay runs. `active`: in
 * alarm. `returning`: back to normal, off-delay runs.
 */
export type Phase = "normal" | "pending" | "active" | "returning";

const memorySchema = z.strictObject({
  /** When this was saved. */
  mono: z.number(),
  at: z.number(),
  /** For each comparison and total, in their order; null: nothing. */
  leaves: z.array(z.unknown()),
  totals: z.array(z.unknown()),
});

const conditionStateSchema = z.strictObject({
  version: z.literal(1),
  condition: z.string(),
  phase: z.enum(["normal", "pending", "active", "returning"]),
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
   * on it or time of violation adds up.
   */
  leaves: z
    .array(
      z.strictObject({
        verdict: z.int().min(0).max(10),
        value: z.union([z.number(), z.string(), z.boolean()]).optional(),
      }),
    )
    .optional(),
  memory: memorySchema.optional(),
});
export type ConditionState = z.infer<typeof conditionStateSchema>;

const ruleStateSchema = conditionStateSchema.extend({
  suppression: conditionStateSchema.optional(),
});

/**
 * What is kept of a rule across a restart: plain JSON. A rule in its normal phase that remembers
 * nothing keeps nothing.
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
  /** What was found out of the clock of this boot and of earlier ones, oldest first. */
  readonly corrections?: readonly TimeCorrection[];
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

/** What is left of a condition's memory. */
export interface KeptMemory {
  readonly leaves: readonly Kept[];
  readonly totals: readonly unknown[];
  readonly placement: Placement;
}

export interface ResumedCondition {
  readonly how: Resumption;
  readonly phase: Phase;
  readonly since: MonotonicMs;
  readonly sinceAt: EpochMs;
  /** Undefined: nothing is known until samples come. */
  readonly leaves: readonly KnownLeaf[] | undefined;
  readonly kept?: KeptMemory | undefined;
}

export interface Resumed extends ResumedCondition {
  readonly suppression?: ResumedCondition | undefined;
}

interface Delays {
  readonly onDelayMs: number;
  readonly offDelayMs: number;
}

const noDelays: Delays = { onDelayMs: 0, offDelayMs: 0 };

/**
 * The phase with which a rule goes on. The alarm's own record wins over the rule's: what a person
 * saw as active stays active until a value says otherwise. In the boot in which it was saved a
 * delay runs on exactly, unless it ran out while nobody watched; then, and in another boot, the
 * first samples decide.
 *
 * @param alarmSuppressed the same for suppression by the rule's condition; undefined: the rule's
 * own record counts.
 */
export function resume(
  saved: unknown,
  compiled: CompiledRule,
  start: Start,
  alarmActive: boolean,
  alarmSuppressed?: boolean,
): Resumed {
  const parsed = saved === undefined ? undefined : ruleStateSchema.safeParse(saved);
  const resumed =
    parsed?.success === false
      ? fresh("invalid", "normal", start)
      : resumeCondition(parsed?.data, compiled, compiled.rule, start);
  const main =
    resumed.how === "condition-changed" ? resumed : following(resumed, alarmActive, start);
  if (compiled.suppression === undefined) return main;
  const own = resumeCondition(parsed?.data?.suppression, compiled.suppression, noDelays, start);
  const suppression = alarmSuppressed === undefined ? own : following(own, alarmSuppressed, start);
  return { ...main, suppression };
}

function following(resumed: ResumedCondition, active: boolean, start: Start): ResumedCondition {
  const inAlarm = resumed.phase === "active" || resumed.phase === "returning";
  if (inAlarm === active) return resumed;
  return { ...fresh("followed-alarm", active ? "active" : "normal", start), kept: resumed.kept };
}

function resumeCondition(
  state: ConditionState | undefined,
  compiled: CompiledCondition,
  delays: Delays,
  start: Start,
): ResumedCondition {
  if (state === undefined) return fresh("none", "normal", start);
  if (state.condition !== compiled.condition) return fresh("condition-changed", "normal", start);
  const kept = keptMemory(state, compiled, start);
  const { phase, mono: since, at: sinceAt } = state;
  const timed = phase === "pending" || phase === "returning";
  if (isSameBoot(state, start)) {
    const delayMs = phase === "pending" ? delays.onDelayMs : delays.offDelayMs;
    const running = timed && since + delayMs > start.instant.mono;
    const leaves =
      timed || kept !== undefined ? trusted(state, compiled, running, kept) : undefined;
    return { how: "continued", phase, since, sinceAt, leaves, kept };
  }
  if (!timed) return { how: "continued", phase, since, sinceAt, leaves: undefined, kept };
  const elapsedMs = elapsedAcrossBoot(state, compiled, start);
  if (elapsedMs === undefined) {
    return { ...fresh("delay-restarted", phase === "pending" ? "normal" : "active", start), kept };
  }
  const began = start.instant.mono - elapsedMs;
  return { how: "continued", phase, since: began, sinceAt, leaves: undefined, kept };
}

function isSameBoot(state: ConditionState, { boot, instant }: Start): boolean {
  return state.boot === boot && state.mono <= instant.mono;
}

/**
 * Values that silence makes stale may have changed while nobody watched; the others hold until they
 * are told again.
 */
function trusted(
  state: ConditionState,
  { leaves, staleAfterMs }: CompiledCondition,
  running: boolean,
  kept: KeptMemory | undefined,
): readonly KnownLeaf[] | undefined {
  const known = state.leaves?.length === leaves.length ? state.leaves : undefined;
  return known?.map((leaf, index) =>
    running ||
    staleAfterMs[index] === Number.POSITIVE_INFINITY ||
    kept?.leaves[index]?.trusted === true
      ? leaf
      : { verdict: unknown },
  );
}

/**
 * Times of this boot stand as they are. Those of another are laid onto the clock of today by the
 * wall clock where it can be believed, as if the machine had not been down where it cannot. A
 * violation that was going on goes on if nobody was away for longer than its values hold.
 */
function keptMemory(
  state: ConditionState,
  { leaves, totals, staleAfterMs }: CompiledCondition,
  start: Start,
): KeptMemory | undefined {
  const { memory } = state;
  if (memory?.leaves.length !== leaves.length || memory.totals.length !== totals.length) return;
  const { mono, at } = start.instant;
  const sameBoot = isSameBoot(state, start) && memory.mono <= mono;
  const downMs = start.stoppedAt === undefined ? Number.NaN : at - start.stoppedAt;
  const lastMono = downMs >= 0 ? Math.max(memory.mono, mono - downMs) : memory.mono;
  const idleMs = mono - lastMono;
  const holdMs = Math.min(...staleAfterMs);
  const goesOn = sameBoot && idleMs <= holdMs;
  const believed = state.synchronized && start.clockSynchronized() && at >= memory.at;
  const shiftMs = sameBoot ? 0 : mono - memory.mono - (believed ? at - memory.at : 0);
  const seenUntil = sameBoot ? lastMono + holdMs : memory.mono + shiftMs;
  return {
    leaves: memory.leaves.map((saved, index) => ({
      saved,
      sameBoot,
      trusted: sameBoot && idleMs <= (staleAfterMs[index] ?? Number.POSITIVE_INFINITY),
    })),
    totals: memory.totals,
    placement: { shiftMs, goesOn, knownUntil: goesOn ? mono + holdMs : seenUntil },
  };
}

/** Undefined when it cannot be known that the machine was down no longer than the values hold. */
function elapsedAcrossBoot(
  state: ConditionState,
  { staleAfterMs }: CompiledCondition,
  { instant, clockSynchronized, stoppedAt }: Start,
): number | undefined {
  if (!state.synchronized || !clockSynchronized()) return undefined;
  const downMs = instant.at - Math.max(state.at, stoppedAt ?? state.at);
  const known = staleAfterMs.filter(Number.isFinite);
  const downMsMax = known.length === 0 ? downtimeMsDefault : Math.min(...known);
  return downMs >= 0 && downMs <= downMsMax ? instant.at - state.at : undefined;
}

function fresh(how: Resumption, phase: Phase, { instant }: Start): ResumedCondition {
  return { how, phase, since: instant.mono, sinceAt: instant.at, leaves: undefined };
}
