import type { MonotonicMs } from "../../../drivers/contract.ts";
import type { Instant } from "../../rules/rule.ts";
import type { ItemBook } from "../items/item-book.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Opinions, TaggedCount } from "../reconcile/compare.ts";
import { findingOf } from "../reconcile/mismatch-finding.ts";
import { type Mismatch, type MismatchStep, MismatchWatch } from "../reconcile/mismatch-watch.ts";
import { compareMixed } from "../reconcile/mixed-scale.ts";
import type { Stocked, StockedKey } from "../stocked.ts";
import { stockedKey } from "../stocked.ts";
import type { TagCount } from "../tags/tag-watch.ts";
import type { Fact } from "../warnings/fact.ts";
import type { Count } from "../weighing/weigh.ts";

/** A difference must last for so long: somebody who books what he has in his hand is none. */
const confirmMs = 60_000;

/** How often scale, tags and ledger are held against each other. */
export const compareEveryMs = 5_000;

/** Standard deviation of a settled weight, in scale intervals. */
const settledSdDivisions = 0.5;

export interface ComparerParts {
  readonly items: ItemBook;
  readonly ledger: Pick<Ledger, "facts">;
  /** Locations that something besides the ledger tells of. */
  readonly locations: readonly string[];
  /** Undefined: no scale, or nothing is known. */
  readonly weighed: (
    location: string,
  ) =>
    | { readonly counts: readonly Count[]; readonly kg: number; readonly divisionKg: number }
    | undefined;
  readonly tagged: (location: string) => readonly TagCount[] | undefined;
  readonly isMixed: (location: string) => boolean;
  /** What the store kept under `mismatch/`. */
  readonly saved: ReadonlyMap<string, unknown>;
}

export interface Compared {
  readonly facts: readonly Fact[];
  readonly state: ReadonlyMap<string, unknown>;
}

/** What scale and reader say of a location. */
interface Seen {
  readonly location: string;
  readonly scale: ReturnType<ComparerParts["weighed"]>;
  readonly tags: ReturnType<ComparerParts["tagged"]>;
}

const nothingCompared: Compared = { facts: [], state: new Map() };

/** Holds ledger, scale and tags against each other, now and then, wherever there is more than one of them. */
export class Comparer {
  readonly #parts: ComparerParts;
  readonly #watch: MismatchWatch;
  readonly #movedMono = new Map<StockedKey, MonotonicMs>();
  #dueAt: MonotonicMs = Number.NEGATIVE_INFINITY;

  constructor(parts: ComparerParts) {
    this.#parts = parts;
    this.#watch = new MismatchWatch(confirmMs, parts.saved);
  }

  get inForce(): Iterable<Mismatch> {
    return this.#watch.inForce.values();
  }

  moved(keys: Iterable<StockedKey>, { mono }: Instant): void {
    for (const key of keys) this.#movedMono.set(key, mono);
    for (const [key, at] of this.#movedMono) {
      if (mono - at > confirmMs) this.#movedMono.delete(key);
    }
  }

  step(instant: Instant): Compared {
    const { locations, items } = this.#parts;
    if (locations.length === 0 || instant.mono < this.#dueAt) return nothingCompared;
    this.#dueAt = instant.mono + compareEveryMs;
    const steps = locations.flatMap((location) =>
      this.#compare(location, items.at(location), instant),
    );
    return {
      facts: steps.flatMap(({ change }) => {
        const finding = change === undefined ? undefined : findingOf(change);
        if (finding === undefined) return [];
        const { to, kind: _, ...about } = finding;
        return [{ ...about, kind: "count-mismatch" as const, active: to === "raised" }];
      }),
      state: new Map(steps.flatMap(({ state }) => [...state])),
    };
  }

  #compare(location: string, all: readonly Stocked[], instant: Instant): readonly MismatchStep[] {
    const { weighed, tagged, isMixed } = this.#parts;
    const scale = weighed(location);
    const tags = tagged(location);
    if (isMixed(location)) return this.#compareMixed({ location, scale, tags }, all, instant);
    return all.map(({ item }) => {
      const count = scale?.counts.find((it) => it.item === item.id);
      const key = stockedKey(location, item.id);
      const opinions: Opinions = {
        ledger: this.#parts.ledger.facts(key, instant).onHand,
        ...(count === undefined
          ? {}
          : { weight: { pieces: count.pieces, interval: count.interval } }),
        ...taggedOf(tags, item.id),
      };
      return this.#watch.judge(key, opinions, instant, this.#movedMono.get(key));
    });
  }

  #compareMixed(
    { location, scale, tags }: Seen,
    all: readonly Stocked[],
    instant: Instant,
  ): readonly MismatchStep[] {
    if (scale === undefined) return [];
    const { ledger } = this.#parts;
    const items = all.map(({ item }) => ({
      item: item.id,
      ledger: ledger.facts(stockedKey(location, item.id), instant).onHand,
      unitKg: item.unitWeight ?? 1,
      ...taggedOf(tags, item.id),
    }));
    const compared = compareMixed(
      { kg: scale.kg, sdKg: scale.divisionKg * settledSdDivisions },
      items,
    );
    return items.flatMap(({ item, ledger: onHand, tags: own }) => {
      const key = stockedKey(location, item);
      const comparison = compared.items.get(item);
      if (comparison === undefined) return [];
      const opinions = { ledger: onHand, ...(own === undefined ? {} : { tags: own }) };
      return [this.#watch.settle(key, comparison, opinions, instant, this.#movedMono.get(key))];
    });
  }
}

/** All lots of an item together. */
function taggedOf(
  counts: readonly TagCount[] | undefined,
  item: string,
): { readonly tags?: TaggedCount } {
  const own = counts?.filter((count) => count.item === item) ?? [];
  // Most items have no tags at all; one whose tags all went is told as missing.
  if (counts === undefined || own.length === 0) return {};
  return {
    tags: {
      pieces: own.reduce((sum, { pieces }) => sum + pieces, 0),
      grain: Math.max(1, ...own.map(({ grain }) => grain)),
      uncertain: counts.some(({ uncertain }) => uncertain),
    },
  };
}
