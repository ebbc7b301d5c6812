import type Database from "better-sqlite3";
import { emptyTrail, extendTrail, hashEntry } from "../audit/entry.ts";
import { balancesIn } from "../stock/ledger/stock-book.ts";
import { type Row, rowsByNumber, rowsByText } from "./damaged-file.ts";
import { MovementTable } from "./movement-table.ts";
import { StateTable } from "./state-table.ts";

/** Rows of each table that were saved. */
export interface SavedTables {
  readonly state: number;
  readonly audit: number;
  readonly movements: number;
}

/** Between two looks at the clock. */
const rowsPerLook = 200;

/**
 * Copies state, audit trail and movements into a database that was just born, row by row, as far as they can be read
 * and time allows. What the trail lost, breaks its chain no more than once: entries behind a hole are chained anew.
 * @param isLate ends it: what is left then stays in the file that was set aside.
 */
export function saveTables(
  from: Database.Database,
  to: Database.Database,
  isLate: () => boolean,
): SavedTables {
  return to.transaction(() => {
    const state = copy(to, "state", rowsByText(from, "state", "key"), isLate);
    const audit = copyTrail(to, rowsByNumber(from, "audit", "seq", 0), isLate);
    copy(to, "movement_folded", rowsByText(from, "movement_folded", "location"), isLate);
    copy(to, "movement_mark", rowsByNumber(from, "movement_mark", "one", 0), isLate);
    const movements = copy(to, "movement", rowsByNumber(from, "movement", "seq", 0), isLate);
    // Stock is what the state says: what movements do not tell of it stands as a sum.
    new MovementTable(to).open(balancesIn(new StateTable(to).read("")));
    return { state, audit, movements };
  })();
}

/** Rows as they are, with the columns that this program's table has. */
export function inserter(to: Database.Database, table: string): (row: Row) => boolean {
  const known = new Set(
    to
      .prepare<[], { name: string }>(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => name),
  );
  let columns: string[] | undefined;
  let insert: Database.Statement<unknown[]> | undefined;
  return (row) => {
    columns ??= Object.keys(row).filter((name) => known.has(name));
    insert ??= to.prepare(
      `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    try {
      return insert.run(...columns.map((name) => row[name])).changes > 0;
    } catch (error) {
      // A damaged cell of another type than its column: SQLITE_CONSTRAINT_DATATYPE and the like.
      if (isConstraint(error)) return false;
      throw error;
    }
  };
}

function copy(
  to: Database.Database,
  table: string,
  rows: Iterable<Row>,
  isLate: () => boolean,
): number {
  const insert = inserter(to, table);
  let saved = 0;
  for (const row of bounded(rows, isLate)) if (insert(row)) saved += 1;
  return saved;
}

function copyTrail(to: Database.Database, rows: Iterable<Row>, isLate: () => boolean): number {
  const insert = inserter(to, "audit");
  let head = emptyTrail;
  let whole = true;
  let saved = 0;
  for (const row of bounded(rows, isLate)) {
    const entry = entryOf(row);
    if (entry === undefined) continue;
    whole &&= entry.seq === head.seq + 1 && hashEntry(head.hash, entry) === entry.hash;
    const [chained] = whole
      ? [entry]
      : extendTrail(head, [
          { ...entry, at: Date.parse(entry.ts), data: { ...entry.data, savedFrom: entry.seq } },
        ]);
    if (chained === undefined) continue;
    const { data, hash, ...rest } = chained;
    if (
      !insert({
        ...rest,
        data: whole ? String(row["data"]) : JSON.stringify(data),
        hash: Buffer.from(hash, "hex"),
      })
    )
      continue;
    head = { seq: chained.seq, hash };
    saved += 1;
  }
  return saved;
}

function entryOf({ seq, ts, actor, action, data: text, hash }: Row) {
  if (typeof seq !== "number" || !Buffer.isBuffer(hash)) return undefined;
  const data = objectIn(String(text));
  if (data === undefined) return undefined;
  return {
    seq,
    ts: String(ts),
    actor: String(actor),
    action: String(action),
    data,
    hash: hash.toString("hex"),
  };
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function* bounded(rows: Iterable<Row>, isLate: () => boolean): Generator<Row> {
  let count = 0;
  for (const row of rows) {
    count += 1;
    if (count % rowsPerLook === 0 && isLate()) return;
    yield row;
  }
}

function isConstraint(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_CONSTRAINT")
  );
}
