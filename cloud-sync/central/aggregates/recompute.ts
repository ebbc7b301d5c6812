import type { Database, Queries } from "../database/database.ts";
import { bucketColumns, bucketOf, bucketSteps, layerOf, ofBuckets, ofSamples } from "./buckets.ts";

/** Any number but those of other locks: two receivers never work on one gateway at once. */
const recomputeLock = 7_221_906;

export interface DirtyHours {
  readonly gateway: string;
  /** Milliseconds since 1970. */
  readonly hours: readonly number[];
}

/**
 * Makes the buckets of these hours anew of the samples that are there, in one transaction with taking their marks.
 * Returns how many marks were taken: none where another receiver is at work on this gateway.
 */
export function recompute(database: Database, { gateway, hours }: DirtyHours): Promise<number> {
  return database.transaction(async (queries) => {
    const [lock] = await queries.query(
      "SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS free",
      [recomputeLock, gateway],
    );
    if (lock?.["free"] !== true) return 0;
    const taken = await queries.query(takeMarks, [gateway, JSON.stringify(hours)]);
    const of = (rows: typeof taken) =>
      JSON.stringify([...new Set(rows.map((row) => Number(row["hour"])))]);
    if (taken.length === 0) return 0;
    const moved = taken.filter((row) => row["moved"] === true);
    if (moved.length > 0) await forget(queries, gateway, of(moved));
    await queries.query(makeBuckets, [gateway, of(taken)]);
    return taken.length;
  });
}

const timesOf = (list: string) =>
  `SELECT to_timestamp(value::float8 / 1000) AS hour FROM jsonb_array_elements_text(${list}::jsonb) AS list(value)`;

const takeMarks = `WITH due AS (
  SELECT id, hour FROM dirty_hour
  WHERE gateway = $1 AND hour IN (${timesOf("$2")})
  FOR UPDATE SKIP LOCKED)
DELETE FROM dirty_hour d USING due WHERE d.gateway = $1 AND d.hour = due.hour AND d.id = due.id
RETURNING (extract(epoch FROM d.hour) * 1000)::float8 AS hour, d.moved`;

/** Leaves these hours for later, at `dueAt` in milliseconds since 1970. */
export async function postpone(
  queries: Queries,
  { gateway, hours }: DirtyHours,
  dueAt: number,
): Promise<void> {
  await queries.query(
    `UPDATE dirty_hour SET due_at = to_timestamp($3::float8 / 1000)
     WHERE gateway = $1 AND hour IN (${timesOf("$2")})`,
    [gateway, JSON.stringify(hours), dueAt],
  );
}

const hoursOf = (list: string) =>
  `hours AS (SELECT hour, ${layerOf("hour")} AS layer FROM (${timesOf(list)}) AS times)`;

/** Points by name, so that each bucket is found by the key: without them a whole month of the gateway is walked through. */
const points = "points AS (SELECT point FROM latest WHERE gateway = $1)";

/** Where rows left an hour, a bucket may have none. */
async function forget(queries: Queries, gateway: string, hours: string): Promise<void> {
  for (const table of Object.values(bucketSteps)) {
    await queries.query(
      `WITH ${points}, ${hoursOf("$2")}
       DELETE FROM ${table} b USING points p, hours h
       WHERE b.gateway = $1 AND b.point = p.point AND b.layer = h.layer
         AND b.at >= h.hour AND b.at < h.hour + interval '1 hour'`,
      [gateway, hours],
    );
  }
}

const columns = bucketColumns.join(", ");

const upsert = (
  table: string,
  from: string,
) => `INSERT INTO ${table} (gateway, point, at, layer, ${columns})
  SELECT $1::text, point, at, layer, ${columns} FROM ${from}
  ON CONFLICT (gateway, point, at, layer) DO UPDATE SET ${bucketColumns
    .map((name) => `${name} = excluded.${name}`)
    .join(", ")}`;

/** The inner grouping keeps the planner from joining all samples of the gateway: each point and hour is one look-up. */
const makeBuckets = `WITH ${points}, ${hoursOf("$2")},
minutes AS MATERIALIZED (
  SELECT p.point, h.layer, h.hour, b.* FROM points p CROSS JOIN hours h CROSS JOIN LATERAL (
    SELECT ${bucketOf("minute", "sampled_at")} AS at, ${ofSamples} FROM sample s
    WHERE s.gateway = $1 AND s.point = p.point
      AND s.sampled_at >= h.hour AND s.sampled_at < h.hour + interval '1 hour'
    GROUP BY 1) b),
hourly AS (
  SELECT b.point, b.layer, b.hour AS at, ${ofBuckets} FROM minutes b GROUP BY b.point, b.layer, b.hour),
made_minutes AS (${upsert("sample_minute", "minutes")})
${upsert("sample_hour", "hourly")}`;
