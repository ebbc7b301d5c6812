import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";

/** A sample may take this long from its sensor to here (a gateway of a radio that polls slowly) and still be live. */
export const lateAfterMs = 300_000;

/** A wall clock that moved further than this against the monotonic one was set, not slewed. */
const stepMs = 1_000;

/** Settings of the clock that are remembered, for `lateAfterMs`: what was on its way then carries the time before. */
export const clockStepsMax = 4;

export interface Split {
  readonly live: readonly Sample[];
  /** For the record and for historic excursions, never for a siren. */
  readonly late: readonly Sample[];
}

export interface LatenessParts {
  /** Undefined where the device decides when to speak. */
  readonly staleAfterMs: (point: PointKey) => number | undefined;
  /** Whether an age by wall clock means anything. */
  readonly clockBelieved: () => boolean;
}

interface Newest {
  readonly sampledAt: EpochMs;
  readonly mono: MonotonicMs;
}

interface OldClock {
  /** Wall time less monotonic time. */
  readonly offsetMs: number;
  readonly untilMono: MonotonicMs;
}

/**
 * Tells what is happening from what is only being told now. A sample is late when a newer one of its point was here,
 * or when it is older than `lateAfterMs` (or than the point may be silent) and the clock can be believed. Older is
 * what is older by the sample's own time and by the time of its arrival: so a gateway whose clock is set by a day, or
 * to 1970 and back, takes nothing for late.
 */
export class Lateness {
  readonly #parts: LatenessParts;
  readonly #newest = new Map<PointKey, Newest>();
  #offsetMs: number | undefined;
  #oldClocks: OldClock[] = [];

  constructor(parts: LatenessParts) {
    this.#parts = parts;
  }

  /** The very array as `live` when nothing is late. */
  split(samples: readonly Sample[], instant: Instant): Split {
    this.#noteClock(instant);
    const believed = this.#parts.clockBelieved();
    let late: Sample[] | undefined;
    let live: Sample[] | undefined;
    for (const [index, sample] of samples.entries()) {
      if (this.#isLate(sample, instant, believed)) {
        live ??= samples.slice(0, index);
        late ??= [];
        late.push(sample);
      } else {
        live?.push(sample);
      }
    }
    return { live: live ?? samples, late: late ?? [] };
  }

  #isLate({ point, sampledAt }: Sample, { at, mono }: Instant, believed: boolean): boolean {
    const ageMs = Math.max(0, at - sampledAt);
    const sampleMono = mono - ageMs;
    const newest = this.#newest.get(point);
    if (newest !== undefined && sampledAt < newest.sampledAt && sampleMono < newest.mono) {
      return true;
    }
    const allowedMs = Math.max(lateAfterMs, this.#parts.staleAfterMs(point) ?? 0);
    if (believed && ageMs > allowedMs && !this.#wasFresh(sampledAt, mono, allowedMs)) return true;
    this.#newest.set(point, { sampledAt, mono: sampleMono });
    return false;
  }

  /** By a clock that was set since. */
  #wasFresh(sampledAt: EpochMs, mono: MonotonicMs, allowedMs: number): boolean {
    return this.#oldClocks.some(({ offsetMs, untilMono }) => {
      const ageMs = mono + offsetMs - sampledAt;
      return mono <= untilMono && ageMs >= -stepMs && ageMs <= allowedMs;
    });
  }

  #noteClock({ at, mono }: Instant): void {
    const offsetMs = at - mono;
    const before = this.#offsetMs;
    if (before !== undefined && Math.abs(offsetMs - before) > stepMs) {
      const old = { offsetMs: before, untilMono: mono + lateAfterMs };
      this.#oldClocks = [old, ...this.#oldClocks].slice(0, clockStepsMax);
    } else if (this.#oldClocks.some(({ untilMono }) => untilMono < mono)) {
      this.#oldClocks = this.#oldClocks.filter(({ untilMono }) => untilMono >= mono);
    }
    this.#offsetMs = offsetMs;
  }
}
