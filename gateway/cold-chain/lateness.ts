import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import { type ClockOff, SlowClocks } from "./slow-clocks.ts";

/** A sample may take this long from its sensor to here (a gateway of a radio that polls slowly) and still be live. */
export const lateAfterMs = 300_000;

/** A wall clock that moved further than this against the monotonic one was set, not slewed. */
const stepMs = 1_000;

/** Settings of the clock that are remembered, for `lateAfterMs`: what was on its way then carries the time before. */
export const clockStepsMax = 4;

/** The clock of one device is told again when it is off by so much more or less. */
const toldAgainMs = lateAfterMs;

export interface Split {
  /** All that came, in its order, with the times that are believed: those of a clock that is off are put right. */
  readonly samples: readonly Sample[];
  readonly live: readonly Sample[];
  /** For the record and for historic excursions, never for a siren. */
  readonly late: readonly Sample[];
  /** Devices whose clocks turned out to be off, once each. */
  readonly clocksOff: readonly ClockOff[];
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
  readonly arrivedMono: MonotonicMs;
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
 * to 1970 and back, takes nothing for late. A device whose own clock is behind keeps step with real time, as a backlog
 * does not: after `inStepArrivalsMin` arrivals its samples are live, at the times that its clock should have said.
 */
export class Lateness {
  readonly #parts: LatenessParts;
  readonly #newest = new Map<PointKey, Newest>();
  readonly #slow = new SlowClocks();
  /** By device. */
  readonly #told = new Map<string, number>();
  #offsetMs: number | undefined;
  #oldClocks: OldClock[] = [];

  constructor(parts: LatenessParts) {
    this.#parts = parts;
  }

  /** The very array as `samples`, and as `live` when nothing is late. */
  split(given: readonly Sample[], instant: Instant): Split {
    this.#noteClock(instant);
    const believed = this.#parts.clockBelieved();
    const samples = this.#slow.isEmpty ? given : this.#putRight(given, instant, believed);
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
    if (live === undefined || late === undefined) {
      return { samples, live: samples, late: [], clocksOff: [] };
    }
    return { samples, live, late, clocksOff: this.#clocksOff(late, instant, believed) };
  }

  #putRight(
    samples: readonly Sample[],
    { at, mono }: Instant,
    believed: boolean,
  ): readonly Sample[] {
    return samples.map((sample) => {
      const { point, sampledAt } = sample;
      const ageMs = this.#slow.ageMs(point, sampledAt, mono);
      if (ageMs === undefined) return sample;
      const isRightAgain = believed && at - sampledAt <= this.#allowedMs(point);
      if (!isRightAgain && ageMs >= -lateAfterMs) return { ...sample, sampledAt: at - ageMs };
      this.#slow.forget(point);
      return sample;
    });
  }

  #clocksOff(late: readonly Sample[], instant: Instant, believed: boolean): readonly ClockOff[] {
    const newest = new Map<PointKey, EpochMs>();
    for (const { point, sampledAt } of late) {
      if (this.#newest.get(point)?.arrivedMono === instant.mono) continue;
      newest.set(point, Math.max(sampledAt, newest.get(point) ?? sampledAt));
    }
    return this.#slow.sawLate(newest, instant).filter(({ device, offMs }) => {
      const told = this.#told.get(device);
      if (!believed || (told !== undefined && Math.abs(told - offMs) < toldAgainMs)) return false;
      this.#told.set(device, offMs);
      return true;
    });
  }

  #isLate({ point, sampledAt }: Sample, { at, mono }: Instant, believed: boolean): boolean {
    const ageMs = Math.max(0, at - sampledAt);
    const sampleMono = mono - ageMs;
    const newest = this.#newest.get(point);
    if (newest !== undefined && sampledAt < newest.sampledAt && sampleMono < newest.mono) {
      return true;
    }
    const allowedMs = this.#allowedMs(point);
    if (believed && ageMs > allowedMs && !this.#wasFresh(sampledAt, mono, allowedMs)) return true;
    this.#newest.set(point, { sampledAt, mono: sampleMono, arrivedMono: mono });
    this.#slow.sawLive(point);
    return false;
  }

  #allowedMs(point: PointKey): number {
    return Math.max(lateAfterMs, this.#parts.staleAfterMs(point) ?? 0);
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
