import { countedRoads, roadsOf } from "../config/roads.ts";
import type { Config } from "../config/schema/config.ts";
import type { RoadView } from "./panel/sync-api.ts";
import type { Lane } from "./store/store.ts";
import type { RoadStatuses } from "./store/sync-status.ts";

export interface RoadsInput {
  readonly sync: Config["sync"];
  readonly statuses: RoadStatuses;
  /** Highest number that the store gave out. */
  readonly head: (lane: Lane) => number;
  /** How far a road is. */
  readonly cursor: (road: string, lane: Lane) => number;
}

/** Each way by which rows leave: how far it is, and what stands in its way. */
export function roadViews({ sync, statuses, head, cursor }: RoadsInput): readonly RoadView[] {
  if (sync === undefined) return [];
  const counted = countedRoads(sync);
  return roadsOf(sync).map(({ name, settings }) => {
    const { lastContactAt, problem, figures } = statuses.get(name) ?? {};
    const backlog = (lane: Lane) => Math.max(0, head(lane) - cursor(name, lane));
    return {
      name,
      via: settings.via,
      counted: counted.includes(name),
      backlog: { events: backlog("events"), samples: backlog("samples") },
      ...(lastContactAt === undefined ? {} : { lastContactAt }),
      ...(problem === undefined ? {} : { problem }),
      ...(figures?.etaMs === undefined ? {} : { etaMs: figures.etaMs }),
    };
  });
}
