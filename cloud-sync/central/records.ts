import { z } from "zod";
import type { Queries, Row } from "./database/database.ts";

/** What went wrong with rows of a gateway, and which epochs it had: newest first, in pages. */
export const recordPageMax = 1_000;

/** Counts of records stop here: a page that is asked every few seconds must not count millions. */
export const countMax = 10_000;

const lane = z.string().meta({ description: "events, samples, audit, epoch or machine" });
const time = z.number().meta({ description: "Milliseconds since 1970 by central's clock" });
const seq = z.number();

export const rejectRecordSchema = z.object({
  ...{ epoch: z.string(), lane, seq },
  reason: z.string(),
  content: z.string().meta({ description: "The row as JSON, cut after 2,000 characters" }),
  at: time,
});
export type RejectRecord = z.infer<typeof rejectRecordSchema>;

export const gapRecordSchema = z.object({
  ...{ epoch: z.string(), lane, firstSeq: seq, lastSeq: seq },
  missing: z.number().meta({ description: "How many of these numbers have no row" }),
  reason: z.string(),
  from: z.number().optional().meta({
    description: "Time of the oldest of these rows, as the gateway said; absent: it did not",
  }),
  to: z.number().optional().meta({ description: "Time of the newest of them" }),
  at: time,
});
export type GapRecord = z.infer<typeof gapRecordSchema>;

export const conflictRecordSchema = z.object({
  ...{ epoch: z.string(), lane, seq },
  ours: z.string().meta({ description: "What central has: hash, epoch or machine" }),
  theirs: z.string().meta({ description: "What somebody else sent" }),
  machine: z.string().optional(),
  origin: z.string().optional().meta({ description: "Address that it came from" }),
  times: z.number(),
  firstAt: time,
  at: time.meta({ description: "When it was seen last" }),
});
export type ConflictRecord = z.infer<typeof conflictRecordSchema>;

export const epochRecordSchema = z.object({
  ...{ epoch: z.string(), number: z.number() },
  at: time.meta({ description: "When central heard of it first" }),
  fencedAt: time.optional(),
  machine: z.string().optional(),
  goesOnFrom: z
    .object({ epoch: z.string(), events: seq, samples: seq })
    .optional()
    .meta({ description: "Rows up to these numbers belong to that epoch" }),
  marks: z.object({ events: seq, samples: seq }),
});
export type EpochRecord = z.infer<typeof epochRecordSchema>;

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** A number of an event's body, whatever else a gateway may have put there. */
const timeIn = (key: string) =>
  `CASE WHEN jsonb_typeof(v.body->'${key}') = 'number' THEN (v.body->>'${key}')::float8 END`;

/** Sorted by a time, and within one time by what follows it. */
interface Listing<T> {
  readonly sql: string;
  readonly read: (row: Row) => T;
}

const rejects: Listing<z.infer<typeof rejectRecordSchema>> = {
  sql: `SELECT e.epoch, r.lane, r.seq::float8 AS seq, r.reason, r.content, ${ms("r.rejected_at")} AS at
    FROM reject r JOIN epoch e ON e.gateway = r.gateway AND e.epoch_number = r.epoch_number
    WHERE r.gateway = $1 ORDER BY r.rejected_at DESC, r.epoch_number DESC, r.lane, r.seq DESC`,
  read: (row) => rejectRecordSchema.parse(row),
};

const gaps: Listing<z.infer<typeof gapRecordSchema>> = {
  sql: `SELECT e.epoch, g.lane, g.first_seq::float8 AS "firstSeq", g.last_seq::float8 AS "lastSeq",
      coalesce(g.missing, g.last_seq - g.first_seq + 1)::float8 AS missing, g.reason, ${ms("g.declared_at")} AS at,
      said.at_first AS "from", said.at_last AS "to"
    FROM gap g JOIN epoch e ON e.gateway = g.gateway AND e.epoch_number = g.epoch_number
    LEFT JOIN LATERAL (
      SELECT min(${timeIn("firstAt")}) AS at_first, max(${timeIn("lastAt")}) AS at_last
      FROM event v WHERE v.gateway = g.gateway AND v.epoch_number = g.epoch_number AND v.kind = 'gap'
        AND jsonb_path_exists(v.body, '$ ? (@.lane == $lane && @.firstSeq <= $last && @.lastSeq >= $first)',
          jsonb_build_object('lane', g.lane, 'first', g.first_seq, 'last', g.last_seq))) said ON true
    WHERE g.gateway = $1 ORDER BY g.declared_at DESC, g.epoch_number DESC, g.lane, g.first_seq DESC`,
  read: (row) => gapRecordSchema.parse(withoutNulls(row)),
};

const conflicts: Listing<z.infer<typeof conflictRecordSchema>> = {
  sql: `SELECT e.epoch, c.lane, c.seq::float8 AS seq, c.ours, c.theirs, c.machine, c.origin,
      c.times::float8 AS times, ${ms("c.first_at")} AS "firstAt", ${ms("c.last_at")} AS at
    FROM conflict c JOIN epoch e ON e.gateway = c.gateway AND e.epoch_number = c.epoch_number
    WHERE c.gateway = $1 ORDER BY c.last_at DESC, c.epoch_number DESC, c.lane, c.seq DESC`,
  read: (row) => conflictRecordSchema.parse(withoutNulls(row)),
};

const epochs: Listing<z.infer<typeof epochRecordSchema>> = {
  sql: `SELECT e.epoch, e.epoch_number AS number, ${ms("e.first_seen_at")} AS at,
      ${ms("e.fenced_at")} AS "fencedAt", e.machine, p.epoch AS parent,
      e.begin_events::float8 AS begin_events, e.begin_samples::float8 AS begin_samples,
      coalesce(me.seq, 0)::float8 AS events, coalesce(ms.seq, 0)::float8 AS samples
    FROM epoch e
    LEFT JOIN epoch p ON p.gateway = e.gateway AND p.epoch_number = e.parent
    LEFT JOIN mark me ON me.gateway = e.gateway AND me.epoch_number = e.epoch_number AND me.lane = 'events'
    LEFT JOIN mark ms ON ms.gateway = e.gateway AND ms.epoch_number = e.epoch_number AND ms.lane = 'samples'
    WHERE e.gateway = $1 ORDER BY e.epoch_number DESC`,
  read: (row) => {
    const { parent, begin_events, begin_samples, events, samples, ...rest } = withoutNulls(row);
    return epochRecordSchema.parse({
      ...rest,
      marks: { events, samples },
      ...(parent !== undefined && {
        goesOnFrom: { epoch: parent, events: begin_events, samples: begin_samples },
      }),
    });
  },
};

/** What `GET /v1/gateways/{id}/<name>` lists. */
export const listings = { rejects, gaps, conflicts, epochs } as const;

export interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** One more than the limit is read, to know whether there is another page. */
export async function readRecords<T>(
  queries: Queries,
  { sql, read }: Listing<T>,
  gateway: string,
  { offset, limit }: Page,
): Promise<{ readonly records: T[]; readonly next?: number }> {
  const rows = await queries.query(`${sql} LIMIT $2 OFFSET $3`, [gateway, limit + 1, offset]);
  const records = rows.slice(0, limit).map(read);
  return rows.length > limit ? { records, next: offset + limit } : { records };
}

function withoutNulls(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
