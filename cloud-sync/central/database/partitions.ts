import type { Database, Queries } from "./database.ts";
import {
  aheadMs,
  type Family,
  type Filled,
  families,
  isOrdinary,
  rowsPerDay,
  type Span,
  spanAt,
  spanOfTable,
  spanToMake,
  strangeTable,
} from "./spans.ts";

/** Any number but that of the migrations: receivers make and drop partitions one after another. */
export const partitionLock = 7_221_905;

/** What is known of partitions is asked for anew so often: another receiver may have dropped one. */
const knownMs = 60_000;

const dayMs = 86_400_000;

/** Partitions of `sample` or of its aggregates, made ahead and when a row needs one. */
export class Partitions {
  readonly #database: Database;
  readonly #family: Family;
  #known: readonly Span[] = [];
  #knownAt = Number.NEGATIVE_INFINITY;
  /** False where TimescaleDB parts the table by itself. */
  #isNative = true;

  constructor(database: Database, family: Family = "sample") {
    this.#database = database;
    this.#family = family;
  }

  /** Makes the partitions that these rows need, and the coming ones. `now`: milliseconds since 1970. */
  async prepare(rows: Iterable<{ readonly sampledAt: number }>, now: number): Promise<void> {
    if (Math.abs(now - this.#knownAt) > knownMs) await this.#look(now);
    if (!this.#isNative) return;
    const lacking = [...lackingDays(rows, this.#known, now)];
    for (const at of lacking) {
      if (spanAt(this.#known, at) === undefined) await this.#make(at, now);
    }
  }

  /**
   * Rows of ordinary times that lie among those of strange ones, as their partition was dropped or lay in the future, get
   * their partition. Returns how many rows of strange times are left.
   */
  async gather(now: number): Promise<number> {
    const { column } = families[this.#family];
    await this.#look(now);
    if (!this.#isNative) return 0;
    const rows = await this.#database.query(
      `SELECT (extract(epoch FROM date_bin('1 day', ${column}, timestamptz '2000-01-01 00:00:00+00')) * 1000)::float8 AS day,
         count(*)::float8 AS rows FROM ${strangeTable(this.#family)} GROUP BY 1`,
    );
    const days = rows.map((row) => ({ sampledAt: Number(row["day"]), rows: Number(row["rows"]) }));
    const [ordinary, strange] = [
      days.filter(({ sampledAt }) => isOrdinary(sampledAt, now)),
      days.filter(({ sampledAt }) => !isOrdinary(sampledAt, now)),
    ];
    await this.prepare(ordinary, now);
    return strange.reduce((sum, it) => sum + it.rows, 0);
  }

  async #look(now: number): Promise<void> {
    const [table] = await this.#database.query(
      "SELECT relkind::text AS kind FROM pg_class WHERE oid = to_regclass($1)",
      [this.#family],
    );
    this.#isNative = table?.["kind"] === "p";
    this.#known = this.#isNative ? await readPartitions(this.#database, this.#family) : [];
    this.#knownAt = now;
  }

  /** What another receiver made meanwhile is found. */
  async #make(at: number, now: number): Promise<void> {
    const family = this.#family;
    this.#known = await this.#database.transaction(async (queries) => {
      await queries.query("SELECT pg_advisory_xact_lock($1)", [partitionLock]);
      const there = await readPartitions(queries, family);
      if (spanAt(there, at) !== undefined) return there;
      const of = { family, known: there, rowsPerDay: rowsPerDay(there, now) };
      const span = spanToMake(of, at, now);
      await attach(queries, family, span);
      return [...there, span];
    });
  }
}

/** One instant of each day that has no partition although it must: of the rows, and of the coming days. */
function lackingDays(
  rows: Iterable<{ readonly sampledAt: number }>,
  known: readonly Span[],
  now: number,
): ReadonlySet<number> {
  const lacking = new Set<number>();
  let last: Span | undefined;
  let strange: number | undefined;
  const need = (at: number) => {
    if (last !== undefined && at >= last.from && at < last.until) return;
    const day = Math.floor(at / dayMs) * dayMs;
    if (day === strange || lacking.has(day)) return;
    if (!isOrdinary(at, now)) {
      strange = day;
      return;
    }
    last = spanAt(known, at);
    if (last === undefined) lacking.add(day);
  };
  for (let at = now; at <= now + aheadMs; at += dayMs) need(at);
  for (const { sampledAt } of rows) need(sampledAt);
  return lacking;
}

/** All partitions of a family but the one of strange times, with the rows that PostgreSQL guesses. */
export async function readPartitions(queries: Queries, family: Family): Promise<readonly Filled[]> {
  const rows = await queries.query(
    `SELECT c.relname::text AS table, c.reltuples::float8 AS rows
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = to_regclass($1) ORDER BY c.relname`,
    [family],
  );
  return rows.flatMap((row) => {
    const span = spanOfTable(family, String(row["table"]));
    return span === undefined ? [] : [{ ...span, rows: Number(row["rows"]) }];
  });
}

/**
 * Rows of that span which lie among those of strange times, from when it was in the future, are moved: PostgreSQL refuses a
 * partition whose rows stand elsewhere.
 */
async function attach(
  queries: Queries,
  family: Family,
  { table, from, until }: Span,
): Promise<void> {
  const range = [new Date(from).toISOString(), new Date(until).toISOString()];
  const { column } = families[family];
  await queries.query(`CREATE TABLE ${table} (LIKE ${family} INCLUDING ALL)`);
  await queries.query(
    `WITH moved AS (DELETE FROM ${strangeTable(family)} WHERE ${column} >= $1 AND ${column} < $2 RETURNING *)
     INSERT INTO ${table} SELECT * FROM moved`,
    range,
  );
  await queries.query(
    `ALTER TABLE ${family} ATTACH PARTITION ${table} FOR VALUES FROM ('${range[0]}') TO ('${range[1]}')`,
  );
}
