import type { Clock, EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { ClockQuality } from "../store/store.ts";

/**
 * What is deleted by its age is gone: a clock that jumped ahead, even a synchronized one, must have stood by its time for so
 * long first. Whoever looks has that long to set it back.
 */
export const steadyMs = 3_600_000;

/** A wall clock that moved further than this against the monotonic one was set, not slewed. */
const stepMs = 1_000;

/** The wall clock for those who delete by age. To be asked every few minutes at least. */
export class SteadyClock {
  readonly #clock: Pick<Clock, "now" | "monotonicMs">;
  readonly #quality: () => ClockQuality;
  #since: MonotonicMs | undefined;
  #offsetMs = 0;

  constructor(clock: Pick<Clock, "now" | "monotonicMs">, quality: () => ClockQuality) {
    this.#clock = clock;
    this.#quality = quality;
  }

  /** Undefined: the clock is not synchronized, or was not for `steadyMs` without a step. */
  now(): EpochMs | undefined {
    const [at, mono] = [this.#clock.now(), this.#clock.monotonicMs()];
    if (this.#quality() !== "synchronized") {
      this.#since = undefined;
      return undefined;
    }
    const isStepped = Math.abs(at - mono - this.#offsetMs) > stepMs;
    this.#offsetMs = at - mono;
    if (this.#since === undefined || isStepped) this.#since = mono;
    return mono - this.#since >= steadyMs ? at : undefined;
  }
}
