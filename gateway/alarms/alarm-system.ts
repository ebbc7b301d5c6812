import type { Language } from "../../config/language/language.ts";
import type { MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import { compileRules } from "../rules/compile.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import { RuleSet, type RuleStep } from "../rules/rule-set.ts";
import { type Resumed, type Resumption, resume, type Start } from "../rules/rule-state.ts";
import type { Alarm, AlarmTransition } from "./alarm.ts";
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
  /** No samples: a clock tick. The first step also tells what the start itself changed. */
  step(samples: readonly Sample[], instant: Instant): AlarmStep;
  /**
   * @throws RackwatchError `alarm/unknown`, `alarm/not-allowed` with the reason; nothing has
   * changed then.
   */
  acknowledge(
    alarm: string,
    person: string,
    comment: string | undefined,
    instant: Instant,
  ): AlarmStep;
  /** When a timer can fire without a sample: the next tick is due then. Undefined: none runs. */
  nextDue(): MonotonicMs | undefined;
  /**
   * Active and unacknowledged ones first, by priority, the newest first; then the last ones that
   * are over.
   */
  list(): readonly Alarm[];
  /** What became of each rule's saved state at the start, for the log. */
  readonly resumptions: ReadonlyMap<string, Resumption>;
}

export interface AlarmSystemParts extends Start {
  readonly rules: readonly Rule[];
  /** What the store kept under `alarm/` and `rule/`, by key. What cannot be read is ignored. */
  readonly saved: ReadonlyMap<string, unknown>;
  /** When a point's value counts as stale; undefined: its silence says nothing. */
  readonly staleAfterMs?: (point: PointKey) => number | undefined;
  /** Of the reasons that errors give; English unless said otherwise. */
  readonly language?: Language;
}

/** @throws Error when two rules have one id. */
export function createAlarmSystem(parts: AlarmSystemParts): AlarmSystem {
  const { rules, saved, instant, language = "en" } = parts;
  const compiled = compileRules(rules, parts.staleAfterMs);
  const book = new AlarmBook(rules, saved, instant.at, language);
  const resumed = new Map<string, Resumed>();
  const ruleSet = new RuleSet(compiled, parts, (rule) => {
    const { id } = rule.rule;
    const result = resume(saved.get(ruleKeyPrefix + id), rule, parts, book.isActive(id));
    resumed.set(id, result);
    if (result.how === "condition-changed") book.conditionChanged(id, instant.at);
    return result;
  });
  const forgotten = [...saved.keys()].filter(
    (key) => key.startsWith(ruleKeyPrefix) && !resumed.has(key.slice(ruleKeyPrefix.length)),
  );
  let first: ReadonlyMap<string, unknown> = new Map(forgotten.map((key) => [key, undefined]));

  const finish = ({ saved: states }: Pick<RuleStep, "saved">): AlarmStep => {
    const { transitions, state } = book.collect();
    for (const [rule, value] of states) state.set(ruleKeyPrefix + rule, value);
    for (const [key, value] of first) state.set(key, value);
    first = new Map();
    return { transitions, stateChanges: state, alarms: book.list() };
  };

  return {
    step(samples, now) {
      const result = ruleSet.evaluate(samples, now);
      for (const change of result.changes) book.apply(change, now.at);
      return finish(result);
    },
    acknowledge(alarm, person, comment, now) {
      book.acknowledge(alarm, person, comment, now.at);
      return finish({ saved: new Map() });
    },
    nextDue: () => ruleSet.nextDue(),
    list: () => book.list(),
    resumptions: new Map([...resumed].map(([rule, { how }]) => [rule, how])),
  };
}
