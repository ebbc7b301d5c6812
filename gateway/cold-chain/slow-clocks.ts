import type { EpochMs, MonotonicMs, PointKey } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";

/** So many arrivals of a point in a row, in step with real time, show that its clock is off: two could be chance. */
export const inStepArrivalsMin = 4;

/** And they must span this long: within less a backlog that trickles in looks like samples that are being taken. */
export const inStepSpanMsMin = 10_000;

/** Stamps are whole seconds often, and a poll is late by one now and then. */
const jitterMsMin = 2_000;

/** Share of the time since the run began that stamps may gain or lose against arrivals: radio, and coarse stamps. */
const jitterShare = 0.2;

/** Arrivals of one point whose stamps are old. */
interface Run {
  readonly firstMono: MonotonicMs;
  /** Monotonic time less stamp: constant while a clock is off, falling while a backlog drains. */
  readonly firstSkewMs: number;
  /** The least delay on the way, so the best guess of the clock. */
  readonly skewMs: number;
  readonly lastMono: MonotonicMs;
  readonly lastSampledAt: EpochMs;
  readonly arrivals: number;
}

/** A device's clock is off against the gateway's. */
export interface ClockOff {
  readonly device: string;
  /** Its clock less ours; negative: behind. */
  readonly offMs: number;
}

/**
 * Tells a device whose clock is behind from one that empties its memory: a backlog arrives faster than it was
 * measured, a slow clock keeps step. Only differences of the monotonic clock and of the stamps count, so that nothing
 * here depends on the gateway's own wall clock.
 */
export class SlowClocks {
  readonly #runs = new Map<PointKey, Run>();
  readonly #skewMs = new Map<PointKey, number>();

  /** Whether no clock is known to be off. */
  get isEmpty(): boolean {
    return this.#skewMs.size === 0;
  }

  /** The age of a sample by the corrected clock of its device; undefined: that clock is taken for right. */
  ageMs(point: PointKey, sampledAt: EpochMs, mono: MonotonicMs): number | undefined {
    const skewMs = this.#skewMs.get(point);
    return skewMs === undefined ? undefined : mono - sampledAt - skewMs;
  }

  /** A sample of the point was live: whatever is old besides is a backlog. */
  sawLive(point: PointKey): void {
    this.#runs.delete(point);
  }

  /** The clock of the point's device is right, or off by something else than before. */
  forget(point: PointKey): void {
    this.#skewMs.delete(point);
  }

  /**
   * The newest stamp of each point among the late samples that arrived together.
   * @returns the devices whose clocks are known to be off by now.
   */
  sawLate(newest: ReadonlyMap<PointKey, EpochMs>, { at, mono }: Instant): readonly ClockOff[] {
    const found: ClockOff[] = [];
    for (const [point, sampledAt] of newest) {
      const run = runOn(this.#runs.get(point), sampledAt, mono);
      const spanMs = mono - run.firstMono;
      if (run.arrivals < inStepArrivalsMin || spanMs < inStepSpanMsMin) {
        this.#runs.set(point, run);
        continue;
      }
      this.#runs.delete(point);
      this.#skewMs.set(point, run.skewMs);
      found.push({ device: deviceOf(point), offMs: mono - run.skewMs - at });
    }
    return found;
  }
}

function runOn(run: Run | undefined, sampledAt: EpochMs, mono: MonotonicMs): Run {
  const skewMs = mono - sampledAt;
  if (run !== undefined && sampledAt > run.lastSampledAt && mono > run.lastMono) {
    const toleranceMs = Math.max(jitterMsMin, (mono - run.firstMono) * jitterShare);
    if (Math.abs(skewMs - run.firstSkewMs) <= toleranceMs) {
      return {
        ...run,
        skewMs: Math.min(run.skewMs, skewMs),
        lastMono: mono,
        lastSampledAt: sampledAt,
        arrivals: run.arrivals + 1,
      };
    }
  }
  const first = { firstMono: mono, firstSkewMs: skewMs };
  return { ...first, skewMs, lastMono: mono, lastSampledAt: sampledAt, arrivals: 1 };
}

function deviceOf(point: PointKey): string {
  return point.slice(0, point.indexOf("/"));
}
