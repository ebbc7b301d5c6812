import { z } from "zod";
import type { MonotonicMs, Sample } from "../../../drivers/contract.ts";
import { rounded } from "../../pipeline/unit.ts";
import type { StaleAfterMs } from "../compile.ts";
import type { Leaf } from "../condition.ts";
import type { Instant } from "../rule.ts";
import { judgeLimit, unknown, type Verdict } from "../verdict.ts";
import type { Kept, Memory } from "./memory.ts";

type PairLeaf = Extract<Leaf, { is: "pair" }>;

interface Input {
  readonly value: number;
  readonly mono: MonotonicMs;
}

const inputSchema = z.strictObject({ value: z.number(), mono: z.number() }).nullable();
const savedSchema = z.tuple([inputSchema, inputSchema]);

/**
 * The difference or ratio of two points. Known only while both have a good number that is not
 * stale; a ratio by 0 is unknown.
 */
export class PairMemory implements Memory {
  readonly #leaf: PairLeaf;
  readonly #staleAfterMs: readonly [number, number];
  #inputs: readonly [Input | undefined, Input | undefined] = [undefined, undefined];

  constructor(leaf: PairLeaf, staleOf: StaleAfterMs, { saved, sameBoot, trusted }: Kept) {
    this.#leaf = leaf;
    this.#staleAfterMs = [staleOf(leaf.point), staleOf(leaf.other)];
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success || !sameBoot || !trusted) return;
    const [first, second] = parsed.data;
    this.#inputs = [first ?? undefined, second ?? undefined];
  }

  get value(): number | undefined {
    const [first, second] = this.#inputs;
    if (first === undefined || second === undefined) return undefined;
    if (this.#leaf.by === "minus") return rounded(first.value - second.value);
    return second.value === 0 ? undefined : rounded(first.value / second.value);
  }

  get holdsUntil(): MonotonicMs {
    const [first, second] = this.#inputs;
    if (first === undefined || second === undefined) return Number.POSITIVE_INFINITY;
    const [firstStaleMs, secondStaleMs] = this.#staleAfterMs;
    return Math.min(first.mono + firstStaleMs, second.mono + secondStaleMs);
  }

  learn(sample: Sample, mono: MonotonicMs): void {
    const isNumber = sample.quality === "good" && typeof sample.value === "number";
    const input = isNumber ? { value: Number(sample.value), mono } : undefined;
    const [first, second] = this.#inputs;
    this.#inputs = [
      sample.point === this.#leaf.point ? input : first,
      sample.point === this.#leaf.other ? input : second,
    ];
  }

  verdictAt({ mono }: Instant): Verdict {
    return mono >= this.holdsUntil ? unknown : judgeLimit(this.#leaf, this.value);
  }

  save(): unknown {
    const [first, second] = this.#inputs;
    if (first === undefined && second === undefined) return undefined;
    return [first ?? null, second ?? null];
  }
}
