import { z } from "zod";
import type { MonotonicMs } from "../../drivers/contract.ts";

/** Window of the cumulative time out of range. */
const dipsWindowMs = 86_400_000;

/** Dips that are kept apart; beyond it the two oldest count as one that ended with the later one. */
export const dipsMax = 200;

export const dipsSchema = z.strictObject({
  boot: z.string(),
  mono: z.number(),
  at: z.number(),
  /** End on that boot's monotonic clock, and length. */
  dips: z.array(z.tuple([z.number(), z.number()])).max(dipsMax),
});
export type SavedDips = z.infer<typeof dipsSchema>;

/** How long a value was out of range in the last 24 hours, however short each time. */
export class Dips {
  #dips: [until: MonotonicMs, ms: number][] = [];

  add(from: MonotonicMs, until: MonotonicMs): void {
    const last = this.#dips.at(-1);
    if (last !== undefined && last[0] >= from) {
      last[1] += until - last[0];
      last[0] = until;
    } else {
      this.#dips.push([until, until - from]);
    }
    this.#forget(until);
  }

  total(now: MonotonicMs): number {
    this.#forget(now);
    const since = now - dipsWindowMs;
    return this.#dips.reduce((sum, [until, ms]) => sum + Math.min(ms, until - since), 0);
  }

  get isEmpty(): boolean {
    return this.#dips.length === 0;
  }

  save(): SavedDips["dips"] {
    return this.#dips.map(([until, ms]) => [until, ms]);
  }

  /** @param shiftMs From the saved monotonic clock to the present one. */
  restore(dips: SavedDips["dips"], shiftMs: number): void {
    this.#dips = dips.map(([until, ms]) => [until + shiftMs, ms]);
  }

  #forget(now: MonotonicMs): void {
    while ((this.#dips[0]?.[0] ?? now) <= now - dipsWindowMs) this.#dips.shift();
    if (this.#dips.length <= dipsMax) return;
    const [first, second] = this.#dips.splice(0, 2);
    if (first === undefined || second === undefined) return;
    this.#dips.unshift([second[0], first[1] + second[1]]);
  }
}
