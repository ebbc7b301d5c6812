import type { MonotonicMs } from "../../drivers/contract.ts";

/** At most `count` in any `perMs` milliseconds. */
export interface RateLimit {
  readonly count: number;
  readonly perMs: number;
}

/** Rolling windows over the times of what was sent: never a counter that is set back each minute. */
export class RateWindow {
  readonly #limits: readonly RateLimit[];
  readonly #longestMs: number;
  #sent: readonly MonotonicMs[];

  constructor(limits: readonly RateLimit[], sent: readonly MonotonicMs[] = []) {
    this.#limits = limits;
    this.#longestMs = Math.max(0, ...limits.map(({ perMs }) => perMs));
    this.#sent = [...sent].sort((a, b) => a - b);
  }

  /** The longest window; 0 without any limit. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** From when on one more may be sent. */
  freeAt(now: MonotonicMs): MonotonicMs {
    const waits = this.#limits.map(({ count, perMs }) => {
      const oldest = this.#sent.at(-count);
      return oldest === undefined ? now : oldest + perMs;
    });
    return Math.max(now, ...waits);
  }

  add(now: MonotonicMs): void {
    this.#sent = [...this.#sent.filter((at) => at > now - this.#longestMs), now];
  }
}
