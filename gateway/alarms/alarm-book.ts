import { type AlarmText, alarmText } from "../../config/language/alarm.ts";
import type { Language } from "../../config/language/language.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { EpochMs, PointKey, Value } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Rule } from "../rules/rule.ts";
import type { RuleChange } from "../rules/rule-set.ts";
import type { Alarm, AlarmState, AlarmTransition } from "./alarm.ts";
import { alarmOf, occurrenceOf, readSavedAlarm, ruleOf, savedOf } from "./alarm-state.ts";
import {
  type AlarmEvent,
  basicStateOf,
  flagsOf,
  isActive,
  needsAcknowledge,
  next,
  type Refusal,
} from "./lifecycle.ts";

/**
 * Alarms that are over and still listed: enough to see what happened last night, few enough to
 * read.
 */
export const returnedAlarmsMax = 50;

/** Saved state of alarms stands under this prefix, followed by the rule's id. */
const alarmKeyPrefix = "alarm/";

const ranks: Readonly<Record<Priority, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

interface Happening {
  readonly point?: PointKey;
  readonly value?: Value;
  readonly by?: string;
  readonly comment?: string;
}

/** The last occurrence of each rule's alarm. Collects what changed until `collect` is called. */
export class AlarmBook {
  readonly #text: AlarmText;
  readonly #byRule = new Map<string, Alarm>();
  #transitions: AlarmTransition[] = [];
  #state = new Map<string, unknown>();
  #list: readonly Alarm[] | undefined;

  /**
   * @param saved values by key; those without a readable form are ignored, those of other rules are
   * dropped.
   */
  constructor(
    rules: readonly Rule[],
    saved: ReadonlyMap<string, unknown>,
    at: EpochMs,
    language: Language,
  ) {
    this.#text = alarmText[language];
    const known = new Map(rules.map((rule) => [rule.id, rule]));
    for (const [key, json] of saved) {
      if (!key.startsWith(alarmKeyPrefix)) continue;
      const id = key.slice(alarmKeyPrefix.length);
      const alarm = readSavedAlarm(json);
      const rule = known.get(id);
      if (alarm !== undefined) this.#byRule.set(id, alarmOf(alarm, rule ?? removedRule(id, alarm)));
      if (rule === undefined) this.#forget(id, at);
    }
  }

  isActive(rule: string): boolean {
    return isActive(this.#byRule.get(rule)?.state ?? "normal");
  }

  /** Takes over what a rule found. */
  apply({ rule, to, ...happening }: RuleChange, at: EpochMs): void {
    const last = this.#byRule.get(rule.id);
    if (to === "returned" && last !== undefined) {
      this.#move(last, "returned", at, happening);
      return;
    }
    const occurrence = last === undefined ? 0 : occurrenceOf(last.id);
    const { id, priority, message, advise, location, outputs } = rule;
    const raised: Alarm = {
      id: `${id}#${occurrence + 1}`,
      rule: id,
      ...flagsOf(basicStateOf(last?.state ?? "normal")),
      priority,
      message,
      ...(advise === undefined ? {} : { advise }),
      ...(location === undefined ? {} : { location }),
      outputs,
      ...(happening.point === undefined ? {} : { point: happening.point }),
      ...(happening.value === undefined ? {} : { value: happening.value }),
      raisedAt: at,
      since: at,
    };
    this.#move(raised, "violated", at, happening);
  }

  /** @throws RackwatchError `alarm/unknown`, `alarm/not-allowed` with the reason. */
  acknowledge(id: string, by: string, comment: string | undefined, at: EpochMs): void {
    const alarm = this.#byRule.get(ruleOf(id));
    if (alarm?.id !== id) throw this.#noSuchAlarm(id, alarm);
    this.#move(alarm, "acknowledged", at, { by, ...(comment === undefined ? {} : { comment }) });
  }

  /** The rule's condition is another one now: an alarm that was active for the old one is over. */
  conditionChanged(rule: string, at: EpochMs): void {
    const alarm = this.#byRule.get(rule);
    if (alarm !== undefined && isActive(alarm.state)) this.#move(alarm, "rule-removed", at, {});
  }

  /**
   * Active and unacknowledged ones first, by priority, the newest first; then the last ones that
   * are over.
   */
  list(): readonly Alarm[] {
    if (this.#list !== undefined) return this.#list;
    const alarms = [...this.#byRule.values()];
    const live = alarms.filter(({ state }) => state !== "normal").sort(byUrgency);
    const over = alarms.filter(({ state }) => state === "normal").sort((a, b) => b.since - a.since);
    this.#list = [...live, ...over.slice(0, returnedAlarmsMax)];
    return this.#list;
  }

  /** What happened since the last call. */
  collect() {
    const collected = { transitions: this.#transitions, state: this.#state };
    this.#transitions = [];
    this.#state = new Map();
    return collected;
  }

  #move(alarm: Alarm, event: AlarmEvent, at: EpochMs, happening: Happening): void {
    const outcome = next(basicStateOf(alarm.state), event);
    if ("refused" in outcome) throw this.#refuse(alarm, outcome.refused);
    const { point = alarm.point, value = alarm.value, by, comment } = happening;
    const moved: Alarm = {
      ...alarm,
      ...flagsOf(outcome.to),
      since: at,
      ...(by === undefined ? {} : { acknowledgedBy: by }),
      ...(comment === undefined ? {} : { comment }),
    };
    this.#byRule.set(alarm.rule, moved);
    this.#list = undefined;
    this.#state.set(alarmKeyPrefix + alarm.rule, savedOf(moved));
    this.#transitions.push({
      alarm: alarm.id,
      rule: alarm.rule,
      from: alarm.state,
      to: outcome.to,
      at,
      cause: event,
      ...(by === undefined ? {} : { by }),
      ...(comment === undefined ? {} : { comment }),
      ...(point === undefined ? {} : { point }),
      ...(value === undefined ? {} : { value }),
      priority: alarm.priority,
      message: alarm.message,
    });
  }

  #forget(rule: string, at: EpochMs): void {
    const alarm = this.#byRule.get(rule);
    if (alarm !== undefined && alarm.state !== "normal") this.#move(alarm, "rule-removed", at, {});
    this.#byRule.delete(rule);
    this.#state.set(alarmKeyPrefix + rule, undefined);
  }

  #refuse({ id, acknowledgedBy = "" }: Alarm, refusal: Refusal): RackwatchError {
    const text = this.#text;
    const reason =
      refusal === "alreadyAcknowledged" ? text.alreadyAcknowledged(acknowledgedBy) : text[refusal];
    return new RackwatchError("alarm/not-allowed", reason, { where: id, todo: text.reload });
  }

  #noSuchAlarm(id: string, latest: Alarm | undefined): RackwatchError {
    const text = this.#text;
    if (latest === undefined || !isOlder(id, latest)) {
      const todo = text.reload;
      return new RackwatchError("alarm/unknown", text.unknownAlarm(id), { where: id, todo });
    }
    const todo = needsAcknowledge(latest.state) ? text.acknowledgeLater : text.reload;
    return new RackwatchError("alarm/not-allowed", text.occurrenceOver, { where: id, todo });
  }
}

function isOlder(id: string, latest: Alarm): boolean {
  const occurrence = Number(id.slice(id.lastIndexOf("#") + 1));
  return Number.isInteger(occurrence) && occurrence > 0 && occurrence < occurrenceOf(latest.id);
}

/** Stands in for a rule that is configured no more, as long as its alarm's end is written down. */
function removedRule(id: string, { priority, message }: Pick<Alarm, "priority" | "message">): Rule {
  const when = { is: "any", of: [] } as const;
  return { id, when, onDelayMs: 0, offDelayMs: 0, priority, message, outputs: [] };
}

const stateRanks: Readonly<Partial<Record<AlarmState, number>>> = {
  unacknowledged: 0,
  acknowledged: 1,
  "returned-unacknowledged": 1,
  normal: 2,
};

function byUrgency(a: Alarm, b: Alarm): number {
  return (
    (stateRanks[a.state] ?? 1) - (stateRanks[b.state] ?? 1) ||
    ranks[a.priority] - ranks[b.priority] ||
    b.since - a.since
  );
}
