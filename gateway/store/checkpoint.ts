import type Database from "better-sqlite3";
import type { Log } from "../../drivers/contract.ts";
import { isFull, storeError } from "./failure.ts";

/** `RESTART` keeps the log's room for what comes next, `TRUNCATE` gives it back to the disk. */
export type CheckpointMode = "RESTART" | "TRUNCATE";

/** Folds the write-ahead log in. False: something stands in the way (a reader, no room), it is for the next time. */
export function checkpoint(
  db: Database.Database,
  mode: CheckpointMode,
  busyTimeoutMs: number,
  log: Log,
): boolean {
  try {
    // A reader in the way is not waited for: lamps are due.
    db.pragma("busy_timeout = 0");
    const [result] = checkpointRows(db.pragma(`wal_checkpoint(${mode})`));
    if (result?.busy === 1) log.warn("store.checkpoint-busy");
    return result?.busy === 0;
  } catch (error) {
    if (!isFull(storeError(error, ""))) throw error;
    return false;
  } finally {
    db.pragma(`busy_timeout = ${busyTimeoutMs}`);
  }
}

function checkpointRows(result: unknown): { busy?: unknown }[] {
  return Array.isArray(result) ? result : [];
}
