import { z } from "zod";
import type { MonotonicMs } from "../../../drivers/contract.ts";
import type { TotalTerms } from "../condition.ts";
import {
  between,
  clear,
  clearOrBetween,
  isClear,
  isOpen,
  isViolated,
  type Verdict,
  violated,
} from "../verdict.ts";

/** From when to when it was violated. */
type Span = readonly [start: MonotonicMs, end: MonotonicMs];

/**
 * Violations that are kept apart in a window: a door that opens every seven minutes of a day. When
 * they are more, the two whose union falsifies least become one at the later one's place: the total
 * never shrinks by that, it may leave the window later.
 */
export const spansMax = 200;

const savedSchema = z.strictObject({
  doneMs: z.number().nonnegative(),
  spans: z.array(z.tuple([z.number(), z.number()])).max(spansMax),
  /** A violation that was going on. */
  since: z.number().nullable(),
});

/** Where on the monotonic clock of today the saved times belong. */
export interface Placement {
  /** Added to each saved time. */
  readonly shiftMs: number;
  /** Saved violations are known to have gone on until here (on the clock of today). */
  readonly knownUntil: MonotonicMs;
  /** A violation that was going on goes on. */
  readonly goesOn: boolean;
}

/**
 * Time of violation, added up. It counts while its condition is violated for certain; time during
 * which that is unknown, or the value is back inside the deadband, does not count.
 *
 * - Violated from the instant at which the total reaches `totalMs`, by the clock.
 * - With a window (`withinMs`, the last so many milliseconds): clear once the total in it is under
 *   `totalMs` and the condition is clear.
 * - Without: the total stays until `restart`, which is what acknowledging or resetting the alarm
 *   does; then it is clear as soon as the condition is.
 */
export class Total {
  readonly #terms: TotalTerms;
  #doneMs = 0;
  #spans: Span[] = [];
  #since: MonotonicMs | undefined;
  /** Until when the present violation is certain without a further sample. */
  #countsUntil: MonotonicMs = Number.POSITIVE_INFINITY;

  constructor(terms: TotalTerms, saved?: unknown, placement?: Placement) {
    this.#terms = terms;
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success || placement === undefined) return;
    const { shiftMs, knownUntil, goesOn } = placement;
    const { doneMs, spans, since } = parsed.data;
    this.#doneMs = doneMs;
    this.#spans = spans.map(([start, end]) => [start + shiftMs, end + shiftMs]);
    if (since === null) return;
    this.#since = since + shiftMs;
    if (goesOn) this.#countsUntil = knownUntil;
    else this.#close(Math.max(knownUntil, this.#since));
  }

  /** Whether time adds up right now. */
  get counts(): boolean {
    return this.#since !== undefined;
  }

  /**
   * @param part what the condition says from now on
   * @param holdsUntil until when it says so without a further sample
   */
  take(part: Verdict, mono: MonotonicMs, holdsUntil: MonotonicMs): Verdict {
    if (this.#since !== undefined && (!isViolated(part) || mono > this.#countsUntil)) {
      this.#close(Math.min(mono, this.#countsUntil));
    }
    if (isViolated(part)) {
      this.#since ??= mono;
      this.#countsUntil = holdsUntil;
    }
    this.#expire(mono);
    if (this.at(mono) >= this.#terms.totalMs) return violated;
    if (isClear(part)) return clear;
    return isOpen(part) ? clearOrBetween : between;
  }

  /** The total at this instant, in milliseconds. */
  at(mono: MonotonicMs): number {
    const from = mono - (this.#terms.withinMs ?? Number.POSITIVE_INFINITY);
    let sum = this.#doneMs;
    for (const [start, end] of this.#spans) sum += Math.max(0, end - Math.max(start, from));
    if (this.#since === undefined) return sum;
    return sum + Math.max(0, Math.min(mono, this.#countsUntil) - Math.max(this.#since, from));
  }

  /** When the verdict changes by the clock alone; Infinity: never. */
  dueAfter(mono: MonotonicMs): MonotonicMs {
    const { totalMs } = this.#terms;
    const missingMs = totalMs - this.at(mono);
    if (missingMs <= 0) {
      return this.#since === undefined
        ? this.#shrinksAt(mono, -missingMs)
        : Number.POSITIVE_INFINITY;
    }
    if (this.#since === undefined) return Number.POSITIVE_INFINITY;
    const reachedAt = this.#reachesAt(mono, missingMs);
    return reachedAt <= this.#countsUntil ? reachedAt : Number.POSITIVE_INFINITY;
  }

  /** Begins at zero; a violation that goes on counts from now. Only without a window. */
  restart(mono: MonotonicMs): void {
    if (this.#terms.withinMs !== undefined) return;
    this.#doneMs = 0;
    if (this.#since !== undefined) this.#since = mono;
  }

  /** Undefined: nothing has added up. */
  save(): unknown {
    if (this.#since === undefined && this.#doneMs === 0 && this.#spans.length === 0)
      return undefined;
    return { doneMs: this.#doneMs, spans: this.#spans, since: this.#since ?? null };
  }

  #close(end: MonotonicMs): void {
    const start = this.#since ?? end;
    this.#since = undefined;
    if (end <= start) return;
    if (this.#terms.withinMs === undefined) {
      this.#doneMs += end - start;
      return;
    }
    this.#spans.push([start, end]);
    if (this.#spans.length > spansMax) this.#spans = joined(this.#spans);
  }

  #expire(mono: MonotonicMs): void {
    const from = mono - (this.#terms.withinMs ?? Number.POSITIVE_INFINITY);
    while (this.#spans.length > 0 && (this.#spans[0]?.[1] ?? 0) <= from) this.#spans.shift();
  }

  /** The window loses at its old end what it gains at the new one, while a span leaves it. */
  #reachesAt(mono: MonotonicMs, missingMs: number): MonotonicMs {
    const { withinMs } = this.#terms;
    if (withinMs === undefined) return mono + missingMs;
    let at = mono;
    let missing = missingMs;
    for (const [start, end] of this.#spans) {
      const leavesAt = Math.max(at, start + withinMs);
      if (leavesAt - at >= missing) break;
      missing -= leavesAt - at;
      at = Math.max(leavesAt, end + withinMs);
    }
    return at + missing;
  }

  /** When more than `spareMs` of it have left the window. */
  #shrinksAt(mono: MonotonicMs, spareMs: number): MonotonicMs {
    const { withinMs } = this.#terms;
    if (withinMs === undefined) return Number.POSITIVE_INFINITY;
    let spare = spareMs;
    for (const [start, end] of this.#spans) {
      const from = Math.max(start, mono - withinMs);
      if (end <= from) continue;
      if (end - from > spare) return from + spare + withinMs + 1;
      spare -= end - from;
    }
    return Number.POSITIVE_INFINITY;
  }
}

function joined(spans: readonly Span[]): Span[] {
  let least = 0;
  let leastCost = Number.POSITIVE_INFINITY;
  for (const [index, [start, end]] of spans.entries()) {
    const next = spans[index + 1];
    const cost = next === undefined ? Number.POSITIVE_INFINITY : (end - start) * (next[0] - end);
    if (cost < leastCost) {
      least = index;
      leastCost = cost;
    }
  }
  const [start, end] = spans[least] ?? [0, 0];
  const [nextStart, nextEnd] = spans[least + 1] ?? [end, end];
  return spans.toSpliced(least, 2, [nextStart - (end - start), nextEnd]);
}
