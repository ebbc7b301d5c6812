import type { Lane } from "../../gateway/store/store.ts";
import type { Queries } from "./database/database.ts";

/** Where one lane of one gateway stands. `chain`: of the events up to `seq`; undefined after a gap and before the first. */
export interface Standing {
  readonly epochNumber: number;
  readonly seq: number;
  readonly chain: string | undefined;
}

/**
 * Locks the gateway until the transaction ends, so that what is sent twice at once is written once. Reads the mark in
 * a statement of its own: the one that waited for the lock still sees the rows of before. An epoch that was never seen
 * is born and fences the ones before it. Returns undefined for a fenced one.
 */
export async function lockStanding(
  queries: Queries,
  gateway: string,
  epoch: string,
  lane: Lane,
): Promise<Standing | undefined> {
  const [locked] = await queries.query(
    "SELECT epoch_number FROM gateway WHERE gateway = $1 FOR NO KEY UPDATE",
    [gateway],
  );
  const current = locked?.["epoch_number"];
  const [row] = await queries.query(
    `SELECT e.epoch_number, coalesce(m.seq, 0) AS seq, m.chain
     FROM epoch e LEFT JOIN mark m
       ON m.gateway = e.gateway AND m.epoch_number = e.epoch_number AND m.lane = $3
     WHERE e.gateway = $1 AND e.epoch = $2`,
    [gateway, epoch, lane],
  );
  if (row === undefined) {
    const epochNumber = (typeof current === "number" ? current : 0) + 1;
    await bear(queries, gateway, epoch, epochNumber);
    return { epochNumber, seq: 0, chain: undefined };
  }
  if (row["epoch_number"] !== current) return undefined;
  const chain = row["chain"];
  return {
    epochNumber: Number(row["epoch_number"]),
    seq: Number(row["seq"]),
    chain: typeof chain === "string" ? chain : undefined,
  };
}

/** The gateway's alarms and stock were born anew with its database: it says again at once which ones hold. */
async function bear(queries: Queries, gateway: string, epoch: string, epochNumber: number) {
  await queries.query(
    "UPDATE epoch SET fenced_at = now() WHERE gateway = $1 AND fenced_at IS NULL",
    [gateway],
  );
  await queries.query("INSERT INTO epoch (gateway, epoch_number, epoch) VALUES ($1, $2, $3)", [
    gateway,
    epochNumber,
    epoch,
  ]);
  await queries.query("UPDATE gateway SET epoch_number = $2 WHERE gateway = $1", [
    gateway,
    epochNumber,
  ]);
  await queries.query("DELETE FROM alarm WHERE gateway = $1", [gateway]);
  await queries.query("DELETE FROM stock WHERE gateway = $1", [gateway]);
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

/** $7: JSON list of blocks. */
export const recordBlocks = `blocks AS (
  INSERT INTO block (gateway, epoch_number, lane, first_seq, last_seq, boot, offset_ms, clock_quality)
  SELECT $1::text, $2::int, $3::text, b.first_seq, b.last_seq, b.boot, b.offset_ms, b.quality
  FROM jsonb_to_recordset($7::jsonb)
    AS b(first_seq bigint, last_seq bigint, boot text, offset_ms double precision, quality text))`;

/** The same conflict again counts up: a cloned gateway that keeps trying does not fill the table. */
export async function recordConflict(
  queries: Queries,
  of: {
    readonly gateway: string;
    readonly epochNumber: number;
    readonly lane: Lane | "audit";
    readonly seq: number;
    readonly ours: string;
    readonly theirs: string;
  },
): Promise<void> {
  await queries.query(
    `INSERT INTO conflict (gateway, epoch_number, lane, seq, ours, theirs)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (gateway, epoch_number, lane, seq) DO UPDATE
       SET times = conflict.times + 1, theirs = excluded.theirs, last_at = now()`,
    [of.gateway, of.epochNumber, of.lane, of.seq, of.ours, of.theirs],
  );
}
