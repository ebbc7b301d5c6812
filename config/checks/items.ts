import { gtinOf, withCheckDigit } from "../item-gtin.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import type { ItemConfig } from "../schema/item.ts";
import type { LocationConfig } from "../schema/location.ts";
import { suggest } from "../suggest.ts";
import { atScale, beside, type PlacedItem } from "./scales.ts";
import type { Subject } from "./subject.ts";

type Locations = Readonly<Record<string, LocationConfig>>;

/** Where items may be kept. */
export interface Places {
  readonly locations: Locations;
  /** Also those that have errors of their own. */
  readonly known: ReadonlySet<string>;
}

/** Every item can be found, counted and warned of, and none takes what is another's. */
export function checkItems({ config, locations, lineOf }: Subject): readonly Finding[] {
  const places = { locations: config.locations, known: new Set(locations) };
  const lineOfItem = (id: string) => lineOf(["items", id]);
  const gtins = new Map<string, string>();
  const scales = new Map<string, PlacedItem[]>();
  return Object.entries(config.items).flatMap(([id, item]) => {
    const mine = { id, item };
    const onScale = item.location.filter((at) => config.locations[at]?.weight !== undefined);
    const found = [
      ...itemFindings(mine, places, (path) => lineOf(path)),
      ...gtinTwice(mine, gtins.get(gtinOf(id, item) ?? ""), lineOfItem),
      ...onScale.flatMap((at) =>
        beside(mine, scales.get(at) ?? [], [at, config.locations[at]], lineOfItem),
      ),
    ];
    const gtin = gtinOf(id, item);
    if (gtin !== undefined && !gtins.has(gtin)) gtins.set(gtin, id);
    for (const at of onScale) {
      const there = scales.get(at);
      if (there === undefined) scales.set(at, [mine]);
      else there.push(mine);
    }
    return found;
  });
}

/** What can be said of an item without the others. Paths begin with `items`. */
export function itemFindings(
  { id, item }: PlacedItem,
  places: Places,
  lineOf?: (path: Path) => number,
): readonly Finding[] {
  const path = ["items", id];
  return [
    ...placeFindings(item, path, places),
    ...limitFindings(item, path),
    ...lotFindings(item, [...path, "lots"], lineOf),
    ...gtinFindings(id, item, path),
    ...new Set(item.location).values().flatMap((at) => {
      const location = places.locations[at];
      return location?.weight === undefined ? [] : atScale({ id, item }, at, location);
    }),
  ];
}

/** @param other The item that has the same GTIN. */
export function gtinTwice(
  { id, item }: PlacedItem,
  other: string | undefined,
  lineOfItem?: (id: string) => number,
): readonly Finding[] {
  const gtin = gtinOf(id, item);
  if (gtin === undefined || other === undefined) return [];
  const key = item.gtin === undefined ? [] : ["gtin"];
  const params = { gtin, other, line: lineOfItem?.(other) };
  return [finding("item/gtin-twice", ["items", id, ...key], params, { at: "key" })];
}

/** The item was written into the configuration, which is not overruled by a file. */
export function configuredAlready(id: string): Finding {
  return finding("item/configured", ["items", id], {});
}

/** @param max How many items one gateway knows. */
export function tooManyItems(id: string, max: number): Finding {
  return finding("item/too-many", ["items", id], { max });
}

function placeFindings(item: ItemConfig, path: Path, places: Places): readonly Finding[] {
  const { location, at } = item;
  if (location.length === 0) return [finding("item/no-location", path, {}, { at: "key" })];
  const where = (index: number) =>
    location.length === 1 ? [...path, "location"] : [...path, "location", index];
  return [
    ...location.flatMap((got, index) => {
      if (location.indexOf(got) < index) {
        return [finding("item/location-twice", where(index), { got })];
      }
      if (places.known.has(got)) return [];
      const suggestion = suggest(got, [...places.known]);
      return [finding("reference/location", where(index), { got, suggestion })];
    }),
    ...Object.keys(at).flatMap((got) => {
      if (location.includes(got)) return [];
      const params = { got, suggestion: suggest(got, location), known: location };
      return [finding("item/at-elsewhere", [...path, "at", got], params, { at: "key" })];
    }),
  ];
}

type Limits = Pick<ItemConfig, "min" | "max" | "reorderPoint">;

function limitFindings(item: ItemConfig, path: Path): readonly Finding[] {
  return [
    ...crossed(item, {}, path),
    ...Object.entries(item.at).flatMap(([at, own]) => crossed(own, item, [...path, "at", at])),
  ];
}

/** @param outer What holds where `own` says nothing. */
function crossed(own: Limits, outer: Limits, path: Path): readonly Finding[] {
  return (["min", "reorderPoint"] as const).flatMap((low) => {
    const lowValue = own[low] ?? outer[low];
    const highValue = own.max ?? outer.max;
    if (own[low] === undefined && own.max === undefined) return [];
    if (lowValue === undefined || highValue === undefined || lowValue <= highValue) return [];
    const at = [...path, own[low] === undefined ? "max" : low];
    return [finding("item/limits", at, { low, lowValue, high: "max", highValue })];
  });
}

function lotFindings(
  { lots }: ItemConfig,
  path: Path,
  lineOf?: (path: Path) => number,
): readonly Finding[] {
  const first = new Map<string, number>();
  return lots.flatMap(({ lot }, index) => {
    const before = first.get(lot);
    if (before === undefined) {
      first.set(lot, index);
      return [];
    }
    const params = { lot, other: `lots[${before}]`, line: lineOf?.([...path, before, "lot"]) };
    return [finding("item/lot-twice", [...path, index, "lot"], params)];
  });
}

/** Numbers of 8 digits are taken for an own article number: shops and ERP systems count so. */
const looksLikeGtin = /^\d{12,14}$/;

function gtinFindings(id: string, { gtin }: ItemConfig, path: Path): readonly Finding[] {
  if (gtinOf(id, { gtin }) !== undefined) return [];
  if (gtin !== undefined) {
    const params = { got: gtin, right: withCheckDigit(gtin) };
    return [finding("item/gtin-check", [...path, "gtin"], params)];
  }
  if (!looksLikeGtin.test(id)) return [];
  const params = { got: id, right: withCheckDigit(id) };
  return [finding("item/id-gtin", path, params, { at: "key", severity: "warning" })];
}
