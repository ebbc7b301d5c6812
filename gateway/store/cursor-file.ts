import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import Database from "better-sqlite3";
import type { Lane } from "./store.ts";

/**
 * The agent's file below the data folder: the agent alone writes it, the gateway reads it. It has a folder of its own
 * because the agent may not write beside gateway.db (docs/decisions/0032-who-writes-where.md).
 */
export const cursorFileName = "sync/cursor.db";

/**
 * How far central confirmed each lane of each epoch. The agent creates it with this statement, and keeps a rollback
 * journal (in memory): a reader of a write-ahead log would need the right to write beside it. The file is not
 * forced to the card, so that a power cut may tear a page: a row whose `sum` is not its own counts as none.
 */
export const cursorTable = `
  CREATE TABLE IF NOT EXISTS cursor (
    lane TEXT NOT NULL,
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY (lane, epoch)
  ) STRICT, WITHOUT ROWID`;

/** How far central is with one lane of one epoch. `at`: when it was so, in milliseconds since 1970. */
export interface Cursor {
  readonly lane: Lane;
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
}

/** Writes a row of `cursorTable`, the one that is there for this lane and epoch is replaced. */
export function writeCursor(db: Database.Database, { lane, epoch, seq, at }: Cursor): void {
  db.prepare(
    "INSERT OR REPLACE INTO cursor (lane, epoch, seq, at, sum) VALUES (?, ?, ?, ?, ?)",
  ).run(lane, epoch, seq, Math.round(at), sumOf(lane, epoch, seq));
}

/** Highest number that central confirmed; undefined without a row, and for one that is damaged. */
export function readCursor(db: Database.Database, lane: Lane, epoch: string): number | undefined {
  const row = db
    .prepare<[string, string], { seq: number; sum: number }>(
      "SELECT seq, sum FROM cursor WHERE lane = ? AND epoch = ?",
    )
    .get(lane, epoch);
  return row?.sum === sumOf(lane, epoch, row?.seq ?? 0) ? row?.seq : undefined;
}

function sumOf(lane: Lane, epoch: string, seq: number): number {
  return crc32(`${lane}/${epoch}/${seq}`);
}

/** A reader gives up after this: the last known cursor is behind at worst, and rows stay a little longer. */
const busyTimeoutMs = 50;

/** Reads the agent's cursors; whatever is wrong with the file counts as nothing confirmed since the last look. */
export class CursorFile implements Disposable {
  readonly #file: string;
  readonly #known = new Map<string, number>();
  #db: Database.Database | undefined;
  #inode = 0;

  constructor(dir: string) {
    this.#file = join(dir, cursorFileName);
  }

  /** Highest sequence number of the lane that central confirmed; 0 before any. */
  read(lane: Lane, epoch: string): number {
    const key = `${lane}/${epoch}`;
    try {
      const db = this.#open();
      const seq = db === undefined ? undefined : readCursor(db, lane, epoch);
      if (seq !== undefined) this.#known.set(key, seq);
    } catch {
      this[Symbol.dispose]();
    }
    return this.#known.get(key) ?? 0;
  }

  [Symbol.dispose](): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #open(): Database.Database | undefined {
    const inode = existsSync(this.#file) ? statSync(this.#file).ino : 0;
    if (inode !== this.#inode) this[Symbol.dispose]();
    this.#inode = inode;
    if (inode === 0) return undefined;
    this.#db ??= new Database(this.#file, { readonly: true, timeout: busyTimeoutMs });
    return this.#db;
  }
}
