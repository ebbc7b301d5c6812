import type { Language } from "../../config/language/language.ts";
import type { MonotonicMs } from "../../drivers/contract.ts";
import { foundElsewhere, type Instant, type Rule } from "../rules/rule.ts";
import type { RuleBook } from "../rules/rule-book.ts";
import type { RuleChange } from "../rules/rule-set.ts";
import type { Start } from "../rules/rule-state.ts";
import { correctionsSince, type TimeCorrection } from "../store/time-shift.ts";
import type { Alarm, AlarmAction, AlarmCause, AlarmTransition } from "./alarm.ts";
import { causeOf, happeningOf, missing, refusal } from "./alarm-action.ts";
import { listed } from "./alarm-list.ts";
import { type Happening, moved, transitionOf } from "./alarm-move.ts";
import {
  alarmKeyPrefix,
  type Entry,
  entryOf,
  flagsOf,
  readSavedAlarm,
  ruleOf,
  type SavedAlarm,
  savedOf,
  unraised,
} from "./alarm-state.ts";
import { nextTimer, type Timer } from "./alarm-timers.ts";
import { atTrueTimes } from "./alarm-times.ts";
import { apply, type Flags } from "./lifecycle.ts";

/** The timer that ends next, of all alarms. */
interface Due {
  readonly rule: string;
  readonly timer: Timer;
}

/** The last occurrence of each rule's alarm. Collects what changed until `collect` is called. */
export class AlarmBook {
  readonly #start: Start;
  readonly #language: Language;
  readonly #rules: RuleBook;
  readonly #entries = new Map<string, Entry>();
  #transitions: AlarmTransition[] = [];
  #state = new Map<string, unknown>();
  #list: readonly Alarm[] | undefined;
  /** Undefined: to be found anew. */
  #due: { readonly first: Due | undefined } | undefined;

  /**
   * @param saved values by key; those without a readable form are ignored, those of other rules are
   * dropped.
   */
  constructor(
    rules: RuleBook,
    saved: ReadonlyMap<string, unknown>,
    start: Start,
    language: Language,
  ) {
    this.#start = start;
    this.#language = language;
    this.#rules = rules;
    for (const [key, json] of saved) {
      if (!key.startsWith(alarmKeyPrefix)) continue;
      this.#restore(key.slice(alarmKeyPrefix.length), readSavedAlarm(json, start));
    }
  }

  isActive(rule: string): boolean {
    return this.#entries.get(rule)?.alarm.active === true;
  }

  /** Suppressed by the rule's own condition, not by a person. */
  isSuppressedByDesign(rule: string): boolean {
    const suppressed = this.#entries.get(rule)?.alarm.suppressed;
    return suppressed !== undefined && suppressed.by === undefined;
  }

  /** When a timer ends that no sample has to trigger; undefined: none runs. */
  nextDue(): MonotonicMs | undefined {
    return this.#firstDue()?.timer.due;
  }

  /** The first timer that is due by now, if there is one. */
  fire(now: Instant): void {
    const first = this.#firstDue();
    if (first === undefined || first.timer.due > now.mono) return;
    const entry = this.#entries.get(first.rule);
    const rule = this.#rules.get(first.rule);
    if (entry !== undefined && rule !== undefined) {
      this.#moveIfAllowed(entry, rule, first.timer.cause, now, {});
    }
  }

  /** Takes over what a rule found. What does not apply to its alarm has nothing to change. */
  apply({ rule, to, ...happening }: RuleChange, now: Instant): void {
    const entry = this.#entries.get(rule.id) ?? unraised(rule, now);
    // What a person has suppressed ends by a person.
    if (to === "unsuppressed" && entry.alarm.suppressed?.by !== undefined) return;
    const cause = to === "returned" ? causeOfReturn(entry.alarm, rule) : to;
    const suppression = to === "suppressed" ? { suppression: { since: now.at } } : {};
    this.#moveIfAllowed(entry, rule, cause, now, { ...happening, ...suppression });
  }

  /**
   * @param target an alarm's id, or that of a rule.
   * @returns the rule's id.
   * @throws RackwatchError `alarm/unknown`, `alarm/not-allowed`, `alarm/reason-required`, `alarm/shelf-too-long`.
   */
  act(target: string, action: AlarmAction, now: Instant): string {
    const { entry, rule } = this.#find(target, now);
    const cause = causeOf(action);
    const outcome = apply(flagsOf(entry.alarm), cause, rule.latch);
    if ("refused" in outcome) throw refusal(entry.alarm, outcome.refused, this.#language);
    const context = { rule, where: entry.alarm.id, language: this.#language };
    this.#move(entry, rule, cause, outcome.flags, now, happeningOf(action, context, now));
    return rule.id;
  }

  /** The rule's condition is another one now: an alarm that was active for the old one is over. */
  conditionChanged(id: string, now: Instant): void {
    const entry = this.#entries.get(id);
    const rule = this.#rules.get(id);
    if (entry === undefined || rule === undefined || !entry.alarm.active) return;
    const { shelved, suppressed, outOfService } = entry.alarm;
    const isAside = (shelved ?? suppressed ?? outOfService) !== undefined;
    const cause = isAside ? causeOfReturn(entry.alarm, rule) : "rule-removed";
    this.#moveIfAllowed(entry, rule, cause, now, {});
  }

  /** The clock was wrong: alarms that it dated get their true times. No timer moves. */
  correct(correction: TimeCorrection, now: Instant): void {
    for (const [id, entry] of this.#entries) {
      const after = atTrueTimes(entry, correction);
      if (after === entry) continue;
      this.#entries.set(id, after);
      this.#list = undefined;
      this.#save(id, after, now);
    }
  }

  /** See `listed`. The same array until something changes. */
  list(): readonly Alarm[] {
    this.#list ??= listed(
      [...this.#entries.values()].map(({ alarm }) => alarm),
      (id) => this.#rules.get(id),
    );
    return this.#list;
  }

  /** What happened since the last call. */
  collect() {
    const collected = { transitions: this.#transitions, state: this.#state };
    this.#transitions = [];
    this.#state = new Map();
    return collected;
  }

  #restore(id: string, saved: SavedAlarm | undefined): void {
    const rule = this.#rules.get(id);
    if (saved === undefined) {
      if (rule === undefined) this.#state.set(alarmKeyPrefix + id, undefined);
      return;
    }
    const entry = entryOf(saved, rule ?? removedRule(id, saved), this.#start);
    if (rule !== undefined) {
      this.#entries.set(id, entry);
      // Stamps of an earlier boot mean nothing to the next start.
      const isMissed = correctionsSince(this.#start.corrections ?? [], saved).length > 0;
      if (isMissed || saved.boot !== this.#start.boot) this.#save(id, entry, this.#start.instant);
      if (this.isSuppressedByDesign(id) && rule.suppressWhile === undefined) {
        this.#moveIfAllowed(entry, rule, "unsuppressed", this.#start.instant, {});
      }
      return;
    }
    this.#moveIfAllowed(entry, removedRule(id, saved), "rule-removed", this.#start.instant, {});
    this.#entries.delete(id);
    this.#state.set(alarmKeyPrefix + id, undefined);
  }

  #find(target: string, now: Instant): { readonly entry: Entry; readonly rule: Rule } {
    const whole = this.#rules.get(target);
    if (whole !== undefined) {
      return { rule: whole, entry: this.#entries.get(target) ?? unraised(whole, now) };
    }
    const rule = this.#rules.get(ruleOf(target));
    const entry = this.#entries.get(ruleOf(target));
    if (rule === undefined || entry?.alarm.id !== target) {
      throw missing(target, entry?.alarm, this.#language);
    }
    return { entry, rule };
  }

  #firstDue(): Due | undefined {
    this.#due ??= { first: this.#findDue() };
    return this.#due.first;
  }

  #findDue(): Due | undefined {
    let first: Due | undefined;
    for (const [id, { alarm, timing }] of this.#entries) {
      const rule = this.#rules.get(id);
      const timer = rule === undefined ? undefined : nextTimer(alarm, timing, rule);
      if (timer === undefined) continue;
      if (first === undefined || timer.due < first.timer.due) first = { rule: id, timer };
    }
    return first;
  }

  #moveIfAllowed(
    entry: Entry,
    rule: Rule,
    cause: AlarmCause,
    now: Instant,
    happening: Happening,
  ): void {
    const outcome = apply(flagsOf(entry.alarm), cause, rule.latch);
    if ("flags" in outcome) this.#move(entry, rule, cause, outcome.flags, now, happening);
  }

  #move(
    before: Entry,
    rule: Rule,
    cause: AlarmCause,
    flags: Flags,
    now: Instant,
    happening: Happening,
  ): void {
    const after = moved(before, cause, flags, { happening, rule, now });
    this.#transitions.push(transitionOf(before.alarm, after.alarm, cause, happening, now.at));
    this.#list = undefined;
    this.#due = undefined;
    const { alarm } = after;
    if (alarm.state === "normal" && alarm.id.endsWith("#0")) {
      this.#entries.delete(rule.id);
      this.#state.set(alarmKeyPrefix + rule.id, undefined);
      return;
    }
    this.#entries.set(rule.id, after);
    this.#save(rule.id, after, now);
  }

  #save(id: string, entry: Entry, instant: Instant): void {
    this.#state.set(alarmKeyPrefix + id, savedOf(entry, { ...this.#start, instant }));
  }
}

function causeOfReturn({ shelved, state }: Alarm, rule: Rule): AlarmCause {
  if (shelved?.oneShot === true) return "one-shot-over";
  return rule.autoAcknowledge === true && state === "unacknowledged"
    ? "auto-acknowledged"
    : "returned";
}

/** Stands in for a rule that is configured no more, as long as its alarm's end is written down. */
function removedRule(id: string, { priority, message }: Pick<Alarm, "priority" | "message">): Rule {
  return { id, when: foundElsewhere, onDelayMs: 0, offDelayMs: 0, priority, message, outputs: [] };
}
