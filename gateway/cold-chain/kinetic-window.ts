import type { MonotonicMs } from "../../drivers/contract.ts";
import { held, type KineticSum, type Mkt, mktOf, noKinetic } from "./mkt.ts";

/**
 * Parts of a rolling window, 17 kB a point: 2 minutes of a day, an hour of 30 days. The oldest part leaves whole, so
 * that the window is up to one part longer than asked for.
 */
export const windowPartsMax = 720;

/**
 * A window that moves with time, in bounded memory. Its time is the monotonic clock, so that a step of the wall clock
 * neither empties nor stretches it; what is on record from before the start is put in with the monotonic time it
 * would have had (below zero is fine). A value holds until the next; a silence longer than `gapMs` does not count.
 */
export class KineticWindow {
  readonly #windowMs: number;
  readonly #partMs: number;
  readonly #gapMs: number;
  readonly #covered = new Float64Array(windowPartsMax);
  readonly #kinetic = new Float64Array(windowPartsMax);
  readonly #degrees = new Float64Array(windowPartsMax);
  #newest = Number.NEGATIVE_INFINITY;
  #last: { readonly mono: MonotonicMs; readonly celsius: number | undefined } | undefined;

  constructor(windowMs: number, gapMs: number) {
    this.#windowMs = windowMs;
    this.#partMs = windowMs / windowPartsMax;
    this.#gapMs = gapMs;
  }

  /** Undefined: bad or out of service from here on. What is older than the newest so far is passed over. */
  add(celsius: number | undefined, mono: MonotonicMs): void {
    const last = this.#last;
    if (last !== undefined && mono < last.mono) return;
    if (last?.celsius !== undefined && mono - last.mono <= this.#gapMs) {
      this.#spread(last.celsius, last.mono, mono);
    }
    this.#last = { mono, celsius };
  }

  /** A stretch that is known whole, from the record; before anything that `add` brings. */
  put(celsius: number, from: MonotonicMs, to: MonotonicMs): void {
    this.#spread(celsius, from, to);
  }

  /** The part of a value that is not told yet is left out. */
  sum(mono: MonotonicMs): KineticSum {
    this.#moveTo(Math.floor(mono / this.#partMs));
    let { coveredMs, kinetic, degreeMs } = noKinetic;
    for (let index = 0; index < windowPartsMax; index += 1) {
      coveredMs += this.#covered[index] ?? 0;
      kinetic += this.#kinetic[index] ?? 0;
      degreeMs += this.#degrees[index] ?? 0;
    }
    return { coveredMs, kinetic, degreeMs };
  }

  mkt(mono: MonotonicMs, coverageMin: number): Mkt {
    return mktOf(this.sum(mono), this.#windowMs, coverageMin);
  }

  #spread(celsius: number, from: MonotonicMs, to: MonotonicMs): void {
    let begin = Math.max(from, to - this.#windowMs);
    while (begin < to) {
      const part = Math.floor(begin / this.#partMs);
      // A border that rounding puts at or before `begin` would never be passed.
      const border = Math.max((part + 1) * this.#partMs, begin + 1e-3);
      const end = Math.min(border, to);
      this.#moveTo(part);
      if (part <= this.#newest - windowPartsMax) {
        // Its slot has been taken by a newer part.
        begin = end;
        continue;
      }
      const slot = ((part % windowPartsMax) + windowPartsMax) % windowPartsMax;
      const piece = held(celsius, end - begin);
      this.#covered[slot] = (this.#covered[slot] ?? 0) + piece.coveredMs;
      this.#kinetic[slot] = (this.#kinetic[slot] ?? 0) + piece.kinetic;
      this.#degrees[slot] = (this.#degrees[slot] ?? 0) + piece.degreeMs;
      begin = end;
    }
  }

  #moveTo(part: number): void {
    if (part <= this.#newest) return;
    const fresh = Math.min(part - this.#newest, windowPartsMax);
    for (let step = 0; step < fresh; step += 1) {
      const slot = (((part - step) % windowPartsMax) + windowPartsMax) % windowPartsMax;
      this.#covered[slot] = 0;
      this.#kinetic[slot] = 0;
      this.#degrees[slot] = 0;
    }
    this.#newest = part;
  }
}
