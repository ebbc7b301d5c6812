import type { Language } from "../../config/language/language.ts";
import type { MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import { compileRules } from "../rules/compile.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import { ruleBookOf } from "../rules/rule-book.ts";
import { type KnownPoint, type RuleChange, RuleSet, type RuleStep } from "../rules/rule-set.ts";
import { type Resumed, type Resumption, resume, type Start } from "../rules/rule-state.ts";
import type { TimeCorrection } from "../store/time-shift.ts";
import type { Alarm, AlarmAction, AlarmTransition } from "./alarm.ts";
import { AlarmBook } from "./alarm-book.ts";

/** Saved state of rules stands under this prefix, followed by the rule's id. */
const ruleKeyPrefix = "rule/";

export interface AlarmStep {
  readonly transitions: readonly AlarmTransition[];
  /**
   * To be stored together with the transitions: `alarm/<rule>` and `rule/<rule>`; undefined
   * deletes.
   */
  readonly stateChanges: ReadonlyMap<string, unknown>;
  /** All alarms, see `list`. */
  readonly alarms: readonly Alarm[];
}

/**
 * Rules and the lifecycle of their alarms as one. What a step returns is true from then on, whether
 * or not the caller gets it onto the disk: alarms do not wait for a store that cannot write.
 */
export interface AlarmSystem {
  /**
   * No samples: a clock tick. The first step also tells what the start itself changed.
   *
   * @param found what another part found out by other means than samples, by rules that are in the book.
   */
  step(samples: readonly Sample[], instant: Instant, found?: readonly RuleChange[]): AlarmStep;
  /** What was known before the start; see `RuleSet.remind`. */
  remind(known: readonly KnownPoint[], instant: Instant): AlarmStep;
  /**
   * What a person does with an alarm (`rule#occurrence`) or with the present one of a rule (its
   * id). Timers that are due by now come first.
   *
   * @throws RackwatchError `alarm/unknown`, `alarm/not-allowed` with the reason,
   * `alarm/reason-required`, `alarm/shelf-too-long`; the action has changed nothing then, and what
   * timers changed comes with the next step.
   */
  act(target: string, action: AlarmAction, instant: Instant): AlarmStep;
  /** The clock was wrong: alarms that it dated get their true times, see `AlarmBook.correct`. */
  correct(correction: TimeCorrection, instant: Instant): AlarmStep;
  /** When a timer can fire without a sample: the next tick is due then. Undefined: none runs. */
  nextDue(): MonotonicMs | undefined;
  /**
   * Active and unacknowledged ones first, by priority, the newest first; then other live ones, what
   * is put aside, and the last ones that are over. Tells which are held, as `AlarmStep` does not.
   */
  list(): readonly Alarm[];
  /**
   * What rules remember ahead of what `stateChanges` told (running totals): to be stored at the end
   * of the process.
   */
  checkpoint(): ReadonlyMap<string, unknown>;
  /** What became of each rule's saved state at the start, for the log. */
  readonly resumptions: ReadonlyMap<string, Resumption>;
}

export interface AlarmSystemParts extends Start {
  /** A `RuleBook` may grow later. */
  readonly rules: Iterable<Rule>;
  /** What the store kept under `alarm/` and `rule/`, by key. What cannot be read is ignored. */
  readonly saved: ReadonlyMap<string, unknown>;
  /** When a point's value counts as stale; undefined: its silence says nothing. */
  readonly staleAfterMs?: (point: PointKey) => number | undefined;
  /** Of the reasons that errors give; English unless said otherwise. */
  readonly language?: Language;
}

/** @throws Error when two rules have one id. */
export function createAlarmSystem(parts: AlarmSystemParts): AlarmSystem {
  const { saved, instant, language = "en" } = parts;
  const compared = [...parts.rules].filter(({ found }) => found !== true);
  const compiled = compileRules(compared, parts.staleAfterMs);
  const rules = ruleBookOf(parts.rules);
  const book = new AlarmBook(rules, saved, parts, language);
  const resumed = new Map<string, Resumed>();
  const ruleSet = new RuleSet(compiled, parts, (rule) => {
    const { id } = rule.rule;
    // Whatever the suppression's longest time has ended stays ended, though its condition holds.
    const suppressed = book.isSuppressedByDesign(id) || undefined;
    const state = saved.get(ruleKeyPrefix + id);
    const result = resume(state, rule, parts, book.isActive(id), suppressed);
    resumed.set(id, result);
    if (result.how === "condition-changed") book.conditionChanged(id, instant);
    return result;
  });
  const forgotten = [...saved.keys()].filter(
    (key) => key.startsWith(ruleKeyPrefix) && !resumed.has(key.slice(ruleKeyPrefix.length)),
  );
  let waiting = new Map<string, unknown>(forgotten.map((key) => [key, undefined]));
  let mono = instant.mono;

  const take = ({ changes, saved: states }: RuleStep, now: Instant) => {
    for (const change of changes) book.apply(change, now);
    for (const [rule, value] of states) waiting.set(ruleKeyPrefix + rule, value);
  };
  /**
   * Timers of alarms in the order in which they end, each after the rules' timers of the same
   * moment: how often the clock ticks must not decide what comes first.
   */
  const fireTimers = (now: Instant) => {
    for (let due = book.nextDue(); due !== undefined && due <= now.mono; due = book.nextDue()) {
      const moment = { at: now.at, mono: Math.max(due, mono) };
      if ((ruleSet.nextDue() ?? Number.POSITIVE_INFINITY) <= moment.mono) {
        take(ruleSet.evaluate([], moment), moment);
      }
      book.fire(moment);
      mono = moment.mono;
    }
    mono = Math.max(mono, now.mono);
  };
  const finish = (): AlarmStep => {
    const { transitions, state } = book.collect();
    for (const [key, value] of waiting) state.set(key, value);
    if (waiting.size > 0) waiting = new Map();
    return { transitions, stateChanges: state, alarms: book.list() };
  };

  return {
    step(samples, now, found = []) {
      fireTimers(now);
      take(ruleSet.evaluate(samples, now), now);
      for (const change of found) book.apply(change, now);
      return finish();
    },
    remind(known, now) {
      fireTimers(now);
      take(ruleSet.remind(known, now), now);
      return finish();
    },
    act(target, action, now) {
      fireTimers(now);
      take(ruleSet.evaluate([], now), now);
      const rule = book.act(target, action, now);
      // A total without a window never falls by itself: who has seen it lets it begin anew.
      const isSeen = action.do === "acknowledge" || action.do === "reset";
      if (isSeen) take(ruleSet.restartTotals(rule, now), now);
      return finish();
    },
    correct(correction, now) {
      fireTimers(now);
      book.correct(correction, now);
      return finish();
    },
    nextDue: () => earlier(ruleSet.nextDue(), book.nextDue()),
    list() {
      const alarms = book.list();
      const isHeld = ({ active, rule }: Alarm) => active && ruleSet.isHeld(rule);
      return alarms.some(isHeld)
        ? alarms.map((alarm) => (isHeld(alarm) ? { ...alarm, held: true } : alarm))
        : alarms;
    },
    checkpoint: () => withPrefix(ruleSet.checkpoint()),
    resumptions: new Map([...resumed].map(([rule, { how }]) => [rule, how])),
  };
}

function withPrefix(states: ReadonlyMap<string, unknown>): ReadonlyMap<string, unknown> {
  return new Map([...states].map(([rule, state]) => [ruleKeyPrefix + rule, state]));
}

function earlier(a: MonotonicMs | undefined, b: MonotonicMs | undefined): MonotonicMs | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
