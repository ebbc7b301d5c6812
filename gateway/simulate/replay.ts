import type { Language } from "../../config/language/language.ts";
import { simulateText } from "../../config/language/simulate.ts";
import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AlarmTransition } from "../alarms/alarm.ts";
import { type AlarmStep, type AlarmSystem, createAlarmSystem } from "../alarms/alarm-system.ts";
import { isaState } from "../alarms/lifecycle.ts";
import type { Rule } from "../rules/rule.ts";
import type { OperatorEvent } from "./operator-events.ts";

/** Transitions that one run may hold in memory; a rule that makes more needs a deadband first. */
export const transitionsMax = 1_000_000;

/** One change of an alarm's state, as the command prints it. */
export interface ReplayTransition {
  readonly rule: string;
  readonly at: EpochMs;
  readonly from: string;
  readonly to: string;
  readonly cause: AlarmTransition["cause"];
}

/** One violation of a rule, delays included, whatever people did with its alarm. */
export interface Episode {
  readonly rule: string;
  readonly from: EpochMs;
  /** Undefined: it was not over at the end. */
  readonly to: EpochMs | undefined;
}

export interface ReplayParts {
  readonly rules: readonly Rule[];
  /** Runs on for this long after the last thing that happened. */
  readonly runOnMs: number;
  readonly staleAfterMs: (point: PointKey) => number | undefined;
  readonly language: Language;
  readonly startAt: EpochMs;
  /** Instead of `transitionsMax`. */
  readonly transitionsMax?: number;
}

export interface ReplayResult {
  readonly transitions: readonly ReplayTransition[];
  readonly episodes: readonly Episode[];
  readonly endAt: EpochMs;
}

/**
 * The alarm system of the gateway, driven by the times of what it is given: both of its clocks
 * show that time. Timers fire when they are due, and before what happens at the same instant.
 * Deterministic.
 */
export class Replay {
  readonly #parts: ReplayParts;
  readonly #system: AlarmSystem;
  readonly #transitions: ReplayTransition[] = [];
  readonly #episodes: Episode[] = [];
  /** Where in the episodes the open one of each rule stands. */
  readonly #open = new Map<string, number>();
  #at: EpochMs;
  #due: MonotonicMs | undefined;
  #shelfMsMax = 0;

  constructor(parts: ReplayParts) {
    const { rules, staleAfterMs, language, startAt } = parts;
    this.#parts = parts;
    this.#at = startAt;
    this.#system = createAlarmSystem({
      rules,
      staleAfterMs,
      language,
      saved: new Map(),
      instant: { at: startAt, mono: startAt },
      boot: "simulate",
      clockSynchronized: () => true,
    });
    this.#due = this.#system.nextDue();
  }

  /** Samples of one instant, which is never before the last one. */
  take(samples: readonly Sample[], at: EpochMs): void {
    this.#advance(at);
    this.#keep(this.#system.step(samples, { at, mono: at }));
  }

  /** Why it was refused, and nothing has changed; undefined when it was done. */
  act({ at, rule, action }: OperatorEvent): string | undefined {
    this.#advance(at);
    try {
      this.#keep(this.#system.act(rule, action, { at, mono: at }));
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      return error.message;
    }
    if (action.do === "shelve") this.#shelfMsMax = Math.max(this.#shelfMsMax, action.forMs ?? 0);
    return undefined;
  }

  /** Lets the clock run on for the longest delay. */
  end(): ReplayResult {
    this.#advance(this.#at + Math.max(this.#parts.runOnMs, this.#shelfMsMax));
    return { transitions: this.#transitions, episodes: this.#episodes, endAt: this.#at };
  }

  /** Fires every timer that is due until `at`, each at its own time. */
  #advance(at: EpochMs): void {
    for (let due = this.#due; due !== undefined && due <= at; due = this.#due) {
      const mono = Math.max(due, this.#at);
      this.#at = mono;
      this.#keep(this.#system.step([], { at: mono, mono }));
      // A timer that is held until a good value comes would be due for ever.
      if (this.#due === due) break;
    }
    this.#at = Math.max(this.#at, at);
  }

  #keep({ transitions }: AlarmStep): void {
    this.#due = this.#system.nextDue();
    for (const transition of transitions) {
      this.#follow(transition);
      const from = isaState(transition.from);
      const to = isaState(transition.to);
      const { rule, at, cause } = transition;
      if (from !== to) this.#transitions.push({ rule, at, from, to, cause });
    }
    const { transitionsMax: most = transitionsMax, language } = this.#parts;
    if (this.#transitions.length > most) throw tooMany(most, language);
  }

  #follow({ rule, at, cause }: AlarmTransition): void {
    const open = this.#open.get(rule);
    if (cause === "violated" && open === undefined) {
      this.#open.set(rule, this.#episodes.length);
      this.#episodes.push({ rule, from: at, to: undefined });
    }
    if (cause !== "returned" && cause !== "auto-acknowledged" && cause !== "one-shot-over") return;
    const episode = open === undefined ? undefined : this.#episodes[open];
    if (open === undefined || episode === undefined) return;
    this.#episodes[open] = { ...episode, to: at };
    this.#open.delete(rule);
  }
}

function tooMany(most: number, language: Language): RackwatchError {
  const { message, todo } = simulateText[language].tooManyTransitions(most);
  return new RackwatchError("config/invalid", message, { todo });
}
