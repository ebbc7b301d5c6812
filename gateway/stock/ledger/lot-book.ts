import type { EpochMs } from "../../../drivers/contract.ts";
import { type LotFacts, lotFactsSchema, stockKeys } from "../movement.ts";
import { StockRefusal } from "../stock-refusal.ts";
import { type Journal, put } from "./journal.ts";

/** Lots of one item that are remembered. Beyond it those without stock are forgotten, the oldest receipt first. */
export const lotsOfItemMax = 1_000;

/** What a receipt, a tag or a person says of a lot. */
export interface LotNote {
  readonly item: string;
  readonly lot: string;
  /** yyyy-mm-dd, the last day of use. */
  readonly expires?: string;
  /** Who says that a date which is on record is wrong; absent: another date is refused. */
  readonly correctedBy?: string;
}

/** An item with the lots that its configuration names. */
export interface ItemLots {
  readonly id: string;
  readonly lots: readonly {
    readonly lot: string;
    readonly expires?: string | undefined;
  }[];
}

/** Two dates for one lot: configured and on record. The earlier one holds. */
export interface LotConflict {
  readonly item: string;
  readonly lot: string;
  readonly configured: string;
  readonly recorded: string;
}

/** What is known of lots, wherever they are. */
export class LotBook {
  readonly #items = new Map<string, Map<string, LotFacts>>();
  /** Lots that stand in the store. */
  readonly #saved = new Set<string>();
  readonly #conflicts: LotConflict[] = [];
  readonly unreadable: readonly string[];

  constructor(saved: ReadonlyMap<string, unknown>) {
    const unreadable: string[] = [];
    for (const [key, value] of saved) {
      const { success, data } = lotFactsSchema.safeParse(value);
      if (!success) {
        unreadable.push(key);
        continue;
      }
      this.#lotsOf(data.item).set(data.lot, data);
      this.#saved.add(key);
    }
    this.unreadable = unreadable;
  }

  /** Configured dates that are not those on record. */
  get conflicts(): readonly LotConflict[] {
    return this.#conflicts;
  }

  get(item: string, lot: string): LotFacts | undefined {
    return this.#items.get(item)?.get(lot);
  }

  of(item: string): Iterable<LotFacts> {
    return this.#items.get(item)?.values() ?? [];
  }

  /** Its lot, when the item has one and no other. */
  only(item: string): string | undefined {
    const lots = this.#items.get(item);
    return lots?.size === 1 ? lots.keys().next().value : undefined;
  }

  /** Lots of the configuration. A person's correction on record is believed before it; else the earlier date is. */
  learn({ id, lots }: ItemLots): void {
    for (const { lot, expires } of lots) {
      const known = this.get(id, lot);
      const recorded = known?.expires;
      if (known?.correctedBy !== undefined) continue;
      const differs = recorded !== undefined && expires !== undefined && recorded !== expires;
      if (differs) this.#conflicts.push({ item: id, lot, configured: expires, recorded });
      const earlier = differs && recorded < expires ? recorded : (expires ?? recorded);
      this.#lotsOf(id).set(lot, {
        ...(known ?? { version: 1, item: id, lot }),
        ...(earlier !== undefined && { expires: earlier }),
      });
    }
  }

  /**
   * @returns whether a date on record was corrected.
   * @throws RackwatchError `stock/refused` with both dates when nobody answers for another one.
   */
  note({ item, lot, expires, correctedBy }: LotNote, journal: Journal): boolean {
    const known = this.get(item, lot);
    const recorded = known?.expires;
    if (expires === undefined || expires === recorded) return false;
    if (recorded !== undefined && correctedBy === undefined) {
      throw new StockRefusal("lotDate", { lot, item, recorded, expires }, `${item}/${lot}`);
    }
    const facts: LotFacts = {
      ...(known ?? { version: 1, item, lot }),
      expires,
      ...(recorded !== undefined && correctedBy !== undefined && { correctedBy }),
    };
    this.#write(facts, journal);
    return recorded !== undefined;
  }

  /** Goods of the lot are here: from now on it is on record whatever the configuration says. */
  arrived(item: string, lot: string, receivedAt: EpochMs | undefined, journal: Journal): void {
    const known = this.get(item, lot) ?? { version: 1, item, lot };
    const first = known.receivedAt ?? receivedAt;
    const isSame = first === known.receivedAt && this.#saved.has(lotKey(item, lot));
    if (!isSame) {
      this.#write({ ...known, ...(first !== undefined && { receivedAt: first }) }, journal);
    }
  }

  /** Forgets lots beyond `lotsOfItemMax` that are nowhere. */
  trim(item: string, isStocked: (lot: string) => boolean, journal: Journal): void {
    const lots = this.#items.get(item);
    if (lots === undefined || lots.size <= lotsOfItemMax) return;
    const gone = [...lots.values()]
      .filter(({ lot }) => !isStocked(lot))
      .sort((a, b) => (a.receivedAt ?? 0) - (b.receivedAt ?? 0))
      .slice(0, lots.size - lotsOfItemMax);
    for (const { lot } of gone) {
      put(lots, lot, undefined, journal);
      this.#keep(lotKey(item, lot), false, journal);
      journal.write(lotKey(item, lot), undefined);
    }
  }

  #write(facts: LotFacts, journal: Journal): void {
    const key = lotKey(facts.item, facts.lot);
    put(this.#lotsOf(facts.item), facts.lot, facts, journal);
    this.#keep(key, true, journal);
    journal.write(key, facts);
  }

  #keep(key: string, isSaved: boolean, journal: Journal): void {
    if (this.#saved.has(key) === isSaved) return;
    if (isSaved) this.#saved.add(key);
    else this.#saved.delete(key);
    journal.undo(() => (isSaved ? this.#saved.delete(key) : this.#saved.add(key)));
  }

  #lotsOf(item: string): Map<string, LotFacts> {
    const lots = this.#items.get(item) ?? new Map<string, LotFacts>();
    this.#items.set(item, lots);
    return lots;
  }
}

function lotKey(item: string, lot: string): string {
  return `${stockKeys.lot}${item}/${encodeURIComponent(lot)}`;
}
