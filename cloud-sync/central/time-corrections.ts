import { z } from "zod";
import { sameClockMs } from "../../gateway/store/time-shift.ts";
import { bucketOf } from "./aggregates/buckets.ts";
import { dateMsMax, dateMsMin, isStorableTime } from "./database/copy-rows.ts";
import type { Queries } from "./database/database.ts";
import type { EventRow } from "./event-rows.ts";

/**
 * Rows whose times one batch corrects at most, whole runs of them: it holds the gateway's lock, and an agent gives up after
 * 30 s. What is left is done with the batches that follow.
 */
const correctedRowsMax = 100_000;

/** A sequence number that none reaches, and that one can be added to. */
const seqMax = `${Number.MAX_SAFE_INTEGER}::bigint`;

const seq = z.int().min(0);
const spanSchema = z.tuple([seq, seq]);

const correctionSchema = z.object({
  correction: z.object({
    boot: z.string().min(1).max(128),
    offsetMs: z.number().refine(isStorableTime),
    rows: z.object({ events: spanSchema, samples: spanSchema }).optional(),
  }),
});

interface Correction {
  readonly seq: number;
  readonly at: number;
  readonly mono_ms: number;
  readonly boot: string;
  readonly offset_ms: number;
  readonly events_from: number;
  readonly events_through: number;
  readonly samples_from: number;
  readonly samples_through: number | null;
}

export interface Batched {
  readonly gateway: string;
  readonly epochNumber: number;
  /** Of what came: its boots whose clock was not synchronized. */
  readonly doubtfulBoots: readonly string[];
}

/** Boots among the blocks whose times may be wrong. */
export function doubtfulBoots(
  blocks: readonly { readonly clock: { readonly boot: string; readonly quality: string } }[],
): readonly string[] {
  const doubtful = blocks.filter(({ clock }) => clock.quality !== "synchronized");
  return [...new Set(doubtful.map(({ clock }) => clock.boot))];
}

/**
 * Keeps what events say of how wrong the clock was; what no clock can have been wrong by stays an event only. An event
 * that was stored before is not among them.
 */
export async function keepCorrections(
  queries: Queries,
  of: Pick<Batched, "gateway" | "epochNumber">,
  events: readonly EventRow[],
): Promise<void> {
  const corrections = events.flatMap((event) => correctionIn(event) ?? []);
  if (corrections.length === 0) return;
  await queries.query(
    `INSERT INTO time_correction (gateway, epoch_number, seq, boot, offset_ms, at, mono_ms,
       events_from, events_through, samples_from, samples_through)
     SELECT $1::text, $2::int, c.seq, c.boot, c.offset_ms, to_timestamp(c.at / 1000), c.mono_ms,
       c.events_from, c.events_through, c.samples_from, c.samples_through
     FROM jsonb_to_recordset($3::jsonb) AS c(seq bigint, boot text, offset_ms double precision,
       at double precision, mono_ms double precision, events_from bigint, events_through bigint,
       samples_from bigint, samples_through bigint)
     ON CONFLICT (gateway, epoch_number, seq) DO NOTHING`,
    [of.gateway, of.epochNumber, JSON.stringify(corrections)],
  );
}

/**
 * Gives rows of a boot whose clock was wrong their true times: those that came with this batch, and those that were there.
 * Within the batch's transaction, after its rows are stored; a row is corrected once, whatever comes again.
 */
export async function correctTimes(queries: Queries, of: Batched): Promise<void> {
  const { gateway, doubtfulBoots: boots } = of;
  // Nearly always there is none, and looking for runs costs as much as a small batch.
  const due = await queries.query(isDue, [gateway, boots]);
  if (due.length === 0) return;
  const runs = await queries.query(findRuns, [gateway, boots, sameClockMs, dateMsMin, dateMsMax]);
  if (runs.length === 0) return;
  let rows = 0;
  let isWhole = true;
  for (const run of runs) {
    const { first, last, ...block } = runSchema.parse(run);
    // A correction without a run: nothing of it is left to do.
    if (first === null || last === null) continue;
    if (rows >= correctedRowsMax) {
      isWhole = false;
      break;
    }
    isWhole = (await correctRun(queries, gateway, { ...block, first, last })) && isWhole;
    rows += last - first + 1;
  }
  if (!isWhole) return;
  await queries.query(
    "UPDATE time_correction SET finished_at = now() WHERE gateway = $1 AND finished_at IS NULL",
    [gateway],
  );
}

const number = z.coerce.number();

const runSchema = z.object({
  epoch_number: number,
  lane: z.enum(["events", "samples"]),
  block: number.nullable(),
  first: number.nullable(),
  last: number.nullable(),
  shift_ms: number.nullable(),
  offset_ms: number.nullable(),
  mono_ms: number,
});

const isDue = `SELECT FROM time_correction
  WHERE gateway = $1 AND (finished_at IS NULL OR boot = ANY($2::text[])) LIMIT 1`;

/**
 * Runs of rows that wait for a correction, the oldest correction first. Its numbers are those of the epoch that told it,
 * and of what that epoch shares with those that it went on from. Rows that only an epoch before has, where numbers began
 * anew or went another way, all came before the correction: they are taken whole.
 */
const findRuns = `WITH RECURSIVE due AS (
  SELECT * FROM time_correction WHERE gateway = $1 AND (finished_at IS NULL OR boot = ANY($2::text[]))),
line AS (
  SELECT DISTINCT epoch_number AS of_epoch, epoch_number, ${seqMax} AS events, ${seqMax} AS samples FROM due
  UNION ALL
  SELECT l.of_epoch, e.parent, least(l.events, e.begin_events), least(l.samples, e.begin_samples)
  FROM line l JOIN epoch e ON e.gateway = $1 AND e.epoch_number = l.epoch_number WHERE e.parent IS NOT NULL),
doubtful AS (
  SELECT b.*, d.mono_ms, d.epoch_number AS of_epoch, d.seq AS of_seq, d.offset_ms - b.offset_ms AS wrong_ms,
    CASE b.lane WHEN 'events' THEN d.events_from ELSE d.samples_from END AS from_seq,
    CASE b.lane WHEN 'events' THEN d.events_through ELSE coalesce(d.samples_through, b.last_seq) END AS through_seq,
    CASE WHEN b.epoch_number > d.epoch_number THEN ${seqMax}
      WHEN b.lane = 'events' THEN coalesce(l.events, 0) ELSE coalesce(l.samples, 0) END AS shared_seq
  FROM due d JOIN block b ON b.gateway = $1 AND b.boot = d.boot AND b.clock_quality <> 'synchronized'
    AND abs(d.offset_ms - b.offset_ms) > $3::double precision
    AND b.offset_ms >= $4::double precision AND b.offset_ms + d.mono_ms <= $5::double precision
  LEFT JOIN line l ON l.of_epoch = d.epoch_number AND l.epoch_number = b.epoch_number),
wrong AS (
  SELECT epoch_number, lane, first_seq AS block, offset_ms, mono_ms, of_epoch, of_seq, wrong_ms AS shift_ms,
    greatest(coalesce(shifted_through + 1, first_seq), least(from_seq, shared_seq + 1)) AS first,
    CASE WHEN last_seq > shared_seq THEN last_seq ELSE least(last_seq, through_seq) END AS last
  FROM doubtful)
SELECT coalesce(w.epoch_number, d.epoch_number) AS epoch_number, coalesce(w.lane, 'events') AS lane,
  w.block, w.first, w.last, w.shift_ms, w.offset_ms, d.mono_ms
FROM due d LEFT JOIN wrong w
  ON w.of_epoch = d.epoch_number AND w.of_seq = d.seq AND w.first <= w.last
ORDER BY d.epoch_number, d.seq, w.lane, w.epoch_number, w.block`;

type Run = Omit<z.infer<typeof runSchema>, "first" | "last"> & {
  readonly first: number;
  readonly last: number;
};

/** A time from before the boot, or from after the correction, was told by a device with a clock of its own, and stays. */
const ofThisClock = (column: string) =>
  `${column} >= to_timestamp($5::double precision / 1000)
   AND ${column} <= to_timestamp(($5::double precision + $6::double precision) / 1000 + 1)`;

const later = (column: string) => `${column} + make_interval(secs => $7::double precision / 1000)`;

const earlier = (column: string) =>
  `${column} - make_interval(secs => $7::double precision / 1000)`;

const rowsOf = "gateway = $1 AND epoch_number = $2 AND seq BETWEEN $3::bigint AND $4::bigint";

const shiftSamples = `WITH values AS (
  UPDATE latest SET sampled_at = ${later("sampled_at")} WHERE ${rowsOf} AND ${ofThisClock("sampled_at")}),
newest AS (
  UPDATE gateway SET last_sample_at = ${later("last_sample_at")}
  WHERE gateway = $1 AND newest_epoch_number = $2 AND newest_seq BETWEEN $3::bigint AND $4::bigint
    AND ${ofThisClock("last_sample_at")}),
moved AS (
  UPDATE sample SET sampled_at = ${later("sampled_at")} WHERE ${rowsOf} AND ${ofThisClock("sampled_at")}
  RETURNING sampled_at)
INSERT INTO dirty_hour (gateway, hour, due_at, moved)
SELECT $1::text, hour, now(), true FROM (
  SELECT ${bucketOf("hour", "sampled_at")} AS hour FROM moved
  UNION SELECT ${bucketOf("hour", earlier("sampled_at"))} FROM moved) AS touched`;

const shiftEvents = `WITH alarms AS (
  UPDATE alarm SET since = ${later("since")} WHERE ${rowsOf} AND ${ofThisClock("since")}),
movements AS (
  UPDATE movement SET at = ${later("at")} WHERE ${rowsOf} AND ${ofThisClock("at")})
UPDATE event SET at = ${later("at")} WHERE ${rowsOf} AND ${ofThisClock("at")}`;

/** False: another correction has some of these rows, and what is left of them is to be found anew. */
async function correctRun(queries: Queries, gateway: string, run: Run): Promise<boolean> {
  const { epoch_number, lane, block, first, last, shift_ms, offset_ms, mono_ms } = run;
  const [free] = await queries.query(
    `UPDATE block SET shift_ms = $5, shifted_through = $6::bigint
     WHERE gateway = $1 AND epoch_number = $2 AND lane = $3 AND first_seq = $4
       AND coalesce(shifted_through, 0) < $7::bigint
     RETURNING first_seq`,
    [gateway, epoch_number, lane, block, shift_ms, last, first],
  );
  if (free === undefined) return false;
  await queries.query(lane === "samples" ? shiftSamples : shiftEvents, [
    ...[gateway, epoch_number, first, last],
    ...[offset_ms, mono_ms, shift_ms],
  ]);
  return true;
}

function correctionIn({ kind, seq, at, mono_ms, body }: EventRow): Correction | undefined {
  if (kind !== "clock") return undefined;
  const parsed = correctionSchema.safeParse(body);
  if (!parsed.success) return undefined;
  const { boot, offsetMs, rows } = parsed.data.correction;
  if (mono_ms < 0 || !isStorableTime(offsetMs + mono_ms)) return undefined;
  const [eventsFrom, eventsThrough] = rows?.events ?? [1, seq - 1];
  const [samplesFrom, samplesThrough] = rows?.samples ?? [1, null];
  return {
    ...{ seq, at, mono_ms, boot, offset_ms: offsetMs },
    ...{ events_from: eventsFrom, events_through: Math.min(eventsThrough, seq - 1) },
    ...{ samples_from: samplesFrom, samples_through: samplesThrough },
  };
}
