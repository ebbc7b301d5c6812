import type { MonotonicMs, Sample } from "../contract.ts";

/** Samples that wait to be taken: more than a burst of every point's queue. The oldest go first, and are counted. */
const pendingMax = 20_000;

/** Samples handed on at once: one transaction of the store. */
const batchMax = 1_000;

/** A flood that lasts is spoken of this often. */
const tellEveryMs = 60_000;

/** What was received and not yet asked for, in its order. */
export class Pending {
  #samples: Sample[] = [];
  #wake: (() => void) | undefined;
  #dropped = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  /** Samples that nobody took in time, since this last told of some; 0 within a minute of it. */
  droppedToTell(nowMs: MonotonicMs): number {
    const dropped = this.#dropped;
    if (dropped === 0 || nowMs - this.#toldMs < tellEveryMs) return 0;
    this.#dropped = 0;
    this.#toldMs = nowMs;
    return dropped;
  }

  push(sample: Sample): void {
    this.#samples.push(sample);
    if (this.#samples.length > pendingMax) {
      // In one step of a batch: taking off single ones would move the whole list for each sample.
      this.#samples = this.#samples.slice(batchMax);
      this.#dropped += batchMax;
    }
    this.#wake?.();
  }

  /** The next samples as soon as there are any; none when the signal is aborted. */
  async take(signal: AbortSignal): Promise<readonly Sample[]> {
    if (this.#samples.length === 0 && !signal.aborted) await this.#wait(signal);
    return this.#samples.splice(0, batchMax);
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    this.#wake = wake;
    signal.addEventListener("abort", wake, { once: true });
    await promise;
    signal.removeEventListener("abort", wake);
    this.#wake = undefined;
  }
}
