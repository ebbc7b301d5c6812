import type { EpochMs, MonotonicMs } from "../../../drivers/contract.ts";
import type { Passing, TagFacts, TagMove } from "./tag-moves.ts";

export interface Patience {
  /** From nowhere: told after so long. 0: at once, the reader has confirmed it. */
  readonly arriveMs: number;
  /** Away, or in another place, for so long: what is lifted and put back within it is nothing. */
  readonly leaveMs: number;
}

/** A location sees a tag, or stops to see it. */
export interface Sight {
  readonly location: string;
  readonly mono: MonotonicMs;
  readonly at: EpochMs;
  readonly since?: EpochMs;
  readonly first?: true;
  /** It may have been in view for long, before the start already: it does not outdo where the tag is believed to be. */
  readonly isWeak?: boolean;
  /** By a gate, not by a reader that goes on seeing it: it holds until the tag is seen anywhere else. */
  readonly isPassage?: boolean;
}

type Change = Pick<TagMove, "to" | "at" | "since" | "first"> & { readonly dueMono: MonotonicMs };

interface Known {
  readonly facts: TagFacts;
  /** Where it was last told to be. */
  at: string | undefined;
  /** Locations that have it in view. */
  seen: readonly Sight[];
  change: Change | undefined;
}

const restoredMono = -1;
const weakMono = -2;

/**
 * Where each tag is: the location that came to see it last, until that one loses it. O(1) a change.
 */
export class Whereabouts {
  readonly #patience: Patience;
  readonly #tags = new Map<string, Known>();
  readonly #byLocation = new Map<string, Set<string>>();
  /** Tags that are seen elsewhere than they are told to be. */
  readonly #changing = new Set<string>();

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  where(epc: string): string | undefined {
    return this.#tags.get(epc)?.at;
  }

  factsOf(epc: string): TagFacts | undefined {
    return this.#tags.get(epc)?.facts;
  }

  tagsAt(location: string): ReadonlySet<string> {
    return this.#byLocation.get(location) ?? new Set();
  }

  /** As it was told before the start. */
  restore(epc: string, facts: TagFacts, location: string, isPassage: boolean): void {
    const sight = { location, mono: restoredMono, at: 0, isPassage };
    this.#tags.set(epc, { facts, at: undefined, seen: [sight], change: undefined });
    this.#settle(epc, location);
  }

  enter(epc: string, facts: TagFacts, sight: Sight): void {
    const known = this.#tags.get(epc) ?? { facts, at: undefined, seen: [], change: undefined };
    this.#tags.set(epc, known);
    const isWeak = sight.isWeak === true && known.at !== undefined && known.at !== sight.location;
    const rest = known.seen.filter(({ location }) => location !== sight.location);
    known.seen = [...rest, isWeak ? { ...sight, mono: weakMono } : sight];
    this.#aim(epc, known, sight);
  }

  leave(epc: string, sight: Sight): void {
    const known = this.#tags.get(epc);
    if (known === undefined) return;
    known.seen = known.seen.filter(({ location }) => location !== sight.location);
    this.#aim(epc, known, sight);
  }

  /**
   * The reader of a location falls silent: whether what it just lost was put back is not known, so that it stays.
   * @returns the tags that count as seen there again.
   */
  darken(location: string): readonly string[] {
    const kept: string[] = [];
    for (const epc of this.#changing) {
      const known = this.#tags.get(epc);
      if (known?.at !== location || known.change === undefined || known.change.to !== undefined)
        continue;
      known.seen = [{ location, mono: restoredMono, at: known.change.at }];
      known.change = undefined;
      this.#changing.delete(epc);
      kept.push(epc);
    }
    return kept;
  }

  /**
   * Through a gate, into `to` or out of everything. What came to be seen since it entered the gate is newer.
   * @returns undefined: it is there already, or was seen elsewhere since.
   */
  pass(
    epc: string,
    facts: TagFacts,
    passing: Passing,
    through: {
      readonly from?: string;
      readonly to?: string;
      readonly sinceMono: MonotonicMs;
    } & Pick<Sight, "mono" | "at">,
  ): TagMove | undefined {
    const known = this.#tags.get(epc) ?? { facts, at: undefined, seen: [], change: undefined };
    const { to, mono, at, sinceMono } = through;
    if (known.seen.some((sight) => sight.mono > sinceMono)) return undefined;
    const from = known.at ?? through.from;
    known.change = undefined;
    known.seen = to === undefined ? [] : [{ location: to, mono, at, isPassage: true }];
    this.#changing.delete(epc);
    if (from === to) return undefined;
    this.#tags.set(epc, known);
    this.#settle(epc, to);
    const ends = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    return { epc, facts: known.facts, at, passing, ...ends };
  }

  /** What has lasted long enough, told once. */
  due(mono: MonotonicMs): readonly TagMove[] {
    const moves: TagMove[] = [];
    for (const epc of [...this.#changing].sort()) {
      const known = this.#tags.get(epc);
      if (known?.change === undefined || known.change.dueMono > mono) continue;
      const { dueMono: _, to, ...when } = known.change;
      const from = known.at;
      const ends = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      moves.push({ epc, facts: known.facts, ...ends, ...when });
      this.#settle(epc, to);
    }
    return moves;
  }

  nextDue(): MonotonicMs | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const epc of this.#changing)
      next = Math.min(next, this.#tags.get(epc)?.change?.dueMono ?? next);
    return Number.isFinite(next) ? next : undefined;
  }

  #aim(epc: string, known: Known, sight: Sight): void {
    const target = newest(known.seen)?.location;
    if (target === known.at) {
      known.change = undefined;
      this.#changing.delete(epc);
      if (target === undefined) this.#tags.delete(epc);
      return;
    }
    if (known.change !== undefined && known.change.to === target) return;
    const { at, since, first, mono } = sight;
    const { arriveMs, leaveMs } = this.#patience;
    // The first set is a count: nothing is known that it could contradict.
    const waitMs = first ? 0 : known.at === undefined ? arriveMs : leaveMs;
    known.change = {
      at,
      dueMono: mono + waitMs,
      ...(target === undefined ? {} : { to: target }),
      ...(since === undefined ? {} : { since }),
      ...(first === undefined ? {} : { first }),
    };
    this.#changing.add(epc);
  }

  /** It is there now: told and believed. */
  #settle(epc: string, location: string | undefined): void {
    const known = this.#tags.get(epc);
    if (known === undefined) return;
    if (known.at !== undefined) this.#byLocation.get(known.at)?.delete(epc);
    known.at = location;
    known.change = undefined;
    known.seen = known.seen.filter(
      ({ isPassage, location: where }) => isPassage !== true || where === location,
    );
    this.#changing.delete(epc);
    if (location === undefined) {
      if (known.seen.length === 0) this.#tags.delete(epc);
      return;
    }
    const there = this.#byLocation.get(location) ?? new Set();
    this.#byLocation.set(location, there.add(epc));
  }
}

function newest(seen: readonly Sight[]): Sight | undefined {
  return seen.reduce<Sight | undefined>((best, sight) => {
    if (best === undefined) return sight;
    if (sight.mono !== best.mono) return sight.mono > best.mono ? sight : best;
    if (sight.at !== best.at) return sight.at > best.at ? sight : best;
    return sight.location < best.location ? sight : best;
  }, undefined);
}
