import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import { Dips } from "./dips.ts";
import { type Excursion, isBeyond, isFarther } from "./excursion.ts";
import type { ExcursionRule } from "./excursion-rule.ts";
import { held, type KineticSum, type Mkt, mktOf, noKinetic, plus } from "./mkt.ts";

/** How well a stretch of time is known. */
interface Stretch {
  /** Time with a good value, beyond the limit or not. */
  knownMs: number;
  gapMs: number;
  kinetic: KineticSum;
}

/** What was measured of one time out of range, from the crossing on. */
export interface Measured extends Stretch {
  readonly start: EpochMs;
  /** The point's first value since the process started was out of range: it may have crossed earlier. */
  readonly blind: boolean;
  peak: { readonly value: number; readonly at: EpochMs } | undefined;
  outsideMs: number;
}

interface Last {
  readonly mono: MonotonicMs;
  /** Undefined after a bad sample. */
  readonly value: number | undefined;
}

/**
 * Follows one point against one limit: begins to measure at the crossing, before anybody knows whether an alarm will
 * come of it, and forgets it when the value comes back without one. Time runs on the monotonic clock; a value holds
 * until the next good one, unless that takes longer than the point may be silent.
 */
export class ExcursionTrack {
  readonly of: ExcursionRule;
  readonly dips = new Dips();
  /** The alarm is up: the measurement goes on through returns that do not last. */
  isOpen = false;
  /** Its alarm is out of service: the record goes on, the mean kinetic temperature does not. */
  outOfService = false;
  measured: Measured | undefined;
  /** Since when the value is back inside, while measuring. */
  insideSince: EpochMs | undefined;
  /** Since the value is back inside: counts only when it leaves again. */
  #tail: Stretch = nothing();
  #last: Last | undefined;

  constructor(of: ExcursionRule) {
    this.of = of;
  }

  get last(): Last | undefined {
    return this.#last;
  }

  /** A good value, or undefined for a bad sample. @returns whether the value crossed the limit. */
  observe(value: number | undefined, sampledAt: EpochMs, mono: MonotonicMs): boolean {
    const { limit } = this.of;
    if (limit === undefined) return false;
    const before = this.#last;
    this.#count(mono);
    this.#last = { mono, value };
    if (value === undefined) return false;
    const outside = isBeyond(limit, value);
    const wasOutside = this.measured !== undefined && this.insideSince === undefined;
    if (outside) {
      this.measured ??= begin(sampledAt, before === undefined);
      add(this.measured, this.#tail);
      this.#tail = nothing();
      this.insideSince = undefined;
      const { peak } = this.measured;
      if (peak === undefined || isFarther(limit, value, peak.value)) {
        this.measured.peak = { value, at: sampledAt };
      }
    } else if (wasOutside) {
      if (this.isOpen) this.insideSince = sampledAt;
      else this.measured = undefined;
    }
    return outside !== wasOutside;
  }

  /** @param since When the crossing was, by the alarm's own delay. */
  open(since: EpochMs, mono: MonotonicMs): Measured {
    this.isOpen = true;
    if (this.of.limit === undefined) this.#last = { mono, value: undefined };
    const { measured } = this;
    this.measured =
      measured === undefined
        ? begin(since, true)
        : measured.blind && since < measured.start
          ? { ...measured, start: since }
          : measured;
    return this.measured;
  }

  /** The alarm is over. @returns what was measured. */
  close(mono: MonotonicMs): Measured | undefined {
    const { measured } = this;
    if (measured !== undefined && this.of.limit === undefined && this.#last !== undefined) {
      measured.outsideMs += mono - this.#last.mono;
    }
    this.isOpen = false;
    this.measured = undefined;
    this.insideSince = undefined;
    this.#tail = nothing();
    return measured;
  }

  /** Goes on where a saved excursion stood. */
  resume(excursion: Excursion, lastMono: MonotonicMs): void {
    const { start, peak, knownMs, outsideMs, gapMs, kinetic, last } = excursion;
    this.isOpen = true;
    this.measured = {
      start,
      blind: false,
      peak,
      knownMs,
      outsideMs,
      gapMs,
      kinetic: kinetic ?? noKinetic,
    };
    this.insideSince = last?.insideSince;
    this.#last = { mono: lastMono, value: last?.value };
  }

  /** The clock was wrong: what is being measured gets its true times. */
  correct(fix: (at: EpochMs) => EpochMs): void {
    const { measured, insideSince } = this;
    if (insideSince !== undefined) this.insideSince = fix(insideSince);
    if (measured === undefined) return;
    const { start, peak } = measured;
    const fixed = peak === undefined ? peak : { ...peak, at: fix(peak.at) };
    this.measured = { ...measured, start: fix(start), peak: fixed };
  }

  /** Of the measured window; undefined for what is no temperature. */
  mkt({ knownMs, gapMs, kinetic }: Measured): Mkt | undefined {
    const { limit, toCelsius, coverageMin } = this.of;
    if (limit === undefined || toCelsius === undefined) return undefined;
    const mkt = mktOf(kinetic, knownMs + gapMs, coverageMin);
    // A mean says nothing about goods that froze, or were kept too cold (USP <1079.2>).
    return limit.is === "below" ? { refused: "freeze", coverage: mkt.coverage } : mkt;
  }

  /** Counts the time since the last sample. */
  #count(mono: MonotonicMs): void {
    const last = this.#last;
    if (last === undefined || mono <= last.mono) return;
    const { limit, gapMs, toCelsius } = this.of;
    const ms = mono - last.mono;
    const stretch = this.insideSince === undefined ? this.measured : this.#tail;
    if (last.value === undefined || ms > gapMs || limit === undefined) {
      if (stretch !== undefined) stretch.gapMs += ms;
      return;
    }
    const outside = isBeyond(limit, last.value);
    if (outside) this.dips.add(last.mono, mono);
    if (stretch === undefined) return;
    stretch.knownMs += ms;
    if (outside && this.measured !== undefined) this.measured.outsideMs += ms;
    if (toCelsius !== undefined && !this.outOfService) {
      stretch.kinetic = plus(stretch.kinetic, held(toCelsius(last.value), ms));
    }
  }
}

function nothing(): Stretch {
  return { knownMs: 0, gapMs: 0, kinetic: noKinetic };
}

function add(to: Stretch, stretch: Stretch): void {
  to.knownMs += stretch.knownMs;
  to.gapMs += stretch.gapMs;
  to.kinetic = plus(to.kinetic, stretch.kinetic);
}

function begin(start: EpochMs, blind: boolean): Measured {
  return { start, blind, peak: undefined, outsideMs: 0, ...nothing() };
}

/** Time on the present monotonic clock of something that was saved; wall time must be believed across boots. */
export function monoOf(
  saved: { readonly boot: string; readonly mono: number; readonly at: number },
  boot: string,
  instant: Instant,
  clockBelieved: boolean,
): MonotonicMs {
  if (saved.boot === boot && saved.mono <= instant.mono) return saved.mono;
  const elapsedMs = clockBelieved ? Math.max(0, instant.at - saved.at) : 0;
  return instant.mono - elapsedMs;
}
