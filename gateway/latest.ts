import type { MonotonicMs, PointKey, Sample } from "../drivers/contract.ts";
import type { Instant } from "./rules/rule.ts";

export interface LatestSample {
  readonly sample: Sample;
  /** When it came, on the clock that never steps: the age of a value is counted on it. */
  readonly mono: MonotonicMs;
}

/** The newest sample of each point since this process started. */
export class LatestSamples {
  readonly #byPoint = new Map<PointKey, LatestSample>();

  put(samples: readonly Sample[], { mono }: Instant): void {
    for (const sample of samples) this.#byPoint.set(sample.point, { sample, mono });
  }

  get(point: PointKey): LatestSample | undefined {
    return this.#byPoint.get(point);
  }

  all(): readonly LatestSample[] {
    return [...this.#byPoint.values()];
  }
}
