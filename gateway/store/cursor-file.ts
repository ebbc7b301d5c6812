import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import Database from "better-sqlite3";
import { centralRoad } from "../../config/roads.ts";
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

/** The same for the roads besides `central`: what is at the other end of each is how far that road is. */
export const roadCursorTable = `
  CREATE TABLE IF NOT EXISTS road_cursor (
    road TEXT NOT NULL,
    lane TEXT NOT NULL,
    epoch TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    sum INTEGER NOT NULL,
    PRIMARY KEY (road, lane, epoch)
  ) STRICT, WITHOUT ROWID`;

/** The roads that the agent has, and whether a row is confirmed only when this one has it: for readers without a configuration. */
export const roadTable = `
  CREATE TABLE IF NOT EXISTS road (
    name TEXT PRIMARY KEY,
    counted INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID`;

/** How far one road is with one lane of one epoch. `at`: when it was so, in milliseconds since 1970. */
export interface Cursor {
  readonly lane: Lane;
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
}

/** Writes how far a road is; the row that is there for this lane and epoch is replaced. */
export function writeCursor(
  db: Database.Database,
  { lane, epoch, seq, at }: Cursor,
  road = centralRoad,
): void {
  const sum = sumOf(lane, epoch, seq, road);
  if (road === centralRoad) {
    db.prepare(
      "INSERT OR REPLACE INTO cursor (lane, epoch, seq, at, sum) VALUES (?, ?, ?, ?, ?)",
    ).run(lane, epoch, seq, Math.round(at), sum);
    return;
  }
  db.prepare(
    "INSERT OR REPLACE INTO road_cursor (road, lane, epoch, seq, at, sum) VALUES (?, ?, ?, ?, ?, ?)",
  ).run(road, lane, epoch, seq, Math.round(at), sum);
}

interface Row {
  readonly seq: number;
  readonly sum: number;
}

/** Highest number that the road confirmed; undefined without a row, and for one that is damaged. */
export function readCursor(
  db: Database.Database,
  lane: Lane,
  epoch: string,
  road = centralRoad,
): number | undefined {
  const row =
    road === centralRoad
      ? db
          .prepare<[string, string], Row>(
            "SELECT seq, sum FROM cursor WHERE lane = ? AND epoch = ?",
          )
          .get(lane, epoch)
      : db
          .prepare<[string, string, string], Row>(
            "SELECT seq, sum FROM road_cursor WHERE road = ? AND lane = ? AND epoch = ?",
          )
          .get(road, lane, epoch);
  return row?.sum === sumOf(lane, epoch, row?.seq ?? 0, road) ? row?.seq : undefined;
}

function sumOf(lane: Lane, epoch: string, seq: number, road: string): number {
  const of = road === centralRoad ? "" : `${road}/`;
  return crc32(`${of}${lane}/${epoch}/${seq}`);
}

/** A reader gives up after this: the last known cursor is behind at worst, and rows stay a little longer. */
const busyTimeoutMs = 50;

/**
 * Reads the agent's cursors; whatever is wrong with the file counts as nothing confirmed since the last look. Of several roads
 * the one that is furthest behind counts.
 */
export class CursorFile implements Disposable {
  readonly #file: string;
  readonly #roads: (() => readonly string[]) | undefined;
  readonly #known = new Map<string, number>();
  #db: Database.Database | undefined;
  #inode = 0;

  /** @param roads Which must have a row before it is confirmed; absent: those that the agent says in its file. */
  constructor(dir: string, roads?: () => readonly string[]) {
    this.#file = join(dir, cursorFileName);
    this.#roads = roads;
  }

  /** Highest sequence number of the lane that all counted roads confirmed; 0 before any. */
  read(lane: Lane, epoch: string): number {
    const roads = this.#roads?.() ?? this.#recorded();
    return Math.min(...roads.map((road) => this.readRoad(road, lane, epoch)));
  }

  /** How far one road is. */
  readRoad(road: string, lane: Lane, epoch: string): number {
    const key = `${road}/${lane}/${epoch}`;
    try {
      const db = this.#open();
      const seq = db === undefined ? undefined : readCursor(db, lane, epoch, road);
      if (seq !== undefined) this.#known.set(key, seq);
    } catch {
      this[Symbol.dispose]();
    }
    return this.#known.get(key) ?? 0;
  }

  /** An agent without further roads may have written none of this. */
  #recorded(): readonly string[] {
    try {
      const rows = this.#open()
        ?.prepare<[], { name: string }>("SELECT name FROM road WHERE counted = 1")
        .all();
      if (rows !== undefined && rows.length > 0) return rows.map(({ name }) => name);
    } catch {
      this[Symbol.dispose]();
    }
    return [centralRoad];
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
