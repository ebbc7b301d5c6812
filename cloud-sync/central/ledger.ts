import type { Lane } from "../../gateway/store/store.ts";
import type { Queries } from "./database/database.ts";
import { beginEpoch, isPast } from "./epochs.ts";

/** Where one lane of one gateway stands. `chain`: of the events up to `seq`; undefined after a gap and before the first. */
export interface Standing {
  readonly epochNumber: number;
  readonly seq: number;
  readonly chain: string | undefined;
  /** Rows up to this one are of the epoch that this one goes on from. */
  readonly begin: number;
}

/** `fenced`: a later epoch has begun. `unknown`: nothing was ever heard of it. */
export type Found = Standing | "fenced" | "unknown";

/**
 * Locks the gateway until the transaction ends, so that what is sent twice at once is written once. Reads the mark in
 * a statement of its own: the one that waited for the lock still sees the rows of before. `mayBegin`: an epoch that was
 * never seen is born, from row 1 on, and fences the ones before it.
 */
export async function lockStanding(
  queries: Queries,
  gateway: string,
  epoch: string,
  lane: Lane,
  mayBegin: boolean,
): Promise<Found> {
  const current = await lockGateway(queries, gateway);
  const [row] = await queries.query(
    `SELECT e.epoch_number, coalesce(m.seq, 0) AS seq, m.chain,
       CASE $3::text WHEN 'events' THEN e.begin_events ELSE e.begin_samples END AS begin
     FROM epoch e LEFT JOIN mark m
       ON m.gateway = e.gateway AND m.epoch_number = e.epoch_number AND m.lane = $3
     WHERE e.gateway = $1 AND e.epoch = $2`,
    [gateway, epoch, lane],
  );
  if (row === undefined) {
    if (!mayBegin || (await isPast(queries, gateway, epoch))) return "unknown";
    const epochNumber = await beginEpoch(queries, { gateway, epoch, ancestors: [], current });
    return { epochNumber, seq: 0, chain: undefined, begin: 0 };
  }
  if (row["epoch_number"] !== current) return "fenced";
  const chain = row["chain"];
  return {
    epochNumber: current,
    seq: Number(row["seq"]),
    chain: typeof chain === "string" ? chain : undefined,
    begin: Number(row["begin"]),
  };
}

/** Until the transaction ends. Returns the number of the gateway's epoch; 0 before the first. */
export async function lockGateway(queries: Queries, gateway: string): Promise<number> {
  const [locked] = await queries.query(
    "SELECT epoch_number FROM gateway WHERE gateway = $1 FOR NO KEY UPDATE",
    [gateway],
  );
  const current = locked?.["epoch_number"];
  return typeof current === "number" ? current : 0;
}

/** Marks without a lock: for an agent that asks where it stands. Undefined for a fenced epoch. */
export async function readMarks(queries: Queries, gateway: string, epoch: string) {
  const rows = await queries.query(
    `SELECT e.fenced_at IS NOT NULL AS fenced, m.lane, m.seq
     FROM epoch e LEFT JOIN mark m ON m.gateway = e.gateway AND m.epoch_number = e.epoch_number
     WHERE e.gateway = $1 AND e.epoch = $2`,
    [gateway, epoch],
  );
  if (rows[0]?.["fenced"] === true) return undefined;
  const mark = (lane: Lane) => Number(rows.find((row) => row["lane"] === lane)?.["seq"] ?? 0);
  return { events: mark("events"), samples: mark("samples") };
}

/** A mark that moves together with what it counts: one element of a WITH list. $1 gateway, $2 epoch, $3 lane, $4 seq, $5 chain. */
export const moveMark = `moved AS (
  INSERT INTO mark (gateway, epoch_number, lane, seq, chain) VALUES ($1::text, $2::int, $3::text, $4::bigint, $5::text)
  ON CONFLICT (gateway, epoch_number, lane)
  DO UPDATE SET seq = excluded.seq, chain = excluded.chain, updated_at = now())`;

/** $6: JSON list of rejects. */
export const recordRejects = `rejected AS (
  INSERT INTO reject (gateway, epoch_number, lane, seq, reason, content)
  SELECT $1::text, $2::int, $3::text, r.seq, r.reason, r.content
  FROM jsonb_to_recordset($6::jsonb) AS r(seq bigint, reason text, content text))`;

/** Offsets of one boot this close are one clock that is slewed: as the agent joins blocks. */
const sameClockMs = 100;

/**
 * $7: JSON list of blocks. What follows the last block under the same clock makes it longer, so that ten million batches
 * of one row are a handful of blocks.
 */
export const recordBlocks = `came AS (
  SELECT * FROM jsonb_to_recordset($7::jsonb)
    AS b(first_seq bigint, last_seq bigint, boot text, offset_ms double precision, quality text)),
tail AS (
  SELECT first_seq, last_seq, boot, offset_ms, clock_quality FROM block
  WHERE gateway = $1 AND epoch_number = $2 AND lane = $3 ORDER BY first_seq DESC LIMIT 1),
grown AS (
  SELECT came.first_seq, came.last_seq, tail.first_seq AS tail_seq FROM came, tail
  WHERE came.first_seq = tail.last_seq + 1 AND came.boot = tail.boot
    AND came.quality = tail.clock_quality AND abs(came.offset_ms - tail.offset_ms) <= ${sameClockMs}),
longer AS (
  UPDATE block SET last_seq = grown.last_seq, received_until = now() FROM grown
  WHERE gateway = $1 AND epoch_number = $2 AND lane = $3 AND block.first_seq = grown.tail_seq),
blocks AS (
  INSERT INTO block (gateway, epoch_number, lane, first_seq, last_seq, boot, offset_ms, clock_quality)
  SELECT $1::text, $2::int, $3::text, c.first_seq, c.last_seq, c.boot, c.offset_ms, c.quality
  FROM came c WHERE NOT EXISTS (SELECT FROM grown g WHERE g.first_seq = c.first_seq))`;

/**
 * A JSON list of gaps. One that goes on where the last one of its reason ended makes it longer: rows that are lost one by
 * one do not fill the table.
 */
export const recordGaps = (list: string) => `lost AS (
  SELECT * FROM jsonb_to_recordset(${list}::jsonb)
    AS g(first_seq bigint, last_seq bigint, reason text, missing bigint)),
last_gap AS (
  SELECT first_seq, last_seq, reason, missing FROM gap
  WHERE gateway = $1 AND epoch_number = $2 AND lane = $3 ORDER BY first_seq DESC LIMIT 1),
wider AS (
  SELECT lost.first_seq, lost.last_seq, last_gap.first_seq AS gap_seq,
    coalesce(last_gap.missing, last_gap.last_seq - last_gap.first_seq + 1) + lost.missing AS missing
  FROM lost, last_gap
  WHERE lost.first_seq = last_gap.last_seq + 1 AND lost.reason = last_gap.reason),
widened AS (
  UPDATE gap SET last_seq = wider.last_seq, missing = wider.missing FROM wider
  WHERE gateway = $1 AND epoch_number = $2 AND lane = $3 AND gap.first_seq = wider.gap_seq),
gaps AS (
  INSERT INTO gap (gateway, epoch_number, lane, first_seq, last_seq, reason, missing)
  SELECT $1::text, $2::int, $3::text, l.first_seq, l.last_seq, l.reason, l.missing
  FROM lost l WHERE NOT EXISTS (SELECT FROM wider w WHERE w.first_seq = l.first_seq))`;

/** What kind of thing there are two of. `epoch`: somebody writes under a closed one; `machine`: two under one. */
export type ConflictLane = Lane | "audit" | "epoch" | "machine";

/** Where a request came from. */
export interface Origin {
  readonly address?: string | undefined;
  readonly machine?: string | undefined;
  /** Somebody brought it as a bundle. */
  readonly carried?: boolean | undefined;
  /** How long ago it was said, where the road tells: a letter that is played back is no sign of life of now. */
  readonly ageMs?: number | undefined;
}

/** The same conflict again counts up: a cloned gateway that keeps trying does not fill the table. */
export async function recordConflict(
  queries: Queries,
  of: {
    readonly gateway: string;
    readonly epochNumber: number;
    readonly lane: ConflictLane;
    readonly seq: number;
    readonly ours: string;
    readonly theirs: string;
  },
  { address, machine }: Origin = {},
): Promise<void> {
  await queries.query(
    `INSERT INTO conflict (gateway, epoch_number, lane, seq, ours, theirs, machine, origin)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (gateway, epoch_number, lane, seq) DO UPDATE
       SET times = conflict.times + 1, theirs = excluded.theirs, last_at = now(),
         machine = coalesce(excluded.machine, conflict.machine),
         origin = coalesce(excluded.origin, conflict.origin)`,
    [
      of.gateway,
      of.epochNumber,
      of.lane,
      of.seq,
      of.ours,
      of.theirs,
      machine ?? null,
      address ?? null,
    ],
  );
}

/** Somebody still writes under an epoch that is closed: a copied card, or the machine before a restore. */
export async function recordFenced(
  queries: Queries,
  { gateway, epoch }: { readonly gateway: string; readonly epoch: string },
  origin: Origin,
): Promise<void> {
  const [row] = await queries.query(
    `SELECT coalesce(e.epoch_number, c.epoch_number) AS epoch_number, c.epoch AS ours FROM gateway g
     JOIN epoch c ON c.gateway = g.gateway AND c.epoch_number = g.epoch_number
     LEFT JOIN epoch e ON e.gateway = g.gateway AND e.epoch = $2
     WHERE g.gateway = $1`,
    [gateway, epoch],
  );
  if (row === undefined) return;
  const epochNumber = Number(row["epoch_number"]);
  const ours = String(row["ours"]);
  await recordConflict(
    queries,
    { gateway, epochNumber, lane: "epoch", seq: 0, ours, theirs: epoch },
    origin,
  );
}
