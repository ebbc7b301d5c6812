import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import Database from "better-sqlite3";
import { migrate, schemaVersion, userVersion } from "./schema.ts";

/** Bytes of a page, as SQLite has it by default. */
const pageBytes = 4_096;

/** Bytes of the file's header: the b-tree of page 1 begins behind it (sqlite.org/fileformat2.html, 1.3). */
const headerBytes = 100;

const magic = "SQLite format 3\0";

/** Longest jump over what cannot be read: no sequence number is higher. */
const jumpMax = 2 ** 48;

/** What a column can hold. */
type Cell = number | string | Buffer | null;
export type Row = Readonly<Record<string, Cell>>;

/**
 * A damaged database, to be read as far as it can be. Its header, or its first page, is put back when it is gone: every
 * database of this program begins with the same page, and what stood there is kept beside it as `.page1`.
 * @returns undefined when nothing of it can be read.
 */
export function openDamaged(file: string): Database.Database | undefined {
  let db: Database.Database | undefined;
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < 2 * pageBytes) return undefined;
    repairFirstPage(file);
    db = openedUnsafe(file);
    if (!isSchemaLost(db)) return db;
    db.close();
    restoreSchema(file);
    db = openedUnsafe(file);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError || isSystemError(error)) return undefined;
    throw error;
  }
}

function openedUnsafe(file: string): Database.Database {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    // Lets a file that is shorter than its header says be read as far as it goes.
    db.unsafeMode(true);
    db.pragma("writable_schema = ON");
    db.prepare("SELECT count(*) FROM sqlite_schema").get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A table is not known any more, and those that are stand where each database of this version has them. */
function isSchemaLost(db: Database.Database): boolean {
  if (userVersion(db) !== schemaVersion) return false;
  const fresh = new Database(":memory:");
  migrate(fresh);
  const expected = rootsOf(fresh);
  fresh.close();
  const found = rootsOf(db);
  const isElsewhere = [...expected].some(([name, root]) => (found.get(name) ?? root) !== root);
  const isKnown = (name: string) => prepared(db, `SELECT 1 FROM ${name} LIMIT 0`) !== undefined;
  return !isElsewhere && ![...expected.keys()].every(isKnown);
}

function rootsOf(db: Database.Database): ReadonlyMap<string, unknown> {
  const sql = "SELECT name, rootpage FROM sqlite_schema WHERE type = 'table'";
  try {
    const rows = db.prepare<[], { name: unknown; rootpage: unknown }>(sql).all();
    return new Map(rows.map(({ name, rootpage }) => [String(name), rootpage]));
  } catch (error) {
    if (error instanceof Database.SqliteError) return new Map();
    throw error;
  }
}

/** Puts the list of tables back, which is all that page 1 has besides the header; what stood there is kept as `.page1`. */
function restoreSchema(file: string): void {
  const handle = openSync(file, "r+");
  try {
    const page = Buffer.alloc(pageBytes);
    readSync(handle, page, 0, pageBytes, 0);
    writeFileSync(`${file}.page1`, page);
    firstPage(0, false).copy(page, headerBytes, headerBytes);
    writeSync(handle, page, 0, pageBytes, 0);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Rows of a table by rising integer key after `after`; what cannot be read is jumped over. */
export function* rowsByNumber(
  db: Database.Database,
  table: string,
  key: string,
  after: number,
): Generator<Row> {
  const next = prepared<[number]>(
    db,
    `SELECT * FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT 1`,
  );
  if (next === undefined) return;
  let last = after;
  for (;;) {
    const found = attempt(() => next.get(last));
    if (found === "done") return;
    const row = found === "unreadable" ? beyond(next, last) : found;
    const number = row?.[key];
    if (row === undefined || typeof number !== "number" || number <= last) return;
    yield row;
    last = number;
  }
}

/** Rows of a table by text key, from both ends: what lies behind the first damage is read from the far end back. */
export function* rowsByText(db: Database.Database, table: string, key: string): Generator<Row> {
  let last: Cell | undefined;
  const above = prepared(db, `SELECT * FROM ${table} ORDER BY ${key}`);
  const below = prepared(db, `SELECT * FROM ${table} ORDER BY ${key} DESC`);
  if (above === undefined || below === undefined) return;
  const found = yield* until(
    above,
    () => true,
    (row) => (last = row[key]),
  );
  if (found === "whole") return;
  yield* until(below, (row) => last === undefined || String(row[key]) > String(last));
}

/** One row, or undefined: there is none, or it cannot be read. */
export function rowAt(db: Database.Database, sql: string, value: number): Row | undefined {
  const statement = prepared<[number]>(db, sql);
  const found = statement === undefined ? "unreadable" : attempt(() => statement.get(value));
  return typeof found === "string" ? undefined : found;
}

/** Undefined: the table is not known any more. */
function prepared<Given extends unknown[] = unknown[]>(db: Database.Database, sql: string) {
  try {
    return db.prepare<Given, Row>(sql);
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined;
    throw error;
  }
}

function* until(
  statement: Database.Statement<unknown[], Row>,
  goesOn: (row: Row) => boolean,
  seen: (row: Row) => void = () => {},
): Generator<Row, "whole" | "damaged"> {
  const rows = statement.iterate();
  try {
    for (;;) {
      const found = attempt(() => {
        const { done, value } = rows.next();
        return done === true ? undefined : value;
      });
      if (found === "done") return "whole";
      if (found === "unreadable" || !goesOn(found)) return "damaged";
      seen(found);
      yield found;
    }
  } finally {
    // A statement that is not at its end keeps its database open.
    rows.return?.();
  }
}

/** The next row that can be read behind one that cannot: first far ahead, then as near as it goes. */
function beyond(next: Database.Statement<[number], Row>, last: number): Row | undefined {
  let low = last;
  let high: number | undefined;
  for (let jump = 1; jump <= jumpMax && high === undefined; jump *= 2) {
    const found = attempt(() => next.get(last + jump));
    if (found === "done") return undefined;
    if (found === "unreadable") low = last + jump;
    else high = last + jump;
  }
  if (high === undefined) return undefined;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (attempt(() => next.get(middle)) === "unreadable") low = middle;
    else high = middle;
  }
  const found = attempt(() => next.get(high));
  return typeof found === "string" ? undefined : found;
}

/** `done`: there is no such row. `unreadable`: SQLite found damage on the way to it. */
function attempt<Found extends Row>(read: () => Found | undefined): Found | "done" | "unreadable" {
  try {
    return read() ?? "done";
  } catch (error) {
    if (error instanceof Database.SqliteError) return "unreadable";
    throw error;
  }
}

function repairFirstPage(file: string): void {
  const handle = openSync(file, "r+");
  try {
    const page = Buffer.alloc(pageBytes);
    readSync(handle, page, 0, pageBytes, 0);
    if (page.toString("latin1", 0, magic.length) === magic) return;
    writeFileSync(`${file}.page1`, page);
    const repaired = firstPage(
      Math.floor(statSync(file).size / pageBytes),
      existsSync(`${file}-wal`),
    );
    // 5 and 13: inner page and leaf of a table.
    if (page[headerBytes] === 5 || page[headerBytes] === 13)
      page.copy(repaired, headerBytes, headerBytes);
    writeSync(handle, repaired, 0, pageBytes, 0);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The page that every database begins with which this version of the program bore. */
function firstPage(pages: number, hasLog: boolean): Buffer {
  const fresh = new Database(":memory:");
  migrate(fresh);
  const page = fresh.serialize().subarray(0, pageBytes);
  fresh.close();
  const copy = Buffer.from(page);
  copy.writeUInt32BE(pages, 28);
  // Read and write version: 2 is a write-ahead log.
  copy.fill(hasLog ? 2 : 1, 18, 20);
  return copy;
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && "syscall" in error;
}
