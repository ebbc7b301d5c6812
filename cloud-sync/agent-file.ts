import { mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite from "better-sqlite3";
import type { SyncText } from "../config/language/sync.ts";
import { RackwatchError } from "../drivers/errors.ts";

/** The gateway reads these rows for some milliseconds each second. */
export const busyMsMax = 2_000;

export interface AgentFileMode {
  /**
   * Where the rollback journal is: a file beside it, or memory, so that a change needs no room on the card, and a process
   * that is killed within one may leave a damaged file. Either lets another user read without the right to write beside it.
   */
  readonly journal: "DELETE" | "MEMORY";
  /** How long a call waits for whoever else uses the file. */
  readonly busyMs: number;
}

/**
 * Opens the agent's own file with these tables. Nothing in it is needed to be right, so that a lost or damaged file is
 * begun anew.
 */
export function openAgentFile(
  file: string,
  tables: readonly string[],
  mode: AgentFileMode,
): Sqlite.Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
  try {
    return open(file, tables, mode);
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    if (error.code !== "SQLITE_CORRUPT" && error.code !== "SQLITE_NOTADB") throw error;
    for (const part of ["", "-journal", "-wal", "-shm"]) rmSync(`${file}${part}`, { force: true });
    return open(file, tables, mode);
  }
}

function open(file: string, tables: readonly string[], mode: AgentFileMode): Sqlite.Database {
  const db = new Sqlite(file, { timeout: mode.busyMs });
  try {
    db.pragma(`journal_mode = ${mode.journal}`);
    for (const table of tables) db.exec(table);
    const found = db.pragma("quick_check(1)", { simple: true });
    if (found !== "ok") throw new Sqlite.SqliteError(String(found), "SQLITE_CORRUPT");
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
