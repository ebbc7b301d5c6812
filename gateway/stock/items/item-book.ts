import {
  configuredAlready,
  gtinTwice,
  itemFindings,
  type Places,
  tooManyItems,
} from "../../../config/checks/items.ts";
import { beside } from "../../../config/checks/scales.ts";
import { gtinOf } from "../../../config/item-gtin.ts";
import type { Finding } from "../../../config/problem.ts";
import { readItem } from "../../../config/read-item.ts";
import type { Config } from "../../../config/schema/config.ts";
import type { ItemConfig } from "../../../config/schema/item.ts";
import { stockKeys } from "../movement.ts";
import type { Item, Stocked } from "../stocked.ts";
import type { ShelfSettings } from "../weighing/weigh.ts";
import { Kept } from "./kept.ts";
import { shelfSettings } from "./shelf-settings.ts";
import { writtenItem } from "./written-item.ts";

/** Items that one gateway knows: ten times what a large rack holds, so that no file can fill its memory. */
export const itemsMax = 20_000;

/** An item that was not taken, and why. `tell` of config/language makes sentences of the findings. */
export interface RefusedItem {
  readonly item: string;
  readonly findings: readonly Finding[];
}

export interface ItemImport {
  /** To be committed; undefined deletes. */
  readonly state: ReadonlyMap<string, unknown>;
  /** Items that are there now, or are different. Items that were there to the letter are not among them. */
  readonly changed: readonly string[];
  readonly refused: readonly RefusedItem[];
}

/** What looks items up. */
export type ItemLookup = Pick<ItemBook, "get" | "byGtin">;

/** Every item that the gateway knows: of the configuration, and imported ones. */
export class ItemBook {
  readonly #config: Pick<Config, "items" | "locations" | "stock">;
  readonly #places: Places;
  readonly #items = new Map<string, Item>();
  readonly #byGtin = new Map<string, Item>();
  readonly #kept: Kept;
  readonly #setAside: RefusedItem[] = [];

  /** @param saved The state under `item/`. What cannot be taken any more stays there and is named in `setAside`. */
  constructor(
    config: Pick<Config, "items" | "locations" | "stock">,
    saved: ReadonlyMap<string, unknown>,
  ) {
    this.#config = config;
    this.#places = { locations: config.locations, known: new Set(Object.keys(config.locations)) };
    this.#kept = new Kept(config.stock);
    for (const [id, item] of Object.entries(config.items)) {
      this.#take(itemOf(id, item, "configuration"));
    }
    for (const [key, given] of saved) {
      if (!key.startsWith(stockKeys.item)) continue;
      const id = key.slice(stockKeys.item.length);
      const read = this.#read(id, given);
      if ("findings" in read) this.#setAside.push(read);
      else this.#take(read);
    }
  }

  /** Imported items that the configuration, as it is now, does not let in. */
  get setAside(): readonly RefusedItem[] {
    return this.#setAside;
  }

  get size(): number {
    return this.#items.size;
  }

  get(id: string): Item | undefined {
    return this.#items.get(id);
  }

  /** Those of the configuration first. */
  all(): Iterable<Item> {
    return this.#items.values();
  }

  /** @param gtin14 14 digits. */
  byGtin(gtin14: string): Item | undefined {
    return this.#byGtin.get(gtin14);
  }

  /** Each item at each of its locations. */
  stocked(): Iterable<Stocked> {
    return this.#kept.all();
  }

  at(location: string): readonly Stocked[] {
    return this.#kept.at(location);
  }

  stockedAt(location: string, item: string): Stocked | undefined {
    return this.#kept.get(location, item);
  }

  /** Undefined where there is no scale, or nothing is kept. */
  shelfSettings(location: string): ShelfSettings | undefined {
    const given = this.#config.locations[location];
    return given && shelfSettings(location, given, this.#config.stock, this.#kept.at(location));
  }

  /**
   * Takes items, one by one: what is wrong with one leaves the others. The book knows them at once; the caller commits
   * the state.
   *
   * @param items By their id, written as the configuration would write them.
   */
  import(items: Iterable<readonly [id: string, given: unknown]>): ItemImport {
    const state = new Map<string, unknown>();
    const changed: string[] = [];
    const refused: RefusedItem[] = [];
    for (const [id, given] of items) {
      const read = this.#read(id, given);
      if ("findings" in read) {
        refused.push(read);
        continue;
      }
      const before = this.#items.get(id);
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(read)) continue;
      this.#take(read);
      state.set(stockKeys.item + id, writtenItem(read));
      changed.push(id);
    }
    return { state, changed, refused };
  }

  #read(id: string, given: unknown): Item | RefusedItem {
    if (this.#config.items[id] !== undefined) {
      return { item: id, findings: [configuredAlready(id)] };
    }
    if (this.#items.size >= itemsMax && !this.#items.has(id)) {
      return { item: id, findings: [tooManyItems(id, itemsMax)] };
    }
    const read = readItem(id, given);
    if (!read.ok) return { item: id, findings: read.findings };
    const { item } = read;
    const found = [...itemFindings({ id, item }, this.#places), ...this.#clashes(id, item)];
    const errors = found.filter(({ severity }) => severity === "error");
    return errors.length > 0 ? { item: id, findings: errors } : itemOf(id, item, "import");
  }

  /** With the other items. */
  #clashes(id: string, item: ItemConfig): readonly Finding[] {
    const same = this.#byGtin.get(gtinOf(id, item) ?? "");
    return [
      ...gtinTwice({ id, item }, same?.id === id ? undefined : same?.id),
      ...item.location.flatMap((at) => {
        const location = this.#config.locations[at];
        if (location?.weight === undefined) return [];
        const others = this.#kept.at(at).flatMap(({ item: other }) => {
          return other.id === id ? [] : [{ id: other.id, item: other }];
        });
        return beside({ id, item }, others, [at, location]);
      }),
    ];
  }

  #take(item: Item): void {
    const before = this.#items.get(item.id);
    if (before?.gtin14 !== undefined) this.#byGtin.delete(before.gtin14);
    this.#items.set(item.id, item);
    if (item.gtin14 !== undefined) this.#byGtin.set(item.gtin14, item);
    this.#kept.put(item);
  }
}

function itemOf(id: string, item: ItemConfig, from: Item["from"]): Item {
  const gtin14 = gtinOf(id, item);
  return { ...item, id, from, ...(gtin14 === undefined ? {} : { gtin14 }) };
}
