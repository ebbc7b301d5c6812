import type { EpochMs, MonotonicMs } from "../../../drivers/contract.ts";
import type { ShelfEvent } from "./weigh.ts";

/** It is well again below this share of the capacity: a load at the limit must not come and go with noise. */
const wellShare = 0.98;

/** Whether a shelf carries more than it may. A hand that leans on it for a moment is no load. */
export class OverloadWatch {
  readonly #capacityKg: number;
  readonly #forMs: number;
  #isOver: boolean;
  #since: MonotonicMs | undefined;

  constructor(capacityKg: number, forMs: number, isOver: boolean) {
    this.#capacityKg = capacityKg;
    this.#forMs = forMs;
    this.#isOver = isOver;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  next(grossKg: number, at: EpochMs, mono: MonotonicMs): ShelfEvent | undefined {
    const limitKg = this.#capacityKg * (this.#isOver ? wellShare : 1);
    const differs = this.#isOver ? grossKg < limitKg : grossKg > limitKg;
    if (!differs) {
      this.#since = undefined;
      return undefined;
    }
    this.#since ??= mono;
    if (mono - this.#since < this.#forMs) return undefined;
    this.#since = undefined;
    this.#isOver = !this.#isOver;
    return { is: this.#isOver ? "overload" : "load-ok", grossKg, at };
  }

  /** What nobody saw is no load that stays. */
  forget(): void {
    this.#since = undefined;
  }
}
