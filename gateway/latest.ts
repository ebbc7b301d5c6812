import type { MonotonicMs, PointKey, Sample } from "../drivers/contract.ts";
import type { Instant } from "./rules/rule.ts";
import type { KnownPoint } from "./rules/rule-set.ts";

export interface LatestSample {
  readonly sample: Sample;
  /** When it came, on the clock that never steps: the age of a value is counted on it. */
  readonly mono: MonotonicMs;
  /** When the last good one came; undefined: none has yet. */
  readonly goodMono: MonotonicMs | undefined;
}

/** The newest sample of each point since this process started. */
export class LatestSamples {
  #byPoint = new Map<PointKey, LatestSample>();
  /** Since when each point of the configuration is waited for. */
  #since = new Map<PointKey, MonotonicMs>();

  put(samples: readonly Sample[], { mono }: Pick<Instant, "mono">): void {
    for (const sample of samples) {
      const known = this.#byPoint.get(sample.point);
      const goodMono = sample.quality === "good" ? mono : known?.goodMono;
      this.#byPoint.set(sample.point, { sample, mono, goodMono });
    }
  }

  get(point: PointKey): LatestSample | undefined {
    return this.#byPoint.get(point);
  }

  all(): readonly LatestSample[] {
    return [...this.#byPoint.values()];
  }

  /** These are waited for from now on; those that were go on as they are. */
  await(points: Iterable<PointKey>, { mono }: Pick<Instant, "mono">): void {
    for (const point of points) if (!this.#since.has(point)) this.#since.set(point, mono);
  }

  /** Forgets the points of which it is not so. */
  keep(isKept: (point: PointKey) => boolean): void {
    this.#byPoint = new Map([...this.#byPoint].filter(([point]) => isKept(point)));
    this.#since = new Map([...this.#since].filter(([point]) => isKept(point)));
  }

  /** All that is known of each point, for rules that were not there when it came. */
  known(): readonly KnownPoint[] {
    return [...new Set([...this.#byPoint.keys(), ...this.#since.keys()])].map((point) => {
      const { sample, mono, goodMono } = this.#byPoint.get(point) ?? {};
      const waitingMono = this.#since.get(point);
      return {
        point,
        goodMono: goodMono ?? waitingMono,
        ...(sample === undefined || mono === undefined ? {} : { last: { sample, mono } }),
      };
    });
  }
}
