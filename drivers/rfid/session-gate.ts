import type { MonotonicMs } from "../contract.ts";

/** When something that changes is told: at a change, not oftener than `everyMs`, and again after `heartbeatMs`. */
export class Gate {
  readonly #everyMs: number;
  readonly #heartbeatMs: number;
  #toldMs: MonotonicMs = Number.NEGATIVE_INFINITY;
  #hasChanged = false;
  #hasValue = false;

  /** Without a heartbeat: only changes are told. */
  constructor(everyMs: number, heartbeatMs = Number.POSITIVE_INFINITY) {
    this.#everyMs = everyMs;
    this.#heartbeatMs = heartbeatMs;
  }

  change(): void {
    this.#hasChanged = true;
    this.#hasValue = true;
  }

  /** It cannot wait. */
  urge(): void {
    this.change();
    this.#toldMs = Number.NEGATIVE_INFINITY;
  }

  /** Infinite while there is nothing to tell. */
  get dueMs(): MonotonicMs {
    if (this.#hasChanged) return this.#toldMs + this.#everyMs;
    return this.#hasValue ? this.#toldMs + this.#heartbeatMs : Number.POSITIVE_INFINITY;
  }

  /** It is told now. */
  pass(nowMs: MonotonicMs): void {
    this.#toldMs = nowMs;
    this.#hasChanged = false;
  }
}
