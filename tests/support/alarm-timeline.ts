import type { PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AlarmAction } from "../../gateway/alarms/alarm.ts";
import {
  type AlarmStep,
  type AlarmSystemParts,
  createAlarmSystem,
} from "../../gateway/alarms/alarm-system.ts";
import { isaState } from "../../gateway/alarms/lifecycle.ts";
import type { Instant, Rule } from "../../gateway/rules/rule.ts";

export const watched: PointKey = "cold-2/temperature";

/** Samples at a fixed rate and what people do meanwhile, against one rule. Times are `m:ss`. */
export interface Timeline {
  readonly id: string;
  readonly is?: "above" | "below";
  readonly limit?: number;
  readonly inclusive?: boolean;
  readonly deadband?: number;
  readonly onDelayS?: number;
  readonly offDelayS?: number;
  readonly everyS?: number;
  readonly rule?: Partial<Rule>;
  readonly values: readonly number[];
  readonly acts?: readonly (readonly [at: string, action: Act])[];
  /** `m:ss STATE`, or `m:ss refused`. */
  readonly expected: readonly string[];
}

type WithoutPerson<A> = A extends unknown ? Omit<A, "by"> : never;
export type Act = WithoutPerson<AlarmAction>;

export function ruleOf(timeline: Timeline): Rule {
  const { is = "above", limit = 8, inclusive = false, deadband = 0 } = timeline;
  const { onDelayS = 0, offDelayS = 0 } = timeline;
  return {
    id: "cold-2-warm",
    when: { is, point: watched, limit, inclusive, deadband },
    onDelayMs: onDelayS * 1_000,
    offDelayMs: offDelayS * 1_000,
    priority: "high",
    message: "too warm",
    outputs: [],
    ...timeline.rule,
  };
}

export interface Conditions {
  /** Moments, in ms of the timeline, before which the process is killed and started again. */
  readonly killedAt?: readonly number[];
  /** Whether a kill takes the machine along: another boot, another monotonic clock. */
  readonly reboots?: boolean;
  /** Monotonic time of the first boot at 0 of the timeline. */
  readonly bootMono?: number;
  /** Further moments, in ms of the timeline, at which the clock ticks. */
  readonly ticks?: readonly number[];
  /** The wall clock's error by timeline time. */
  readonly wallErrorMs?: (ms: number) => number;
  /** Transitions that change no state are told too, with their cause. */
  readonly logged?: boolean;
}

interface Moment {
  readonly ms: number;
  readonly value?: number;
  readonly act?: Act;
  readonly kill?: true;
}

/** How far each boot's monotonic clock stands from the one before. */
const bootStepMs = 700_001;

/** Plays a timeline with ticks at every moment at which a timer is due; what happened, as `m:ss STATE`. */
export function play(timeline: Timeline, conditions: Conditions = {}): string[] {
  const { reboots = false, bootMono = 50_000, wallErrorMs = () => 0, logged = false } = conditions;
  const rule = ruleOf(timeline);
  const saved = new Map<string, unknown>();
  const seen: string[] = [];
  let boots = 0;
  const monoOf = (ms: number) => bootMono + ms - boots * bootStepMs;
  const instant = (ms: number): Instant => ({
    at: 1_700_000_000_000 + ms + wallErrorMs(ms),
    mono: monoOf(ms),
  });
  const begin = (ms: number) =>
    createAlarmSystem(partsFor(rule, new Map(saved), instant(ms), `boot ${boots}`));
  let system = begin(0);

  const take = (ms: number, step: AlarmStep) => {
    for (const { from, to, cause } of step.transitions) {
      if (from !== to) seen.push(`${clock(ms)} ${isaState(to)}`);
      else if (logged) seen.push(`${clock(ms)} ${isaState(to)} (${cause})`);
    }
    for (const [key, value] of step.stateChanges) {
      if (value === undefined) saved.delete(key);
      else saved.set(key, JSON.parse(JSON.stringify(value)));
    }
  };
  const tickUntil = (ms: number) => {
    for (;;) {
      const due = system.nextDue();
      if (due === undefined || due > monoOf(ms)) return;
      const at = Math.max(due - monoOf(0), 0);
      take(at, system.step([], instant(at)));
    }
  };
  const act = (ms: number, action: Act) => {
    try {
      take(ms, system.act(rule.id, { ...action, by: "Li Na" }, instant(ms)));
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      seen.push(`${clock(ms)} refused`);
    }
  };
  for (const { ms, value, act: action, kill } of momentsOf(timeline, conditions)) {
    // Until it was killed the process lived.
    tickUntil(kill === true ? ms - 1 : ms);
    if (kill === true) {
      if (reboots) boots += 1;
      system = begin(ms);
    } else if (action !== undefined) act(ms, action);
    else if (value === undefined) take(ms, system.step([], instant(ms)));
    else {
      const sample: Sample = { point: watched, sampledAt: instant(ms).at, quality: "good", value };
      take(ms, system.step([sample], instant(ms)));
    }
  }
  tickUntil(lastMsOf(timeline));
  return seen;
}

export function lastMsOf({ values, everyS = 60 }: Timeline): number {
  return (values.length - 1) * everyS * 1_000;
}

/** In order; of one instant: kills, then samples, then people, then ticks. */
function momentsOf(timeline: Timeline, { killedAt = [], ticks = [] }: Conditions): Moment[] {
  const { values, everyS = 60, acts = [] } = timeline;
  return [
    ...killedAt.map((ms) => ({ ms, kill: true }) as const),
    ...values.map((value, index) => ({ ms: index * everyS * 1_000, value })),
    ...acts.map(([at, act]) => ({ ms: msOf(at), act })),
    ...ticks.map((ms) => ({ ms })),
  ].sort((a, b) => a.ms - b.ms);
}

export function partsFor(
  rule: Rule,
  saved: ReadonlyMap<string, unknown>,
  instant: Instant,
  boot = "b1",
): AlarmSystemParts {
  const clockSynchronized = () => true;
  return { rules: [rule], saved, instant, boot, clockSynchronized, staleAfterMs: () => 180_000 };
}

export function clock(ms: number): string {
  const s = ms / 1_000;
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

export function msOf(text: string): number {
  const [minutes = 0, seconds = 0] = text.split(":").map(Number);
  return (minutes * 60 + seconds) * 1_000;
}
