import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import type { SyncText } from "../config/language/sync.ts";
import { RackwatchError } from "../drivers/errors.ts";

/** The gateway reads these rows for some milliseconds each second. */
const busyTimeoutMs = 2_000;

/**
 * Opens the agent's own file with these tables. Nothing in it is needed to be right, so that a lost or damaged file is
 * begun anew. The rollback journal lets another user read it without the right to write beside it.
 */
export function openAgentFile(file: string, tables: readonly string[]): Sqlite.Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  try {
    return open(file, tables);
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    if (error.code !== "SQLITE_CORRUPT" && error.code !== "SQLITE_NOTADB") throw error;
    for (const part of ["", "-journal", "-wal", "-shm"]) rmSync(`${file}${part}`, { force: true });
    return open(file, tables);
  }
}

function open(file: string, tables: readonly string[]): Sqlite.Database {
  const db = new Sqlite(file, { timeout: busyTimeoutMs });
  try {
    db.pragma("journal_mode = DELETE");
    for (const table of tables) db.exec(table);
    db.pragma("quick_check");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Runs work on the agent's file. @throws RackwatchError `store/io` for what goes wrong with file or disk. */
export function onAgentFile<T>(file: string, text: SyncText, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof Sqlite.SqliteError) && !isSystemError(cause)) throw cause;
    const { message, todo } = text.state(file);
    throw new RackwatchError("store/io", message, { where: file, todo, cause });
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
