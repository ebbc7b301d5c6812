import { mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import Sqlite from "better-sqlite3";
import type { SyncText } from "../config/language/sync.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { cursorFileName, cursorTable } from "../gateway/store/cursor-file.ts";
import type { Chunk, Lane } from "../gateway/store/store.ts";
import { type SyncStatus, syncStatusTable } from "../gateway/store/sync-status.ts";

/** The gateway reads these rows for some milliseconds each second. */
const busyTimeoutMs = 2_000;

/** Chunks on record as damaged: the newest; each is a gap at central as well. */
const setAsideMax = 1_000;

const setAsideTable = `
  CREATE TABLE IF NOT EXISTS set_aside (
    lane TEXT NOT NULL, epoch TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    hash TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (lane, epoch, first_seq)
  ) STRICT, WITHOUT ROWID`;

/**
 * The agent's own file. Nothing in it is needed to be right: central knows the marks, so a lost or damaged file is begun
 * anew. The rollback journal lets another user read it without the right to write beside it.
 */
export class Progress implements Disposable {
  readonly #db: Sqlite.Database;
  readonly #file: string;
  readonly #text: SyncText;

  /** @throws RackwatchError `store/io` when the file cannot be made. */
  constructor(dir: string, text: SyncText) {
    this.#file = join(dir, cursorFileName);
    this.#text = text;
    this.#db = this.#attempt(() => {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o750 });
      return openOrReplace(this.#file);
    });
  }

  cursor(lane: Lane, epoch: string): number {
    return this.#attempt(() => {
      const row = this.#db
        .prepare<[string, string], { seq: number }>(
          "SELECT seq FROM cursor WHERE lane = ? AND epoch = ?",
        )
        .get(lane, epoch);
      return row?.seq ?? 0;
    });
  }

  /** @throws RackwatchError `store/io`: the old cursor holds, rows are sent again, central skips them. */
  moveCursor(lane: Lane, epoch: string, seq: number, at: number): void {
    this.#attempt(() =>
      this.#db
        .prepare("INSERT OR REPLACE INTO cursor (lane, epoch, seq, at) VALUES (?, ?, ?, ?)")
        .run(lane, epoch, seq, Math.round(at)),
    );
  }

  saveStatus(status: SyncStatus): void {
    this.#attempt(() =>
      this.#db
        .prepare("INSERT OR REPLACE INTO status (only, body) VALUES (1, ?)")
        .run(JSON.stringify(status)),
    );
  }

  setAside(chunk: Chunk, epoch: string, at: number): void {
    this.#attempt(() => {
      this.#db
        .prepare("INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?, ?)")
        .run(chunk.lane, epoch, chunk.firstSeq, chunk.lastSeq, chunk.hash, Math.round(at));
      this.#db
        .prepare(
          `DELETE FROM set_aside WHERE (lane, epoch, first_seq) NOT IN
             (SELECT lane, epoch, first_seq FROM set_aside ORDER BY at DESC LIMIT ?)`,
        )
        .run(setAsideMax);
    });
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (!(cause instanceof Sqlite.SqliteError) && !isSystemError(cause)) throw cause;
      const { message, todo } = this.#text.state(this.#file);
      throw new RackwatchError("store/io", message, { where: this.#file, todo, cause });
    }
  }
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}

function openOrReplace(file: string): Sqlite.Database {
  try {
    return open(file);
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
    if (error.code !== "SQLITE_CORRUPT" && error.code !== "SQLITE_NOTADB") throw error;
    for (const part of ["", "-journal", "-wal", "-shm"]) rmSync(`${file}${part}`, { force: true });
    return open(file);
  }
}

function open(file: string): Sqlite.Database {
  const db = new Sqlite(file, { timeout: busyTimeoutMs });
  try {
    db.pragma("journal_mode = DELETE");
    for (const table of [cursorTable, syncStatusTable, setAsideTable]) db.exec(table);
    db.pragma("quick_check");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
