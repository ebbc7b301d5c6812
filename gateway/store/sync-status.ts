import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { z } from "zod";
import { centralRoad } from "../../config/roads.ts";
import { errorCodes } from "../../drivers/errors.ts";
import { cursorFileName } from "./cursor-file.ts";

/** What the agent says of itself: one row in its file beside the cursors, which the gateway shows. */
export const syncStatusTable = `
  CREATE TABLE IF NOT EXISTS status (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    body TEXT NOT NULL
  ) STRICT`;

/** The same of the roads besides `central`. */
export const roadStatusTable = `
  CREATE TABLE IF NOT EXISTS road_status (
    road TEXT PRIMARY KEY,
    body TEXT NOT NULL
  ) STRICT, WITHOUT ROWID`;

const perLane = z.object({ events: z.number(), samples: z.number() });

/** What the agent did since it started, and how far it is. Written at each change of a problem and about each 10 s. */
const syncFiguresSchema = z.object({
  /** When this was written and when the agent started, in milliseconds since 1970. */
  at: z.number(),
  startedAt: z.number(),
  /** Last hello that was answered, the version of the contract that came of it, and central's clock less this one. */
  helloAt: z.number().optional(),
  schemaVersion: z.number().optional(),
  clockAheadMs: z.number().optional(),
  batches: perLane,
  rows: perLane,
  /** Bytes of the batches as they were sent: compressed, without headers. */
  bytes: perLane,
  snapshots: z.number(),
  /** Declarations of rows that will never come. */
  gaps: z.number(),
  /** Rows that central refused and keeps on record. */
  rejectedRows: z.number(),
  /** Failed requests by code. */
  failures: z.record(z.string(), z.number()),
  /** Most rows of the next batch. */
  batchRows: z.number(),
  /** How long the last batch took from sending to answer. */
  requestMs: z.number().optional(),
  /** Samples a second that central took lately. */
  rowsPerSecond: z.number().optional(),
  /** Rows that central does not have yet. */
  backlog: perLane,
  /** Age of the oldest sample that was sent last: how far central's history is behind. */
  behindMs: z.number().optional(),
  /** Until the backlog is gone, at the rate of lately less what comes meanwhile. */
  etaMs: z.number().optional(),
});
export type SyncFigures = z.infer<typeof syncFiguresSchema>;

export const syncStatusSchema = z.object({
  /** Last time that central answered as it should, in milliseconds since 1970. */
  lastContactAt: z.number().optional(),
  figures: syncFiguresSchema.optional(),
  /** What stands in the way now. */
  problem: z
    .object({
      code: z.enum(errorCodes),
      message: z.string(),
      where: z.string().optional(),
      todo: z.string().optional(),
      since: z.number(),
    })
    .optional(),
});
export type SyncStatus = z.infer<typeof syncStatusSchema>;

/** A reader gives up after this and shows what it knew before. */
const busyTimeoutMs = 50;

export type RoadStatuses = ReadonlyMap<string, SyncStatus>;

/** What the agent wrote of each road; undefined while the file cannot be read. */
export function readRoadStatuses(dir: string): RoadStatuses | undefined {
  const file = join(dir, cursorFileName);
  if (!existsSync(file)) return undefined;
  const db = openReadOnly(file);
  try {
    const found = new Map<string, SyncStatus>();
    for (const { road, body } of db?.prepare<[], Row>(statusQuery(db)).all() ?? []) {
      const status = syncStatusSchema.safeParse(JSON.parse(body)).data;
      if (status !== undefined) found.set(road, status);
    }
    return found;
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}

interface Row {
  readonly road: string;
  readonly body: string;
}

/** An agent without further roads may have made no table for them. */
function statusQuery(db: Database.Database): string {
  const central = `SELECT '${centralRoad}' AS road, body FROM status WHERE only = 1`;
  const further = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'road_status'").get();
  if (further === undefined) return central;
  return `${central} UNION ALL SELECT road, body FROM road_status WHERE road <> '${centralRoad}'`;
}

/**
 * The one that speaks for all: that of `central`, else of whichever of these roads was heard of last, or has written at least;
 * undefined while there is none.
 */
export function leadingStatus(
  statuses: RoadStatuses | undefined,
  roads: readonly string[] = [],
): SyncStatus | undefined {
  const central = statuses?.get(centralRoad);
  if (central !== undefined && (roads.length === 0 || roads.includes(centralRoad))) return central;
  const known = roads.flatMap((road) => statuses?.get(road) ?? []);
  const heardAt = ({ lastContactAt, figures }: SyncStatus) =>
    [lastContactAt ?? 0, figures?.at ?? 0] as const;
  return known.toSorted((a, b) => {
    const [contactA, atA] = heardAt(a);
    const [contactB, atB] = heardAt(b);
    return contactB - contactA || atB - atA;
  })[0];
}

/** The agent's status; undefined while there is none or it cannot be read. */
export function readSyncStatus(dir: string, roads?: readonly string[]): SyncStatus | undefined {
  return leadingStatus(readRoadStatuses(dir), roads);
}

function openReadOnly(file: string): Database.Database | undefined {
  try {
    return new Database(file, { readonly: true, timeout: busyTimeoutMs });
  } catch {
    return undefined;
  }
}
