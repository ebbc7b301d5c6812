import type { Clock } from "../contract.ts";

/** A day: timers of Node overflow at 24.8 days and then fire at once. */
const sleepMsMax = 86_400_000;

/** Lets one waiter go on before its time. A ring that nobody waits for is kept for the next one. */
export class Bell {
  #isRung = false;
  #nap: AbortController | undefined;

  ring(): void {
    this.#isRung = true;
    this.#nap?.abort();
  }

  /** Until it rings, `ms` have gone by (a day at most), or the signal is aborted. */
  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#isRung && !signal.aborted) await this.#sleep(ms, clock, signal);
    this.#isRung = false;
  }

  async #sleep(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    const nap = new AbortController();
    const end = () => nap.abort();
    this.#nap = nap;
    signal.addEventListener("abort", end, { once: true });
    try {
      await clock.sleep(Math.min(Math.max(0, Math.ceil(ms)), sleepMsMax), nap.signal);
    } catch (error) {
      if (!nap.signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", end);
      this.#nap = undefined;
    }
  }
}
