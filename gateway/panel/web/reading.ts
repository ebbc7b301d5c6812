import type { GatewayView, PointView } from "../api.ts";

export type LocationView = GatewayView["locations"][number];

/** How a point's value is to be read at this moment. */
export type Reading = "waiting" | "good" | "uncertain" | "bad" | "old";

/**
 * A bad value says so whatever its age: its reason tells more than "old" does. `outdated`: nobody vouches for any value
 * any more.
 */
export function readingOf(point: PointView, now: number, outdated = false): Reading {
  if (point.quality === undefined || point.sampledAt === undefined) return "waiting";
  if (point.quality === "bad") return "bad";
  if (outdated || point.stale || now - point.sampledAt > point.staleAfterMs) return "old";
  return point.quality;
}

export interface PointGroup {
  /** Location id; absent for points that watch no location. */
  readonly location?: LocationView;
  readonly within?: LocationView;
  readonly ownHealth: boolean;
  readonly points: readonly PointView[];
}

/** Points that the gateway has about itself carry this device name. */
const ownDevice = "gateway/";

/** Locations in the order of the configuration, then points of no location, then the gateway itself. */
export function groupPoints(
  locations: readonly LocationView[],
  points: readonly PointView[],
): readonly PointGroup[] {
  const home = new Map<string, string>();
  for (const location of locations) for (const key of location.points) home.set(key, location.id);
  const locationOf = (point: PointView) => point.location ?? home.get(point.key);
  const known = new Map(locations.map((location) => [location.id, location]));

  const groups: PointGroup[] = locations.map((location) => {
    const within = location.within === undefined ? undefined : known.get(location.within);
    const inside = points.filter((point) => locationOf(point) === location.id);
    return { location, ownHealth: false, points: inside, ...(within && { within }) };
  });
  const rest = points.filter((point) => !known.has(locationOf(point) ?? ""));
  const own = rest.filter((point) => point.key.startsWith(ownDevice));
  const other = rest.filter((point) => !point.key.startsWith(ownDevice));
  return [...groups, { ownHealth: false, points: other }, { ownHealth: true, points: own }].filter(
    (group) => group.points.length > 0,
  );
}

/** What a person calls a point: its name, else its key. */
export function pointName(point: { readonly key: string; readonly name?: string | undefined }) {
  return point.name ?? point.key;
}
