import type { MonotonicMs } from "../../drivers/contract.ts";
import { addressesMax, repeatAfterMs } from "./limits.ts";

/** Counts what repeats, so that a log tells it once a minute in place of a thousand times a second. */
export class Repeats {
  readonly #seen = new Map<string, { readonly toldAt: MonotonicMs; since: number }>();

  /** How often `what` came since it was last told, this time included; undefined when it is too early to tell again. */
  count(what: string, now: MonotonicMs): number | undefined {
    const before = this.#seen.get(what);
    if (before !== undefined && now - before.toldAt < repeatAfterMs) {
      before.since += 1;
      return undefined;
    }
    this.#seen.delete(what);
    this.#seen.set(what, { toldAt: now, since: 0 });
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > addressesMax && oldest !== undefined) this.#seen.delete(oldest);
    return 1 + (before?.since ?? 0);
  }
}
