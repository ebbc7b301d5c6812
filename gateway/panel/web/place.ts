import type { LocationView } from "./reading.ts";

/** Longest chain of locations that is followed: a configuration cannot nest deeper, a broken answer might. */
const depthMax = 10;

/** A location with those around it, the nearest first: `Shelf A1, Cold room 2`. */
export function placeText(
  locations: readonly LocationView[],
  id: string | undefined,
): string | undefined {
  if (id === undefined) return undefined;
  const names: string[] = [];
  let next: string | undefined = id;
  while (next !== undefined && names.length < depthMax) {
    const found: LocationView | undefined = locations.find((it) => it.id === next);
    names.push(found?.name ?? next);
    next = found?.within;
  }
  return names.join(", ");
}
