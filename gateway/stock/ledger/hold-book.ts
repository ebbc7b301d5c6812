import type { EpochMs } from "../../../drivers/contract.ts";
import { type Hold, holdSchema, stockKeys } from "../movement.ts";
import { type Journal, put } from "./journal.ts";

/** Further excursions that one hold names: who releases it answers for all of them, named or not. */
export const alsoMax = 20;

/** A lot at a place. */
export interface LotPlace {
  readonly location: string;
  readonly item: string;
  /** Absent: pieces whose lot is not known. */
  readonly lot?: string;
}

/** Lots that are put aside, and what was decided of them. */
export class HoldBook {
  readonly #holds = new Map<string, Hold>();
  readonly #open = new Map<string, ReadonlySet<string>>();
  readonly unreadable: readonly string[];

  constructor(saved: ReadonlyMap<string, unknown>) {
    const unreadable: string[] = [];
    for (const [key, value] of saved) {
      const { success, data } = holdSchema.safeParse(value);
      if (success) this.#holds.set(key, data);
      else unreadable.push(key);
    }
    this.unreadable = unreadable;
  }

  list(): readonly Hold[] {
    return [...this.#holds.values()];
  }

  /** On record, released ones included. */
  get(place: LotPlace): Hold | undefined {
    return this.#holds.get(holdKey(place));
  }

  /** What locks the lot; a rejected lot stays locked. */
  inForce(place: LotPlace): Hold | undefined {
    const hold = this.get(place);
    return hold?.released?.to === "released" ? undefined : hold;
  }

  /** An excursion goes on at these locations: what arrives there is held as well. */
  open(excursion: string, locations: Iterable<string>): void {
    this.#open.set(excursion, new Set(locations));
  }

  close(excursion: string): void {
    this.#open.delete(excursion);
  }

  isOpen(excursion: string): boolean {
    return this.#open.has(excursion);
  }

  /** Excursions that go on at a location. */
  openAt(location: string): readonly string[] {
    return [...this.#open].flatMap(([id, locations]) => (locations.has(location) ? [id] : []));
  }

  /** @returns whether the lot was free before. What a person decided of the same excursion stays decided. */
  add(
    place: LotPlace,
    hold: Pick<Hold, "cause" | "by" | "comment"> & { readonly since: EpochMs },
    journal: Journal,
  ): boolean {
    const { cause } = hold;
    const before = this.get(place);
    if (before !== undefined && namesCause(before, cause)) {
      if (cause !== "person" || before.released?.to !== "released") return false;
    }
    if (before !== undefined && this.inForce(place) !== undefined) {
      const also = [...(before.also ?? []), cause];
      if (also.length <= alsoMax) this.#write({ ...before, also }, journal);
      return false;
    }
    const { location, item, lot } = place;
    const lotOf = lot === undefined ? {} : { lot };
    this.#write({ version: 1, location, item, ...lotOf, ...hold }, journal);
    return true;
  }

  /** Goods go on to another place with what was decided of them. */
  carry(from: LotPlace, to: LotPlace, journal: Journal): void {
    const hold = this.inForce(from);
    if (hold === undefined || this.inForce(to) !== undefined) return;
    this.#write({ ...hold, location: to.location }, journal);
  }

  decide(hold: Hold, released: NonNullable<Hold["released"]>, journal: Journal): void {
    this.#write({ ...hold, released }, journal);
  }

  #write(hold: Hold, journal: Journal): void {
    const key = holdKey(hold);
    put(this.#holds, key, hold, journal);
    journal.write(key, hold);
  }
}

function namesCause({ cause, also = [] }: Hold, given: string): boolean {
  return cause === given || also.includes(given);
}

function holdKey({ location, item, lot }: LotPlace | Hold): string {
  return `${stockKeys.hold}${location}/${item}/${encodeURIComponent(lot ?? "")}`;
}
