import type { Change, PointView, Snapshot } from "../api.ts";

/** What is known after a change: points by key, every other part whole. */
export function applyChange(known: Snapshot, change: Change): Snapshot {
  return {
    gateway: change.gateway ?? known.gateway,
    points: change.points === undefined ? known.points : mergePoints(known.points, change.points),
    alarms: change.alarms ?? known.alarms,
    outputs: change.outputs ?? known.outputs,
    sync: change.sync ?? known.sync,
    notices: change.notices ?? known.notices,
  };
}

function mergePoints(known: readonly PointView[], changed: readonly PointView[]): PointView[] {
  const byKey = new Map(known.map((point) => [point.key, point]));
  for (const point of changed) byKey.set(point.key, point);
  return [...byKey.values()];
}

const lists = ["points", "alarms", "outputs", "notices"] as const;
const records = ["gateway", "sync"] as const;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Parts that are there have their form. The gateway checked every field against the same schema before it sent it;
 * this catches what is not from the gateway at all, such as the page of a proxy.
 */
export function isChange(value: unknown): value is Change {
  return (
    isRecord(value) &&
    lists.every((part) => value[part] === undefined || Array.isArray(value[part])) &&
    (value["stock"] === undefined || Array.isArray(value["stock"])) &&
    records.every((part) => value[part] === undefined || isRecord(value[part]))
  );
}

export function isSnapshot(value: unknown): value is Snapshot {
  return (
    isChange(value) &&
    lists.every((part) => value[part] !== undefined) &&
    records.every((part) => value[part] !== undefined)
  );
}
