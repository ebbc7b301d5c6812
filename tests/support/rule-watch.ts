import type { PointKey, Sample, Value } from "../../drivers/contract.ts";
import { compileRules } from "../../gateway/rules/compile.ts";
import type { Condition, Instant, Rule } from "../../gateway/rules/rule.ts";
import { RuleSet } from "../../gateway/rules/rule-set.ts";
import { type RuleState, resume, type Start } from "../../gateway/rules/rule-state.ts";

export const minute = 60_000;
export const hour = 60 * minute;

export function good(point: PointKey, value: Value): Sample {
  return { point, sampledAt: 0, quality: "good", value };
}
export function bad(point: PointKey): Sample {
  return { point, sampledAt: 0, quality: "bad", reason: "timeout" };
}
export function uncertain(point: PointKey, value: Value): Sample {
  return { point, sampledAt: 0, quality: "uncertain", value };
}

export function ruleOf(when: Condition, more: Partial<Rule> = {}): Rule {
  return {
    id: "r",
    when,
    onDelayMs: 0,
    offDelayMs: 0,
    priority: "medium",
    message: "",
    outputs: [],
    ...more,
  };
}

const signs = { violated: "+", returned: "-", suppressed: "(", unsuppressed: ")" } as const;

/** One rule on a clock that is told; every timer gets its tick, as in the gateway. */
export class RuleWatch {
  readonly #rule: Rule;
  readonly #staleAfterMs: ((point: PointKey) => number | undefined) | undefined;
  readonly seen: string[] = [];
  /** Wall minus monotonic clock, in milliseconds. */
  offsetMs: number;
  mono: number;
  boot = "a";
  saved: RuleState | undefined;
  #active = false;
  #rules: RuleSet;

  constructor(
    rule: Rule,
    {
      staleAfterMs,
      offsetMs = 1_700_000_000_000,
      mono = 0,
    }: {
      readonly staleAfterMs?: number | ((point: PointKey) => number | undefined);
      readonly offsetMs?: number;
      readonly mono?: number;
    } = {},
  ) {
    this.#rule = rule;
    this.#staleAfterMs = typeof staleAfterMs === "number" ? () => staleAfterMs : staleAfterMs;
    this.offsetMs = offsetMs;
    this.mono = mono;
    this.#rules = this.#start();
  }

  get rules(): RuleSet {
    return this.#rules;
  }

  get now(): Instant {
    return { at: this.mono + this.offsetMs, mono: this.mono };
  }

  /** Samples at a time on the monotonic clock; the answer is what changed at that very step. */
  at(mono: number, ...samples: readonly Sample[]): string {
    this.until(mono);
    this.mono = mono;
    return this.#take(this.#rules.evaluate(samples, this.now));
  }

  /** Lets time pass, tick by tick of the rules' own timers. */
  until(mono: number): void {
    for (let due = this.#due(); due !== undefined && due <= mono; due = this.#due()) {
      this.mono = Math.max(due, this.mono);
      this.#take(this.#rules.evaluate([], this.now));
    }
    this.mono = mono;
  }

  restartTotals(): string {
    return this.#take(this.#rules.restartTotals("r", this.now));
  }

  /** The process ends in order and starts again. */
  restart(more: Partial<Start> = {}): void {
    const { saved } = { saved: this.#rules.checkpoint() };
    if (saved.has("r")) this.saved = saved.get("r");
    this.kill(more);
  }

  /** The process is killed and starts again. */
  kill(more: Partial<Start> = {}): void {
    this.#rules = this.#start(more);
  }

  /** The machine boots again: its monotonic clock begins at 0, the wall clock goes on. */
  reboot(downMs: number, more: Partial<Start> = {}): void {
    this.offsetMs += this.mono + downMs;
    this.mono = 0;
    this.boot = `${this.boot}+`;
    this.kill(more);
  }

  #due(): number | undefined {
    return this.#rules.nextDue();
  }

  #start(more: Partial<Start> = {}): RuleSet {
    const start: Start = {
      instant: this.now,
      boot: this.boot,
      clockSynchronized: () => true,
      ...more,
    };
    const saved: unknown = this.saved && JSON.parse(JSON.stringify(this.saved));
    return new RuleSet(compileRules([this.#rule], this.#staleAfterMs), start, (one) =>
      resume(saved, one, start, this.#active),
    );
  }

  #take({ changes, saved }: ReturnType<RuleSet["evaluate"]>): string {
    if (saved.has("r")) this.saved = saved.get("r");
    for (const { to } of changes) {
      if (to === "violated" || to === "returned") this.#active = to === "violated";
      this.seen.push(`${this.mono} ${to}`);
    }
    return changes.map(({ to }) => signs[to]).join("");
  }
}
