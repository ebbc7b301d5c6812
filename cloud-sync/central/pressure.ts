import type { Clock, MonotonicMs } from "../../drivers/contract.ts";

/** Shortest and longest wait that a gateway is told to keep when central has too much to do. */
export const busyRetryMs = 2_000;
export const busyRetryMsMax = 120_000;

/** What was refused in so long is waiting to come again. */
const windowMs = 10_000;

/** Requests that are let in of late tell how many can come again in a second; a standstill is not taken for none at all. */
const perSecondMin = 20;

interface Window {
  readonly from: MonotonicMs;
  readonly refused: number;
  readonly admitted: number;
}

/**
 * How long those who find no room are to wait: the more of them there are for what central gets done, the longer, so that
 * ten thousand that come at once come again over minutes and not every two seconds all together.
 */
export class Pressure {
  readonly #clock: Clock;
  readonly #random: () => number;
  #before: Window = { from: Number.NEGATIVE_INFINITY, refused: 0, admitted: 0 };
  #now: Window;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#now = { from: clock.monotonicMs(), refused: 0, admitted: 0 };
  }

  admitted(): void {
    this.#turn();
    this.#now = { ...this.#now, admitted: this.#now.admitted + 1 };
  }

  /** Returns the wait of one that is refused. */
  refused(): number {
    this.#turn();
    this.#now = { ...this.#now, refused: this.#now.refused + 1 };
    return this.#wait();
  }

  #wait(): number {
    const ageMs = this.#clock.monotonicMs() - this.#now.from;
    const seconds =
      (ageMs + (this.#before.from === Number.NEGATIVE_INFINITY ? 0 : windowMs)) / 1_000;
    const admitted = this.#now.admitted + this.#before.admitted;
    const perSecond = Math.max(perSecondMin, admitted / Math.max(1, seconds));
    const waiting = this.#now.refused + this.#before.refused;
    const mean = Math.min(busyRetryMsMax / 2, Math.max(busyRetryMs, (waiting / perSecond) * 1_000));
    // Evenly from the shortest to twice the mean: all come again over the time that all of them take.
    return Math.round(busyRetryMs + this.#random() * (2 * mean - busyRetryMs));
  }

  /** Counts are of this window and the last one. */
  #turn(): void {
    const now = this.#clock.monotonicMs();
    const ageMs = now - this.#now.from;
    if (ageMs < windowMs) return;
    const isNext = ageMs < 2 * windowMs;
    this.#before = isNext ? this.#now : { from: Number.NEGATIVE_INFINITY, refused: 0, admitted: 0 };
    this.#now = { from: now, refused: 0, admitted: 0 };
  }
}
