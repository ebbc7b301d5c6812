import { z } from "zod";
import type { Log } from "../../../drivers/contract.ts";
import type { AggregateWorker } from "../aggregates/worker.ts";
import type { Database, Queries } from "./database.ts";
import { Partitions, partitionLock, readPartitions } from "./partitions.ts";
import { type Family, families, type Span } from "./spans.ts";
import { chunksSql, dropChunkSql, hasTimescale } from "./timescale.ts";

/**
 * Wait for the lock on a table that is written to all the time. Whoever comes after waits as long, so it is short; a
 * partition that cannot be had is dropped in a later attempt.
 */
const lockMsMax = 500;

/** Attempts for one partition in one pass; the next pass tries again. */
const attemptsMax = 4;

/** SQLSTATE `lock_not_available`. */
const noLock = "55P03";

/** What is taken out of its table and not yet gone from the disk. */
const detachedPrefix = "detached_";

export interface RetentionParts {
  readonly database: Database;
  readonly worker: Pick<AggregateWorker, "drain">;
  readonly log: Log;
  /** Milliseconds; absent: for ever. */
  readonly keepMs: { readonly [F in Family]?: number | undefined };
}

/**
 * Moves rows that lie in the wrong partition, and drops whole partitions that are older than is to be kept. Buckets of
 * samples are made before these go.
 */
export class Retention {
  readonly #parts: RetentionParts;
  #strangeRows = 0;

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** Samples whose time only a strange clock can have told, as of the last step. */
  get strangeRows(): number {
    return this.#strangeRows;
  }

  /** Returns the names of partitions that were dropped. */
  async step(now: number): Promise<readonly string[]> {
    const { database, keepMs, log } = this.#parts;
    const dropped: string[] = [];
    await this.#sweep();
    for (const family of Object.keys(families).filter(isFamily)) {
      const strange = await new Partitions(database, family).gather(now);
      if (family === "sample") this.#strangeRows = strange;
      const keep = keepMs[family];
      if (keep === undefined) continue;
      const there = await readDroppable(database, family);
      for (const span of there.filter(({ until }) => until <= now - keep)) {
        if (await this.#drop(family, span, now)) dropped.push(span.table);
        else log.warn("partition could not be dropped yet", { table: span.table });
      }
    }
    await this.#sweep();
    if (dropped.length > 0) log.info("partitions dropped", { tables: dropped });
    return dropped;
  }

  async #drop(family: Family, span: Droppable, now: number): Promise<boolean> {
    const { database, worker } = this.#parts;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      // Before any lock is held: this may be work for minutes.
      if (family === "sample" && !(await worker.drain(span, now))) continue;
      try {
        if (await database.transaction((queries) => detach(queries, family, span))) return true;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === noLock)) throw error;
      }
    }
    return false;
  }

  /** Files of a large table go from the disk in seconds: after the lock on its parent is given back. */
  async #sweep(): Promise<void> {
    const { database } = this.#parts;
    const rows = await database.query(
      `SELECT relname::text AS table FROM pg_class
       WHERE relkind = 'r' AND starts_with(relname, '${detachedPrefix}') AND pg_table_is_visible(oid)`,
    );
    for (const row of rows) await database.query(`DROP TABLE IF EXISTS ${String(row["table"])}`);
  }
}

type Droppable = Span & { readonly isChunk: boolean };

async function readDroppable(queries: Queries, family: Family): Promise<readonly Droppable[]> {
  if (family === "sample" && (await hasTimescale(queries))) {
    const chunks = (await queries.query(chunksSql)).map((row) => chunkSchema.parse(row));
    if (chunks.length > 0) return chunks.map((chunk) => ({ ...chunk, isChunk: true }));
  }
  const partitions = await readPartitions(queries, family);
  return partitions.map((span) => ({ ...span, isChunk: false }));
}

const chunkSchema = z.object({ table: z.string(), from: z.number(), until: z.number() });

/**
 * Takes a partition out of its table. PostgreSQL detaches CONCURRENTLY only where there is no default partition, so the lock
 * on the parent is a plain one, held for milliseconds. False: rows came meanwhile that are not in any bucket.
 */
async function detach(queries: Queries, family: Family, span: Droppable): Promise<boolean> {
  const { table } = span;
  const range = [new Date(span.from).toISOString(), new Date(span.until).toISOString()];
  await queries.query(`SET LOCAL lock_timeout = ${lockMsMax}`);
  await queries.query("SELECT pg_advisory_xact_lock($1)", [partitionLock]);
  const [there] = await queries.query("SELECT to_regclass($1) IS NOT NULL AS made", [table]);
  if (!span.isChunk && there?.["made"] !== true) return true;
  await queries.query(`LOCK TABLE ${family} IN ACCESS EXCLUSIVE MODE`);
  if (family === "sample") {
    const waiting = await queries.query(
      "SELECT FROM dirty_hour WHERE hour >= $1 AND hour < $2 LIMIT 1",
      range,
    );
    if (waiting.length > 0) return false;
    const unmarked = await queries.query(
      "SELECT FROM unmarked_history WHERE from_at < $1 LIMIT 1",
      [range[1]],
    );
    if (unmarked.length > 0) return false;
  }
  if (span.isChunk) await queries.query(dropChunkSql, range);
  else {
    await queries.query(`ALTER TABLE ${family} DETACH PARTITION ${table}`);
    await queries.query(`ALTER TABLE ${table} RENAME TO ${detachedPrefix}${table}`);
  }
  await queries.query(
    `INSERT INTO dropped_span (family, from_at, until_at) VALUES ($1, $2, $3)
     ON CONFLICT (family, from_at, until_at)
     DO UPDATE SET times = dropped_span.times + 1, dropped_at = now()`,
    [family, ...range],
  );
  return true;
}

function isFamily(name: string): name is Family {
  return Object.hasOwn(families, name);
}
