import { z } from "zod";
import type { Sample } from "../../../drivers/contract.ts";
import { clear, unknown, type Verdict, violated } from "../verdict.ts";
import type { Kept, Memory } from "./memory.ts";

const savedSchema = z.strictObject({ bad: z.boolean() });

/**
 * Bad samples violate, good ones clear, uncertain ones say nothing. Silence is no fault: that is
 * what `stale` is for.
 */
export class FaultMemory implements Memory {
  readonly holdsUntil = Number.POSITIVE_INFINITY;
  readonly value = undefined;
  #bad: boolean | undefined;

  constructor({ saved, trusted }: Kept) {
    const parsed = savedSchema.safeParse(saved);
    if (parsed.success && trusted) this.#bad = parsed.data.bad;
  }

  learn({ quality }: Sample): void {
    this.#bad = quality === "uncertain" ? undefined : quality === "bad";
  }

  verdictAt(): Verdict {
    if (this.#bad === undefined) return unknown;
    return this.#bad ? violated : clear;
  }

  save(): unknown {
    return this.#bad === undefined ? undefined : { bad: this.#bad };
  }
}
