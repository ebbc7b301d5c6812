import { join } from "node:path";
import Sqlite from "better-sqlite3";
import type { SyncText } from "../config/language/sync.ts";
import { centralRoad } from "../config/roads.ts";
import { RackwatchError } from "../drivers/errors.ts";
import {
  type Cursor,
  cursorFileName,
  cursorTable,
  readCursor,
  roadCursorTable,
  roadTable,
  writeCursor,
} from "../gateway/store/cursor-file.ts";
import type { Chunk, Lane } from "../gateway/store/store.ts";
import { roadStatusTable, type SyncStatus, syncStatusTable } from "../gateway/store/sync-status.ts";
import { busyMsMax, onAgentFile, openAgentFile } from "./agent-file.ts";

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

/**
 * Room that the file takes when it is made and never gives back: more than all of its tables. A card without a free byte
 * takes changes within it, and only by them the store learns what central has and may go.
 */
const reserveBytes = 262_144;

/**
 * How far one road is, in the file of all of them. Central knows the marks itself: a lost or damaged file costs nothing. A mark that
 * the file does not take holds in memory, so that rows go on; two lanes of one epoch at a time, the rest of them is central's.
 */
export class Progress implements Disposable {
  readonly #file: string;
  readonly #text: SyncText;
  readonly #road: string;
  readonly #unwritten = new Map<string, Cursor>();
  #db: Sqlite.Database | undefined;
  /** Nobody waits a second time for a file that somebody else keeps locked: requests to central and pushes are due. */
  #busyMs = busyMsMax;

  constructor(dir: string, text: SyncText, road = centralRoad) {
    this.#file = join(dir, cursorFileName);
    this.#text = text;
    this.#road = road;
  }

  /** False while marks hold in memory only. */
  get written(): boolean {
    return this.#unwritten.size === 0;
  }

  /** Undefined: neither memory nor file tell, because the file cannot be read now. */
  cursor(lane: Lane, epoch: string): number | undefined {
    const kept = this.#unwritten.get(lane);
    if (kept?.epoch === epoch) return kept.seq;
    try {
      return this.#attempt((db) => readCursor(db, lane, epoch, this.#road) ?? 0);
    } catch (error) {
      if (error instanceof RackwatchError && error.code === "store/io") return undefined;
      throw error;
    }
  }

  /** @throws RackwatchError `store/io`: it holds in memory, and `write` writes it. */
  moveCursor(lane: Lane, epoch: string, seq: number, at: number): void {
    this.#unwritten.set(lane, { lane, epoch, seq, at });
    this.write();
  }

  /** Writes what is in memory only. @throws RackwatchError `store/io` */
  write(): void {
    if (this.written) return;
    this.#attempt((db) => {
      const cursors = [...this.#unwritten.values()];
      const back = cursors.some(
        ({ lane, epoch, seq }) => seq < (readCursor(db, lane, epoch, this.#road) ?? 0),
      );
      db.pragma(back ? forced : unforced);
      db.transaction(() => {
        for (const cursor of cursors) writeCursor(db, cursor, this.#road);
      })();
    });
    this.#unwritten.clear();
    this.#busyMs = busyMsMax;
  }

  /** @throws RackwatchError `store/io` */
  saveStatus(status: SyncStatus): void {
    const body = JSON.stringify(status);
    this.#attempt((db) => {
      if (this.#road === centralRoad) {
        db.prepare("INSERT OR REPLACE INTO status (only, body) VALUES (1, ?)").run(body);
        return;
      }
      db.prepare("INSERT OR REPLACE INTO road_status (road, body) VALUES (?, ?)").run(
        this.#road,
        body,
      );
    });
  }

  /**
   * Which roads there are; what is known of others is forgotten: one that comes back under an old name may lead elsewhere.
   * @throws RackwatchError `store/io`
   */
  keepRoads(roads: readonly { readonly name: string; readonly counted: boolean }[]): void {
    this.#attempt((db) =>
      db.transaction(() => {
        db.exec("DELETE FROM road");
        const insert = db.prepare("INSERT INTO road (name, counted) VALUES (?, ?)");
        for (const { name, counted } of roads) insert.run(name, counted ? 1 : 0);
        for (const table of ["road_cursor", "road_status"]) {
          db.exec(`DELETE FROM ${table} WHERE road NOT IN (SELECT name FROM road)`);
        }
      })(),
    );
  }

  /** @throws RackwatchError `store/io` */
  setAside(chunk: Chunk, epoch: string, at: number): void {
    this.#attempt((db) => {
      db.prepare("INSERT OR REPLACE INTO set_aside VALUES (?, ?, ?, ?, ?, ?)").run(
        ...[chunk.lane, epoch, chunk.firstSeq, chunk.lastSeq, chunk.hash, Math.round(at)],
      );
      db.prepare(
        `DELETE FROM set_aside WHERE (lane, epoch, first_seq) NOT IN
           (SELECT lane, epoch, first_seq FROM set_aside ORDER BY at DESC LIMIT ?)`,
      ).run(setAsideMax);
    });
  }

  [Symbol.dispose](): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #attempt<T>(work: (db: Sqlite.Database) => T): T {
    try {
      return onAgentFile(this.#file, this.#text, () => {
        this.#db ??= openProgress(this.#file, this.#busyMs);
        return work(this.#db);
      });
    } catch (error) {
      this.#busyMs = 0;
      this[Symbol.dispose]();
      throw error;
    }
  }
}

function openProgress(file: string, busyMs: number): Sqlite.Database {
  const further = [roadTable, roadCursorTable, roadStatusTable];
  const tables = [cursorTable, syncStatusTable, setAsideTable, ...further];
  const db = openAgentFile(file, tables, { journal: "MEMORY", busyMs });
  try {
    db.pragma(unforced);
    reserve(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Pages that were written once and are free belong to the file: SQLite takes them before it asks the card for more. */
function reserve(db: Sqlite.Database): void {
  const bytes = Number(db.pragma("page_count", { simple: true })) * pageBytes(db);
  if (bytes >= reserveBytes) return;
  try {
    db.exec(`CREATE TABLE reserve AS SELECT zeroblob(${reserveBytes}) AS bytes`);
    db.exec("DROP TABLE reserve");
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError)) throw error;
  }
}

function pageBytes(db: Sqlite.Database): number {
  return Number(db.pragma("page_size", { simple: true }));
}
