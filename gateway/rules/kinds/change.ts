import { z } from "zod";
import type { MonotonicMs, Sample } from "../../../drivers/contract.ts";
import { rounded } from "../../pipeline/unit.ts";
import { type Leaf, thresholdOf } from "../condition.ts";
import type { Instant } from "../rule.ts";
import { clear, judgeLimit, type Threshold, unknown, type Verdict } from "../verdict.ts";
import type { Kept, Memory } from "./memory.ts";
import type { Reading } from "./trend.ts";

type ChangeLeaf = Extract<Leaf, { is: "risen" | "fallen" }>;

/** Into so many parts a window is divided when it holds more extremes than can be kept. */
const windowParts = 120;

/**
 * Extremes that are kept of one window: twice its parts, so thinning is rare; a hundred such rules
 * hold 1 MB. When they are more, those of one part become one that has the furthest value and the
 * latest time: a change may then stay for a 120th of the window longer, none is missed.
 */
export const extremesMax = 2 * windowParts;

const savedSchema = z.strictObject({
  known: z.boolean(),
  last: z.number(),
  extremes: z.array(z.tuple([z.number(), z.number()])).max(extremesMax),
});

/**
 * How far the value is above the lowest (`risen`) or below the highest (`fallen`) good value within
 * the window, both of its ends included. The extremes that can still matter are kept in rising
 * order, so a sample costs the same however long the window is. A value that leaves the window may
 * end the violation without a further sample. After a reboot the window begins anew.
 */
export class ChangeMemory implements Memory {
  readonly #leaf: ChangeLeaf;
  readonly #sign: 1 | -1;
  readonly #threshold: Threshold;
  /** Times and values times the sign: both rise from first to last. */
  #extremes: Reading[] = [];
  #last: number | undefined;
  #known = false;

  constructor(leaf: ChangeLeaf, { saved, sameBoot, trusted }: Kept) {
    this.#leaf = leaf;
    this.#sign = leaf.is === "risen" ? 1 : -1;
    this.#threshold = thresholdOf(1, leaf.by, leaf.deadband);
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success || !sameBoot) return;
    this.#extremes = [...parsed.data.extremes];
    this.#last = parsed.data.last;
    this.#known = trusted && parsed.data.known && this.#extremes.length > 0;
  }

  get value(): number | undefined {
    return this.#last;
  }

  get holdsUntil(): MonotonicMs {
    const [oldest] = this.#extremes;
    if (!this.#known || oldest === undefined) return Number.POSITIVE_INFINITY;
    // What is clear only becomes smaller as the window moves on.
    return judgeLimit(this.#threshold, this.#change()) === clear
      ? Number.POSITIVE_INFINITY
      : oldest[0] + this.#leaf.withinMs + 1;
  }

  learn(sample: Sample, mono: MonotonicMs): void {
    this.#known = sample.quality === "good" && Number.isFinite(sample.value);
    if (!this.#known || sample.quality !== "good" || typeof sample.value !== "number") return;
    const signed = this.#sign * sample.value;
    while ((this.#extremes.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY) >= signed) this.#extremes.pop();
    this.#extremes.push([mono, signed]);
    this.#last = sample.value;
    this.#expire(mono);
    if (this.#extremes.length > extremesMax) {
      this.#extremes = thinned(this.#extremes, this.#leaf.withinMs);
    }
  }

  verdictAt({ mono }: Instant): Verdict {
    if (!this.#known) return unknown;
    this.#expire(mono);
    return judgeLimit(this.#threshold, this.#change());
  }

  save(): unknown {
    if (this.#last === undefined) return undefined;
    return { known: this.#known, last: this.#last, extremes: this.#extremes };
  }

  #change(): number {
    const oldest = this.#extremes[0]?.[1] ?? 0;
    return rounded(this.#sign * (this.#last ?? 0) - oldest);
  }

  /** The newest one stays: it is what the point shows until told otherwise. */
  #expire(mono: MonotonicMs): void {
    const extremes = this.#extremes;
    while (extremes.length > 1 && mono - (extremes[0]?.[0] ?? mono) >= this.#leaf.withinMs + 1) {
      extremes.shift();
    }
  }
}

/** Of the extremes of one 120th of the window the furthest value, at the time of the last. */
function thinned(extremes: readonly Reading[], withinMs: number): Reading[] {
  const byPart = new Map<number, Reading>();
  for (const [mono, value] of extremes) {
    const part = Math.floor((mono * windowParts) / withinMs);
    byPart.set(part, [mono, byPart.get(part)?.[1] ?? value]);
  }
  return [...byPart.values()];
}
