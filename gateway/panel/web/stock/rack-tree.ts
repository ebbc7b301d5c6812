import type { StockView } from "../../stock-api.ts";
import type { LocationView } from "../reading.ts";

/** A location with what is kept there and the locations within it, in the order of the configuration. */
export interface Place {
  readonly location: LocationView;
  readonly lines: readonly StockView[];
  readonly within: readonly Place[];
}

/** Locations nest no deeper: a broken answer might go round in a circle. */
const depthMax = 10;

/** Only places where something is kept, or within which something is; those that hang nowhere stand last. */
export function placesOf(
  locations: readonly LocationView[],
  lines: readonly StockView[],
): readonly Place[] {
  const kept = Map.groupBy(lines, ({ location }) => location);
  const named = new Set(locations.map(({ id }) => id));
  const placesIn = (outer: string | undefined, depth: number): readonly Place[] =>
    locations
      .filter(
        ({ within }) => (within !== undefined && named.has(within) ? within : undefined) === outer,
      )
      .map(
        (location): Place => ({
          location,
          lines: kept.get(location.id) ?? [],
          within: depth < depthMax ? placesIn(location.id, depth + 1) : [],
        }),
      )
      .filter((place) => place.lines.length + place.within.length > 0);
  const known = placesIn(undefined, 0);
  const drawn = new Set(known.flatMap(idsOf));
  const rest = [...kept].filter(([id]) => !drawn.has(id));
  return [
    ...known,
    ...rest.map(
      ([id, its]): Place => ({
        location: locations.find((it) => it.id === id) ?? { id, kind: "shelf", points: [] },
        lines: its,
        within: [],
      }),
    ),
  ];
}

function idsOf({ location, within }: Place): readonly string[] {
  return [location.id, ...within.flatMap(idsOf)];
}
