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

export const syncStatusSchema = z.object({
  /** Last time that central answered as it should, in milliseconds since 1970. */
  lastContactAt: z.number().optional(),
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
