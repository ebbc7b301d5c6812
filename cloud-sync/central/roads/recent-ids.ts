import type { MonotonicMs } from "../../../drivers/contract.ts";

/** Ids of one span that are remembered: 10,000 gateways that ask six times a minute. Beyond it the older ones are forgotten early. */
export const recentIdsMax = 300_000;

/**
 * Remembers ids for one to two spans. One that is forgotten early, when more came than there is room for, may pass once more: rows
 * have their effect once all the same.
 */
export class RecentIds {
  readonly #spanMs: number;
  readonly #idsMax: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnAt: MonotonicMs | undefined;

  constructor(spanMs: number, idsMax: number = recentIdsMax) {
    this.#spanMs = spanMs;
    this.#idsMax = idsMax;
  }

  /** True the first time. */
  add(id: string, now: MonotonicMs): boolean {
    this.#turnAt ??= now + this.#spanMs;
    if (now >= this.#turnAt + this.#spanMs) this.#young.clear();
    if (now >= this.#turnAt || this.#young.size >= this.#idsMax) {
      this.#old = this.#young;
      this.#young = new Set();
      this.#turnAt = now + this.#spanMs;
    }
    if (this.#young.has(id) || this.#old.has(id)) return false;
    this.#young.add(id);
    return true;
  }
}
