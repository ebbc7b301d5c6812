import { formatMass } from "../../drivers/quantity.ts";
import { type Finding, finding } from "../problem.ts";
import type { ItemConfig } from "../schema/item.ts";
import type { LocationConfig } from "../schema/location.ts";

/** An item under its name. */
export interface PlacedItem {
  readonly id: string;
  readonly item: ItemConfig;
}

/** Scale interval of a shelf that names none, in kg. */
export const divisionDefaultKg = 0.001;

/** What is wrong with an item at a scale, without the others that share it. */
export function atScale(
  { id, item }: PlacedItem,
  at: string,
  location: LocationConfig,
): readonly Finding[] {
  const { unit, unitWeight } = item;
  const path = ["items", id];
  if (unit === "L" || unit === "m") {
    return [finding("item/unit-not-weighed", [...path, "unit"], { unit, location: at })];
  }
  if (unit === "pcs" && unitWeight === undefined) {
    return [finding("item/no-unit-weight", path, { location: at }, { at: "key" })];
  }
  const pieceKg = unit === "kg" ? 1 : (unitWeight ?? 0);
  const heavy = tooHeavy({ id, item }, pieceKg, at, location);
  const { division = divisionDefaultKg } = location;
  if (unit === "kg" || pieceKg >= 2 * division) return heavy;
  const params = { piece: formatMass(pieceKg), division: formatMass(division), location: at };
  const light = finding("item/too-light", [...path, "unitWeight"], params, { severity: "warning" });
  return [light, ...heavy];
}

function tooHeavy(
  { id, item }: PlacedItem,
  pieceKg: number,
  at: string,
  { capacity, tare = 0 }: LocationConfig,
): readonly Finding[] {
  const own = item.at[at]?.max;
  const max = own ?? item.max;
  if (max === undefined || capacity === undefined) return [];
  const kg = max * pieceKg + tare + (item.container ?? 0);
  if (kg <= capacity) return [];
  const path = own === undefined ? ["items", id, "max"] : ["items", id, "at", at, "max"];
  const params = { max, weighs: formatMass(kg), capacity: formatMass(capacity) };
  return [finding("item/max-too-heavy", path, params, { severity: "warning" })];
}

/** What is wrong with an item beside others on one scale. */
export function beside(
  mine: PlacedItem,
  others: readonly PlacedItem[],
  [at, location]: readonly [string, LocationConfig | undefined],
  lineOfItem?: (id: string) => number,
): readonly Finding[] {
  const [first] = others;
  if (first === undefined || location === undefined) return [];
  const path = placePath(mine, at);
  const named = (other: PlacedItem) => ({
    location: at,
    other: `items.${other.id}`,
    line: lineOfItem?.(other.id),
  });
  if (!location.mixed) return [finding("item/scale-shared", path, named(first))];
  const bulk = mine.item.unit === "kg" ? first : others.find(({ item }) => item.unit === "kg");
  if (bulk !== undefined) return [finding("item/mixed-bulk", path, named(bulk))];
  const alike = others.find((other) => areAlike(mine.item, other.item, location));
  if (alike === undefined) return [];
  const [piece, theirs] = [mine, alike].map(({ item }) => formatMass(item.unitWeight ?? 0));
  const params = { ...named(alike), mine: piece ?? "", theirs: theirs ?? "" };
  return [finding("item/alike", path, params, { severity: "warning" })];
}

function placePath({ id, item }: PlacedItem, at: string) {
  const path = ["items", id, "location"];
  return item.location.length === 1 ? path : [...path, item.location.indexOf(at)];
}

/** Whether one piece of either could be one of the other: closer than three standard deviations of their difference. */
function areAlike(mine: ItemConfig, theirs: ItemConfig, location: LocationConfig): boolean {
  const { unitWeight: a, unitWeightSpread: spreadA } = mine;
  const { unitWeight: b, unitWeightSpread: spreadB } = theirs;
  // Without a weight there is an error of its own.
  if (a === undefined || b === undefined) return false;
  const { division = divisionDefaultKg } = location;
  // A change of weight is the difference of two readings, each rounded to d: variance d²/12 each.
  const sigma = Math.sqrt((a * spreadA) ** 2 + (b * spreadB) ** 2 + division ** 2 / 6);
  return Math.abs(a - b) <= 3 * sigma;
}
