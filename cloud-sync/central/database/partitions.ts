import type { Database, Queries } from "./database.ts";
import { migrationLock } from "./migrations.ts";

/** Before this no gateway existed: such times come from clocks that were never set. */
export const firstMonth = Date.UTC(2024, 0, 1);

/** Months made ahead: a central whose housekeeping stood still for a month still has where to write. */
const monthsAhead = 2;

interface Month {
  readonly table: string;
  readonly from: number;
  readonly until: number;
}

/** The month of an instant, or undefined where only a strange clock can have been: those rows go to the default partition. */
export function monthOf(epochMs: number, now: number): Month | undefined {
  if (epochMs < firstMonth || epochMs >= startOfMonth(now, monthsAhead + 1)) return undefined;
  const from = startOfMonth(epochMs, 0);
  const name = new Date(from).toISOString().slice(0, 7).replace("-", "_");
  return { table: `sample_${name}`, from, until: startOfMonth(epochMs, 1) };
}

function startOfMonth(epochMs: number, monthsLater: number): number {
  const date = new Date(epochMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + monthsLater, 1);
}

/** Monthly partitions of `sample`, made when a row needs one. */
export class Partitions {
  readonly #database: Database;
  readonly #known = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Makes the months that these rows need, and the coming ones. `now`: milliseconds since 1970. */
  async prepare(rows: Iterable<{ readonly sampledAt: number }>, now: number): Promise<void> {
    for (const month of neededMonths(rows, now)) {
      if (this.#known.has(month.table)) continue;
      await this.#database.transaction((queries) => attach(queries, month));
      this.#known.add(month.table);
    }
  }
}

function neededMonths(rows: Iterable<{ readonly sampledAt: number }>, now: number): Month[] {
  const found = new Map<string, Month>();
  let last: Month | undefined;
  const need = (at: number) => {
    if (last !== undefined && at >= last.from && at < last.until) return;
    const month = monthOf(at, now);
    if (month === undefined) return;
    found.set(month.table, month);
    last = month;
  };
  for (let ahead = 0; ahead <= monthsAhead; ahead += 1) need(startOfMonth(now, ahead));
  for (const { sampledAt } of rows) need(sampledAt);
  return [...found.values()];
}

/**
 * Rows of that month which lie in the default partition, from when the month was in the future, are moved: PostgreSQL
 * refuses a partition whose rows stand elsewhere.
 */
async function attach(queries: Queries, { table, from, until }: Month): Promise<void> {
  await queries.query("SELECT pg_advisory_xact_lock($1)", [migrationLock]);
  const [there] = await queries.query("SELECT to_regclass($1) IS NOT NULL AS made", [table]);
  if (there?.["made"] === true) return;
  const range = [new Date(from).toISOString(), new Date(until).toISOString()];
  await queries.query(`CREATE TABLE ${table} (LIKE sample INCLUDING ALL)`);
  await queries.query(
    `WITH moved AS (DELETE FROM sample_strange_time WHERE sampled_at >= $1 AND sampled_at < $2 RETURNING *)
     INSERT INTO ${table} SELECT * FROM moved`,
    range,
  );
  await queries.query(
    `ALTER TABLE sample ATTACH PARTITION ${table} FOR VALUES FROM ('${range[0]}') TO ('${range[1]}')`,
  );
}
