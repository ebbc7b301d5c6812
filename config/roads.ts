import type { Config } from "./schema/config.ts";

type SyncSection = NonNullable<Config["sync"]>;
export type RoadSettings = SyncSection["uplinks"][string];

/** One way by which rows leave, with a place in the log of its own. */
export interface Road {
  readonly name: string;
  readonly settings: RoadSettings;
}

/** Name of the road that `sync.central` itself describes. */
export const centralRoad = "central";

/** All roads of a configuration, that of `sync.central` first. */
export function roadsOf({
  central,
  credentials,
  caFile,
  proxy,
  uplinks,
}: SyncSection): readonly Road[] {
  const further = Object.entries(uplinks).map(([name, settings]) => ({ name, settings }));
  if (central === undefined) return further;
  const settings = { via: "http" as const, central, credentials, caFile, proxy, required: true };
  return [{ name: centralRoad, settings }, ...further];
}

/** Names of the roads that must have a row before it counts as confirmed: the required ones, all where none is. */
export function countedRoads(sync: SyncSection): readonly string[] {
  const roads = roadsOf(sync);
  const required = roads.filter(({ settings }) => settings.required);
  return (required.length > 0 ? required : roads).map(({ name }) => name);
}
