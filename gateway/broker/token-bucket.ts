import type { MonotonicMs } from "../../drivers/contract.ts";

export interface Rate {
  readonly perSecond: number;
  /** Tokens that a quiet time can save up. */
  readonly burst: number;
}

/** A rate limit that never refuses: it says how long to wait before taking more. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAt: MonotonicMs;

  constructor(rate: Rate, now: MonotonicMs) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAt = now;
  }

  /** Takes `cost` tokens, on credit if need be. Returns milliseconds until the debt is paid; 0 when there is none. */
  take(cost: number, now: MonotonicMs): number {
    this.#fill(now);
    this.#tokens -= cost;
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#rate.perSecond) * 1_000);
  }

  /** Whether `cost` tokens are there; takes nothing. */
  has(cost: number, now: MonotonicMs): boolean {
    this.#fill(now);
    return this.#tokens >= cost;
  }

  #fill(now: MonotonicMs): void {
    const elapsedMs = Math.max(0, now - this.#filledAt);
    this.#filledAt = now;
    const filled = this.#tokens + (elapsedMs * this.#rate.perSecond) / 1_000;
    this.#tokens = Math.min(this.#rate.burst, filled);
  }
}
