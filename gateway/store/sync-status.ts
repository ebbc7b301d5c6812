import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { z } from "zod";
import { errorCodes } from "../../drivers/errors.ts";
import { cursorFileName } from "./cursor-file.ts";

/** What the agent says of itself: one row in its file beside the cursors, which the gateway shows. */
export const syncStatusTable = `
  CREATE TABLE IF NOT EXISTS status (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    body TEXT NOT NULL
  ) STRICT`;

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

/** The agent's status; undefined while there is none or it cannot be read. */
export function readSyncStatus(dir: string): SyncStatus | undefined {
  const file = join(dir, cursorFileName);
  if (!existsSync(file)) return undefined;
  const db = openReadOnly(file);
  try {
    const row = db?.prepare<[], { body: string }>("SELECT body FROM status WHERE only = 1").get();
    return row === undefined ? undefined : syncStatusSchema.safeParse(JSON.parse(row.body)).data;
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}

function openReadOnly(file: string): Database.Database | undefined {
  try {
    return new Database(file, { readonly: true, timeout: busyTimeoutMs });
  } catch {
    return undefined;
  }
}
