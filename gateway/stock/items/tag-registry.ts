import type { z } from "zod";
import { dateSchema, lotIdSchema } from "../../../config/schema/item.ts";
import { decodeEpc } from "../../../drivers/epc/epc.ts";
import { stockKeys, type Tag, tagSchema } from "../movement.ts";
import type { ItemLookup } from "./item-book.ts";

/** Registered tags: ten on each of the items that one gateway knows. A million would not fit into its memory. */
export const tagsMax = 100_000;

/** What is under a tag. */
export interface Tagged {
  readonly item: string;
  readonly lot?: string;
  /** yyyy-mm-dd. */
  readonly expires?: string;
  readonly serial?: string;
  readonly pieces: number;
  /** Where it belongs; absent: where its item belongs. */
  readonly home?: string;
}

const inputSchema = tagSchema.extend({
  version: tagSchema.shape.version.optional(),
  lot: lotIdSchema.optional(),
  expires: dateSchema.optional(),
});

/** A tag as a receipt, an import or a person gives it; the EPC in hex of either case. */
export type TagInput = z.input<typeof inputSchema>;

export type BadTag = { readonly epc: string } & (
  | { readonly reason: "malformed"; readonly key: string }
  | { readonly reason: "unknown-item"; readonly item: string }
  | { readonly reason: "unknown-location"; readonly location: string }
  /** It is on something else already: a tag stands for one thing. */
  | { readonly reason: "registered"; readonly item: string; readonly other: string }
  | { readonly reason: "too-many"; readonly max: number }
);

export interface Registration {
  /** To be committed; undefined deletes. */
  readonly state: ReadonlyMap<string, unknown>;
  readonly bad: readonly BadTag[];
  /** Tags that were there to the letter. */
  readonly repeated: number;
}

/** What stands under each tag: as it was registered, or as its own number says. */
export class TagRegistry {
  readonly #items: ItemLookup;
  readonly #locations: ReadonlySet<string>;
  /** All tags of one lot share what they say. */
  readonly #tags = new Map<string, Tagged>();
  readonly #shared = new Map<string, Tagged>();
  readonly #setAside: string[] = [];

  /** @param saved The state under `tag/`. What cannot be read stays there and is named in `setAside`. */
  constructor(items: ItemLookup, locations: Iterable<string>, saved: ReadonlyMap<string, unknown>) {
    this.#items = items;
    this.#locations = new Set(locations);
    for (const [key, value] of saved) {
      if (!key.startsWith(stockKeys.tag)) continue;
      const read = tagSchema.safeParse(value);
      if (read.success) this.#tags.set(read.data.epc, this.#share(read.data));
      else this.#setAside.push(key);
    }
  }

  /** Keys of the state that are no tags. */
  get setAside(): readonly string[] {
    return this.#setAside;
  }

  get size(): number {
    return this.#tags.size;
  }

  /** @param epc Hex as readers deliver it. Undefined: no item claims it. */
  resolve(epc: string): Tagged | undefined {
    const registered = this.#tags.get(epc.toUpperCase());
    if (registered !== undefined) {
      return this.#items.get(registered.item) === undefined ? undefined : registered;
    }
    return this.#decoded(epc);
  }

  /** The registry knows them at once; the caller commits the state. */
  register(tags: Iterable<TagInput>): Registration {
    const state = new Map<string, unknown>();
    const bad: BadTag[] = [];
    let repeated = 0;
    for (const given of tags) {
      const read = this.#read(given);
      if ("reason" in read) {
        bad.push(read);
        continue;
      }
      const tagged = this.#share(read);
      const before = this.#tags.get(read.epc);
      if (before !== undefined && keyOf(before) === keyOf(tagged)) {
        repeated += 1;
        continue;
      }
      this.#tags.set(read.epc, tagged);
      state.set(stockKeys.tag + read.epc, read);
    }
    return { state, bad, repeated };
  }

  /** Takes tags off what they were on, so that they can be used again. */
  forget(epcs: Iterable<string>): ReadonlyMap<string, unknown> {
    const state = new Map<string, unknown>();
    for (const epc of epcs) {
      const key = epc.toUpperCase();
      if (this.#tags.delete(key)) state.set(stockKeys.tag + key, undefined);
    }
    return state;
  }

  #read(given: TagInput): Tag | BadTag {
    const epc = given.epc.trim().toUpperCase();
    const checked = inputSchema.safeParse({ ...given, epc });
    if (!checked.success) {
      const key = String(checked.error.issues[0]?.path[0] ?? "");
      return { epc, reason: "malformed", key };
    }
    const { version: _, lot, expires, ...rest } = checked.data;
    const { item, home } = rest;
    if (this.#items.get(item) === undefined) return { epc, reason: "unknown-item", item };
    if (home !== undefined && !this.#locations.has(home)) {
      return { epc, reason: "unknown-location", location: home };
    }
    const before = this.#tags.get(epc);
    if (before !== undefined && before.item !== item) {
      return { epc, reason: "registered", item, other: before.item };
    }
    if (before === undefined && this.#tags.size >= tagsMax) {
      return { epc, reason: "too-many", max: tagsMax };
    }
    const known = { ...(lot === undefined ? {} : { lot }), ...(expires && { expires }) };
    return { version: 1, ...rest, ...known };
  }

  #share(tag: Tag): Tagged {
    const tagged = taggedOf(tag);
    // A serial number is on one tag only.
    if (tagged.serial !== undefined) return tagged;
    const key = keyOf(tagged);
    const same = this.#shared.get(key);
    if (same !== undefined) return same;
    this.#shared.set(key, tagged);
    return tagged;
  }

  #decoded(epc: string): Tagged | undefined {
    const decoded = decodeEpc(epc);
    if (!decoded.ok || decoded.gtin === undefined) return undefined;
    const item = this.#items.byGtin(decoded.gtin)?.id;
    if (item === undefined) return undefined;
    const { serial, scheme, gs1 = "" } = decoded;
    const pieces = scheme.startsWith("itip") ? partOf(gs1) : 1;
    return { item, pieces, ...(serial === undefined ? {} : { serial }) };
  }
}

function taggedOf({ item, lot, expires, serial, pieces, home }: Tag): Tagged {
  return {
    item,
    pieces,
    ...(lot === undefined ? {} : { lot }),
    ...(expires === undefined ? {} : { expires }),
    ...(serial === undefined ? {} : { serial }),
    ...(home === undefined ? {} : { home }),
  };
}

function keyOf({ item, lot, expires, serial, pieces, home }: Tagged): string {
  return JSON.stringify([item, lot, expires, serial, pieces, home]);
}

/** One of several parts of a trade item (AI 8006: GTIN, part, number of parts): all of them are one piece. */
function partOf(gs1: string): number {
  const [, parts = "1"] = /^\(8006\)\d{16}(\d{2})/.exec(gs1) ?? [];
  return 1 / Math.max(1, Number(parts));
}
