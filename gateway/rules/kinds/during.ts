import type { EpochMs, MonotonicMs } from "../../../drivers/contract.ts";
import type { Instant } from "../rule.ts";
import type { Schedule } from "../schedule.ts";
import { clear, unknown, type Verdict, violated } from "../verdict.ts";
import type { Memory } from "./memory.ts";

/** A wall clock that shows less was never set since the machine got power. */
export const clockUnsetBefore: EpochMs = Date.UTC(2000, 0, 1);

/** Within the hours of a schedule: the one comparison that goes by the wall clock. */
export class DuringMemory implements Memory {
  readonly value = undefined;
  readonly #schedule: Schedule;
  holdsUntil: MonotonicMs;
  #from: EpochMs = Number.POSITIVE_INFINITY;
  #until: EpochMs = Number.NEGATIVE_INFINITY;
  #verdict: Verdict = unknown;

  constructor(schedule: Schedule, start: MonotonicMs) {
    this.#schedule = schedule;
    this.holdsUntil = start;
  }

  learn(): void {}

  verdictAt({ at, mono }: Instant): Verdict {
    if (at < clockUnsetBefore) {
      this.holdsUntil = Number.POSITIVE_INFINITY;
      return unknown;
    }
    if (at < this.#from || at >= this.#until) {
      const { active, until } = this.#schedule.at(at);
      this.#from = at;
      this.#until = until;
      this.#verdict = active ? violated : clear;
    }
    this.holdsUntil = mono + this.#until - at;
    return this.#verdict;
  }

  /** The wall clock was set: what it says now is asked at once. */
  clockStepped(mono: MonotonicMs): void {
    this.holdsUntil = mono;
  }

  save(): unknown {
    return undefined;
  }
}
