import type { Queries } from "./database.ts";

/**
 * Samples as a hypertable of TimescaleDB, in a database that has the extension when its tables are made. Aggregates stay
 * native. Statements as of TimescaleDB 2.13, whose manual names these functions; see decision 0132.
 */

/** One chunk: as wide as a native partition is of a fleet. */
const chunk = "1 day";

/** Rows that come late or are corrected go into compressed chunks as well, but at a cost: most come within a month. */
const compressAfter = "30 days";

export async function hasTimescale(queries: Queries): Promise<boolean> {
  const rows = await queries.query("SELECT FROM pg_extension WHERE extname = 'timescaledb'");
  return rows.length > 0;
}

/** What a statement of the migrations is where samples are a hypertable: itself, others, or none. */
export function forTimescale(statement: string): readonly string[] {
  if (/^\s*CREATE TABLE sample_strange_time\b/.test(statement)) return [];
  if (!/^\s*CREATE TABLE sample \(/.test(statement)) return [statement];
  return [
    statement.replace(/\s*PARTITION BY RANGE \(sampled_at\)\s*$/, ""),
    // Without a unique index none of the extension's rules for keys applies; ours is made by the next statement.
    `SELECT create_hypertable('sample', by_range('sampled_at', INTERVAL '${chunk}'), create_default_indexes => false)`,
    `ALTER TABLE sample SET (timescaledb.compress, timescaledb.compress_segmentby = 'gateway, point',
      timescaledb.compress_orderby = 'sampled_at, epoch_number, seq')`,
    `SELECT add_compression_policy('sample', INTERVAL '${compressAfter}')`,
  ];
}

/** Chunks of `sample`, with their span in milliseconds since 1970. */
export const chunksSql = `SELECT chunk_name::text AS table,
  (extract(epoch FROM range_start) * 1000)::float8 AS "from", (extract(epoch FROM range_end) * 1000)::float8 AS until
  FROM timescaledb_information.chunks WHERE hypertable_name = 'sample' ORDER BY range_start`;

/** Drops the chunk from $1 to $2. */
export const dropChunkSql =
  "SELECT drop_chunks('sample', older_than => $2::timestamptz, newer_than => $1::timestamptz)";
