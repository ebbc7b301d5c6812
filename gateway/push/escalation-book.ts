import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import type { RuleBook } from "../rules/rule-book.ts";
import type { Draft } from "./draft.ts";
import { dueOf, type Escalation, escalationKeyPrefix, restore, savedOf } from "./escalation.ts";
import { type LadderSources, type Plan, planOf } from "./ladder.ts";
import type { BootClock } from "./time-mark.ts";

/** The escalation of each rule that has one, and what of them is to be saved. */
export class EscalationBook {
  readonly #clock: BootClock;
  readonly #rules: RuleBook;
  readonly #sources: LadderSources;
  readonly #plans = new WeakMap<Rule, { readonly plan: Plan | undefined }>();
  readonly #byRule = new Map<string, Escalation>();
  readonly #dirty = new Set<string>();
  #due: MonotonicMs | undefined;

  constructor(
    rules: RuleBook,
    sources: LadderSources,
    saved: ReadonlyMap<string, unknown>,
    instant: Instant,
    clock: BootClock,
  ) {
    this.#clock = clock;
    this.#rules = rules;
    this.#sources = sources;
    for (const [key, json] of saved) {
      if (!key.startsWith(escalationKeyPrefix)) continue;
      const rule = key.slice(escalationKeyPrefix.length);
      const escalation = restore(json, this.plan(rule), instant, clock);
      if (escalation !== undefined) this.#byRule.set(rule, escalation);
      else this.#dirty.add(rule);
    }
    this.#reckon();
  }

  plan(id: string): Plan | undefined {
    const rule = this.#rules.get(id);
    if (rule === undefined) return undefined;
    const known = this.#plans.get(rule) ?? { plan: planOf(rule, this.#sources) };
    this.#plans.set(rule, known);
    return known.plan;
  }

  get(rule: string): Escalation | undefined {
    return this.#byRule.get(rule);
  }

  /** One that is over and has nothing left to tell goes. */
  put(escalation: Escalation): void {
    const { rule } = escalation.subject;
    this.#dirty.add(rule);
    if (escalation.stage === "over" && escalation.waits.length === 0) this.#byRule.delete(rule);
    else this.#byRule.set(rule, escalation);
  }

  all(): readonly Escalation[] {
    return [...this.#byRule.values()];
  }

  /** Those with something to tell at `mono`. */
  due(mono: MonotonicMs): readonly { readonly escalation: Escalation; readonly plan: Plan }[] {
    const found: { readonly escalation: Escalation; readonly plan: Plan }[] = [];
    for (const escalation of this.#byRule.values()) {
      const plan = this.plan(escalation.subject.rule);
      const due = plan === undefined ? undefined : dueOf(escalation, plan);
      if (plan !== undefined && due !== undefined && due <= mono) found.push({ escalation, plan });
    }
    return found;
  }

  /** When `due` will have something, as of the last `save`. */
  nextDue(): MonotonicMs | undefined {
    return this.#due;
  }

  /** Writes down what changed. */
  save(instant: Instant, draft: Draft): void {
    if (this.#dirty.size === 0) return;
    for (const rule of this.#dirty) {
      const escalation = this.#byRule.get(rule);
      const state =
        escalation === undefined ? undefined : savedOf(escalation, instant, this.#clock);
      draft.set(escalationKeyPrefix + rule, state);
    }
    this.#dirty.clear();
    this.#reckon();
  }

  #reckon(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const escalation of this.#byRule.values()) {
      const plan = this.plan(escalation.subject.rule);
      if (plan !== undefined) next = Math.min(next, dueOf(escalation, plan) ?? next);
    }
    this.#due = Number.isFinite(next) ? next : undefined;
  }
}
