import { join } from "node:path";
import type Sqlite from "better-sqlite3";
import type { SyncText } from "../config/language/sync.ts";
import {
  cursorFileName,
  cursorTable,
  readCursor,
  writeCursor,
} from "../gateway/store/cursor-file.ts";
import type { Chunk, Lane } from "../gateway/store/store.ts";
import { type SyncStatus, syncStatusTable } from "../gateway/store/sync-status.ts";
import { onAgentFile, openAgentFile } from "./agent-file.ts";

/** Chunks on record as damaged: the newest; each is a gap at central as well. */
const setAsideMax = 1_000;

const setAsideTable = `
  CREATE TABLE IF NOT EXISTS set_aside (
    lane TEXT NOT NULL, epoch TEXT NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
    hash TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (lane, epoch, first_seq)
  ) STRICT, WITHOUT ROWID`;

/**
 * A cursor that a power cut takes back or tears costs a hello, and forcing each of them would write 40 KB to the card, more
 * than the samples themselves. One that goes back is forced: rows above it must not be taken for confirmed. What nobody
 * else remembers, as deliveries of pushes, has no place in this file.
 */
const unforced = "synchronous = OFF";
const forced = "synchronous = FULL";

/** How far central is, in a file of its own. Central knows the marks itself: a lost or damaged file costs nothing. */
export class Progress implements Disposable {
  readonly #db: Sqlite.Database;
  readonly #file: string;
  readonly #text: SyncText;

  /** @throws RackwatchError `store/io` when the file cannot be made. */
  constructor(dir: string, text: SyncText) {
    this.#file = join(dir, cursorFileName);
    this.#text = text;
    this.#db = this.#attempt(() => {
      const db = openAgentFile(this.#file, [cursorTable, syncStatusTable, setAsideTable]);
      db.pragma(unforced);
      return db;
    });
  }

  cursor(lane: Lane, epoch: string): number {
    return this.#attempt(() => readCursor(this.#db, lane, epoch) ?? 0);
  }

  /** @throws RackwatchError `store/io`: the old cursor holds, rows are sent again, central skips them. */
  moveCursor(lane: Lane, epoch: string, seq: number, at: number): void {
    const back = seq < this.cursor(lane, epoch);
    this.#attempt(() => {
      if (back) this.#db.pragma(forced);
      writeCursor(this.#db, { lane, epoch, seq, at });
      if (back) this.#db.pragma(unforced);
    });
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
    return onAgentFile(this.#file, this.#text, work);
  }
}
