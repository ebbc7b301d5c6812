import type { MonotonicMs } from "../contract.ts";

/**
 * Time during which the reader is known to have watched. It moves only when the reader gives a sign of life, so no tag
 * grows absent while nobody looks, and a dead reader never looks like an empty shelf.
 */
export class WatchedTime {
  #lastLifeMs: MonotonicMs | undefined;
  #skippedMs = 0;
  #isPaused = false;

  /** Undefined before the first sign of life. */
  get watchedMs(): MonotonicMs | undefined {
    return this.#lastLifeMs === undefined ? undefined : this.#lastLifeMs - this.#skippedMs;
  }

  /** A sign of life. True when it is the first one, or the first after a pause. */
  live(nowMs: MonotonicMs): boolean {
    const begins = this.#lastLifeMs === undefined || this.#isPaused;
    if (this.#isPaused && this.#lastLifeMs !== undefined)
      this.#skippedMs += nowMs - this.#lastLifeMs;
    this.#isPaused = false;
    this.#lastLifeMs = nowMs;
    return begins;
  }

  /** The reader has not watched since its last sign of life. */
  pause(): void {
    this.#isPaused = true;
  }
}
