import { z } from "zod";
import type { EpochMs, MonotonicMs } from "../../../drivers/contract.ts";
import type { Instant } from "../../rules/rule.ts";
import { stockKeys } from "../movement.ts";
import type { StockedKey } from "../stocked.ts";
import {
  type Comparison,
  compareOpinions,
  type MismatchCase,
  mismatchCases,
  type Opinions,
} from "./compare.ts";

/** A difference that is in force. */
export interface Mismatch {
  readonly key: StockedKey;
  readonly is: Exclude<MismatchCase, "agree" | "unknown">;
  readonly difference: number;
  readonly sure: boolean;
  readonly opinions: Opinions;
  readonly since: EpochMs;
}

/** One change of what is in force; each is told once. */
export type MismatchChange =
  | { readonly to: "raised"; readonly mismatch: Mismatch }
  /** Still a mismatch, of another case. */
  | { readonly to: "changed"; readonly mismatch: Mismatch; readonly was: Mismatch }
  | { readonly to: "returned"; readonly was: Mismatch };

export interface MismatchStep {
  readonly change: MismatchChange | undefined;
  readonly state: ReadonlyMap<string, unknown>;
}

const rangeSchema = z.tuple([z.number(), z.number()]);
const savedSchema = z.strictObject({
  version: z.literal(1),
  is: z.enum(mismatchCases).exclude(["agree", "unknown"]),
  difference: z.number(),
  sure: z.boolean(),
  opinions: z.strictObject({
    ledger: z.number(),
    weight: z.strictObject({ pieces: z.number(), interval: rangeSchema }).exactOptional(),
    tags: z
      .strictObject({ pieces: z.number(), grain: z.number(), uncertain: z.boolean() })
      .exactOptional(),
  }),
  since: z.number(),
});

interface Candidate {
  readonly is: MismatchCase;
  readonly sinceMono: MonotonicMs;
  readonly dueMono: MonotonicMs;
}

const nothing: MismatchStep = { change: undefined, state: new Map() };

/**
 * Which items differ between ledger, scale and tags. A difference counts after it has lasted, the same, for the confirm
 * time, and that long after the last movement: a pick in progress is none. It is over when all have agreed for as long.
 * Pure; O(1) an item. Only what differs takes memory.
 */
export class MismatchWatch {
  readonly #confirmMs: number;
  readonly #inForce = new Map<StockedKey, Mismatch>();
  /** What is about to change. */
  readonly #candidates = new Map<StockedKey, Candidate>();

  /** @param saved State under `mismatch/`, with whole keys. */
  constructor(confirmMs: number, saved: ReadonlyMap<string, unknown>) {
    this.#confirmMs = confirmMs;
    for (const [path, value] of saved) {
      const [location = "", item = ""] = path.slice(stockKeys.mismatch.length).split("/");
      const known = savedSchema.safeParse(value).data;
      if (known === undefined || !path.startsWith(stockKeys.mismatch)) continue;
      const { version: _, ...mismatch } = known;
      const key = `${location}/${item}` as const;
      this.#inForce.set(key, { key, ...mismatch });
    }
  }

  get inForce(): ReadonlyMap<StockedKey, Mismatch> {
    return this.#inForce;
  }

  /** Items to be judged again now although nothing happened to them. */
  due(mono: MonotonicMs): readonly StockedKey[] {
    return [...this.#candidates].flatMap(([key, { dueMono }]) => (dueMono <= mono ? [key] : []));
  }

  nextDue(): MonotonicMs | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueMono } of this.#candidates.values()) next = Math.min(next, dueMono);
    return Number.isFinite(next) ? next : undefined;
  }

  /**
   * What is said of an item now. Call it when one of the opinions changes, and for what is due.
   * @param movedMono When something last moved there; absent: long ago.
   */
  judge(
    key: StockedKey,
    opinions: Opinions,
    instant: Instant,
    movedMono = Number.NEGATIVE_INFINITY,
  ): MismatchStep {
    return this.settle(key, compareOpinions(opinions), opinions, instant, movedMono);
  }

  /** The same for what was compared otherwise: several items on one scale. */
  settle(
    key: StockedKey,
    comparison: Comparison,
    opinions: Opinions,
    { at, mono }: Instant,
    movedMono = Number.NEGATIVE_INFINITY,
  ): MismatchStep {
    const was = this.#inForce.get(key);
    const { is } = comparison;
    // Nothing to compare says neither that it differs nor that it is right again.
    if (is === "unknown" || is === (was?.is ?? "agree")) {
      this.#candidates.delete(key);
      return nothing;
    }
    const known = this.#candidates.get(key);
    const sinceMono = known?.is === is ? known.sinceMono : mono;
    const dueMono = Math.max(sinceMono, movedMono) + this.#confirmMs;
    if (mono < dueMono) {
      this.#candidates.set(key, { is, sinceMono, dueMono });
      return nothing;
    }
    this.#candidates.delete(key);
    if (is === "agree") return this.#returned(key, was);
    const { difference, sure } = comparison;
    const mismatch: Mismatch = { key, is, difference, sure, opinions, since: at };
    this.#inForce.set(key, mismatch);
    const { key: _, ...facts } = mismatch;
    const state = new Map([[`${stockKeys.mismatch}${key}`, { version: 1, ...facts }]]);
    const change =
      was === undefined
        ? { to: "raised" as const, mismatch }
        : { to: "changed" as const, mismatch, was };
    return { change, state };
  }

  #returned(key: StockedKey, was: Mismatch | undefined): MismatchStep {
    if (was === undefined) return nothing;
    this.#inForce.delete(key);
    const state = new Map([[`${stockKeys.mismatch}${key}`, undefined]]);
    return { change: { to: "returned", was }, state };
  }
}
