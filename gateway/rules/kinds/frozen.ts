import { z } from "zod";
import type { MonotonicMs, Sample, Value } from "../../../drivers/contract.ts";
import { clear, unknown, type Verdict, violated } from "../verdict.ts";
import type { Kept, Memory } from "./memory.ts";

const savedSchema = z.strictObject({
  value: z.union([z.number(), z.string(), z.boolean()]),
  sameMs: z.number().nonnegative(),
  cameAt: z.number(),
  known: z.boolean(),
});

/**
 * The same value for `afterMs`, counted over the time during which values came: from one good
 * sample to the next one. Time before, behind or between bad samples and silence that makes the
 * value stale are not counted, so a device that was off for a night and comes back unchanged is not
 * frozen. It is seen with the sample that completes the time, never by the clock.
 */
export class FrozenMemory implements Memory {
  readonly holdsUntil = Number.POSITIVE_INFINITY;
  readonly #afterMs: number;
  readonly #staleAfterMs: number;
  #value: Value | undefined;
  #sameMs = 0;
  /** Undefined: the last sample was not good. */
  #cameAt: MonotonicMs | undefined;

  constructor(afterMs: number, staleAfterMs: number, { saved, sameBoot, trusted }: Kept) {
    this.#afterMs = afterMs;
    this.#staleAfterMs = staleAfterMs;
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success) return;
    const { value, sameMs, cameAt, known } = parsed.data;
    this.#value = value;
    this.#sameMs = sameMs;
    if (sameBoot && trusted && known) this.#cameAt = cameAt;
  }

  get value(): Value | undefined {
    return this.#value;
  }

  learn(sample: Sample, mono: MonotonicMs): void {
    if (sample.quality !== "good") {
      this.#cameAt = undefined;
      return;
    }
    const gapMs = this.#cameAt === undefined ? 0 : mono - this.#cameAt;
    if (sample.value !== this.#value) this.#sameMs = 0;
    else if (gapMs < this.#staleAfterMs) this.#sameMs += gapMs;
    this.#value = sample.value;
    this.#cameAt = mono;
  }

  verdictAt(): Verdict {
    if (this.#cameAt === undefined) return unknown;
    return this.#sameMs >= this.#afterMs ? violated : clear;
  }

  save(): unknown {
    if (this.#value === undefined) return undefined;
    return {
      value: this.#value,
      sameMs: this.#sameMs,
      cameAt: this.#cameAt ?? 0,
      known: this.#cameAt !== undefined,
    };
  }
}
