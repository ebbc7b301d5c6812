import { z } from "zod";
import type { MonotonicMs, Sample } from "../../../drivers/contract.ts";
import { rounded } from "../../pipeline/unit.ts";
import { type Leaf, thresholdOf } from "../condition.ts";
import { clear, judgeLimit, type Threshold, unknown, type Verdict, violated } from "../verdict.ts";
import type { Kept, Memory } from "./memory.ts";

type TrendLeaf = Extract<Leaf, { is: "rising" | "falling" | "will-reach" }>;

/** One reading of a trend: when it came, and what it was. */
export type Reading = readonly [mono: MonotonicMs, value: number];

const hourMs = 3_600_000;

const savedSchema = z.strictObject({
  known: z.boolean(),
  readings: z.array(z.tuple([z.number(), z.number()])).max(100),
});

/**
 * The newest `samples` good readings and the rate in them, by the monotonic clock. Readings of one
 * instant count as one, the last. Before there are enough, and after a bad sample, nothing is
 * known; after a reboot the readings are gathered anew.
 */
export class TrendMemory implements Memory {
  readonly holdsUntil = Number.POSITIVE_INFINITY;
  readonly #leaf: TrendLeaf;
  readonly #threshold: Threshold | undefined;
  #readings: Reading[] = [];
  #known = false;
  #verdict: Verdict = unknown;

  constructor(leaf: TrendLeaf, { saved, sameBoot, trusted }: Kept) {
    this.#leaf = leaf;
    if (leaf.is !== "will-reach") {
      const sign = leaf.is === "rising" ? 1 : -1;
      this.#threshold = thresholdOf(sign, sign * leaf.perHour, leaf.deadband);
    }
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success || !sameBoot) return;
    this.#readings = parsed.data.readings.slice(-leaf.trend.samples);
    this.#known = parsed.data.known && trusted;
    this.#verdict = this.#judge();
  }

  get value(): number | undefined {
    return this.#readings.at(-1)?.[1];
  }

  learn(sample: Sample, mono: MonotonicMs): void {
    this.#known = sample.quality === "good" && Number.isFinite(sample.value);
    if (sample.quality === "good" && typeof sample.value === "number" && this.#known) {
      const readings = this.#readings;
      if (readings.at(-1)?.[0] === mono) readings.pop();
      readings.push([mono, sample.value]);
      if (readings.length > this.#leaf.trend.samples) readings.shift();
    }
    this.#verdict = this.#judge();
  }

  verdictAt(): Verdict {
    return this.#verdict;
  }

  save(): unknown {
    if (this.#readings.length === 0) return undefined;
    return { known: this.#known, readings: this.#readings };
  }

  #judge(): Verdict {
    const leaf = this.#leaf;
    if (!this.#known || this.#readings.length < leaf.trend.samples) return unknown;
    const perHour = ratePerHour(this.#readings, leaf.trend.fit);
    if (leaf.is !== "will-reach") {
      return this.#threshold === undefined ? unknown : judgeLimit(this.#threshold, perHour);
    }
    const inMs = timeToLimitMs(this.#readings, perHour, leaf.limit);
    return inMs !== undefined && inMs <= leaf.aheadMs ? violated : clear;
  }
}

/** The rate an hour in readings of rising time; at least two of them. */
export function ratePerHour(readings: readonly Reading[], fit: "line" | "ends"): number {
  const [start, first] = readings[0] ?? [0, 0];
  const [end, last] = readings.at(-1) ?? [0, 0];
  if (fit === "ends") return rounded(((last - first) * hourMs) / (end - start));
  const count = readings.length;
  // Distances from the first reading: squares of whole monotonic times would cost digits.
  const meanTime = readings.reduce((sum, [mono]) => sum + (mono - start), 0) / count;
  const meanValue = readings.reduce((sum, [, value]) => sum + (value - first), 0) / count;
  let both = 0;
  let times = 0;
  for (const [mono, value] of readings) {
    const time = mono - start - meanTime;
    both += time * (value - first - meanValue);
    times += time * time;
  }
  return rounded((both * hourMs) / times);
}

/**
 * Milliseconds until the last value, going on at this rate, is at the limit, from whichever side; 0
 * when the readings crossed it on the way; undefined when they lead away from it.
 */
export function timeToLimitMs(
  readings: readonly Reading[],
  perHour: number,
  limit: number,
): number | undefined {
  const first = readings[0]?.[1] ?? 0;
  const last = readings.at(-1)?.[1] ?? 0;
  if (last === limit) return 0;
  if (first !== limit && first < limit !== last < limit) return 0;
  if (perHour === 0) return undefined;
  const hours = rounded((limit - last) / perHour);
  return hours > 0 ? rounded(hours * hourMs) : undefined;
}
