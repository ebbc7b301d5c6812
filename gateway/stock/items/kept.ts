import type { StockConfig } from "../../../config/schema/item.ts";
import { type Item, type Policy, policyOf, type Stocked } from "../stocked.ts";

/** Which item is kept where, and what holds for it there. */
export class Kept {
  readonly #stock: StockConfig;
  readonly #byLocation = new Map<string, Map<string, Stocked>>();
  /** Locations of each item, as they stand in `#byLocation`. */
  readonly #locations = new Map<string, readonly string[]>();
  /** Thousands of items share a few policies: each is kept once. */
  readonly #policies = new Map<string, Policy>();

  constructor(stock: StockConfig) {
    this.#stock = stock;
  }

  *all(): Iterable<Stocked> {
    for (const there of this.#byLocation.values()) yield* there.values();
  }

  at(location: string): readonly Stocked[] {
    return [...(this.#byLocation.get(location)?.values() ?? [])];
  }

  get(location: string, item: string): Stocked | undefined {
    return this.#byLocation.get(location)?.get(item);
  }

  /** In place of what the item was before. */
  put(item: Item): void {
    for (const location of this.#locations.get(item.id) ?? []) {
      this.#byLocation.get(location)?.delete(item.id);
    }
    this.#locations.set(item.id, item.location);
    for (const location of item.location) {
      const stocked = { item, location, policy: this.#policy(item, location) };
      const there = this.#byLocation.get(location);
      if (there === undefined) this.#byLocation.set(location, new Map([[item.id, stocked]]));
      else there.set(item.id, stocked);
    }
  }

  #policy(item: Item, location: string): Policy {
    const policy = policyOf(item, location, this.#stock);
    const key = JSON.stringify(policy);
    const same = this.#policies.get(key);
    if (same !== undefined) return same;
    this.#policies.set(key, policy);
    return policy;
  }
}
