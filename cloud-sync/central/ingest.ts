import { RackwatchError } from "../../drivers/errors.ts";
import { chainEvent, genesis } from "../../gateway/store/chain.ts";
import { decodeEvents, decodeSamples } from "../../gateway/store/columns.ts";
import type { GatewayEvent, Lane } from "../../gateway/store/store.ts";
import {
  type Ack,
  type Batch,
  batchRowsMax,
  type Gap,
  type GapDeclaration,
  type Refusal,
  rejectsShownMax,
} from "../protocol.ts";
import type { Database, Queries } from "./database/database.ts";
import type { Partitions } from "./database/partitions.ts";
import { type ChainedEvent, eventRows } from "./event-rows.ts";
import {
  lockStanding,
  moveMark,
  recordBlocks,
  recordConflict,
  recordRejects,
  type Standing,
} from "./ledger.ts";
import { type Reject, sampleColumns, sampleRows } from "./sample-rows.ts";

export type Outcome =
  | {
      readonly kind: "stored";
      readonly ack: Omit<Ack, "generation" | "serverTime">;
      readonly rows: number;
    }
  | { readonly kind: "refused"; readonly status: 400 | 409; readonly refusal: Refusal };

/** What receives: the database and its partitions. */
export interface Tables {
  readonly database: Database;
  readonly partitions: Partitions;
}

type Clock = Batch["blocks"][number]["clock"];

interface Block<T> {
  readonly firstSeq: number;
  readonly clock: Clock;
  readonly rows: readonly T[];
}

const refused = (status: 400 | 409, refusal: Refusal): Outcome => ({
  kind: "refused",
  status,
  refusal,
});

/**
 * Stores the rows of a batch that follow the lane's mark and moves the mark, in one transaction: whatever comes twice,
 * late, overlapping or at once over two connections has its effect once. `now`: milliseconds since 1970.
 */
export async function ingest(tables: Tables, batch: Batch, now: number): Promise<Outcome> {
  try {
    return batch.lane === "samples"
      ? await ingestSamples(tables, batch, now)
      : await ingestEvents(tables, batch);
  } catch (error) {
    if (error instanceof RackwatchError && error.code === "store/corrupt") {
      return refused(400, { code: "bad-batch", message: error.message });
    }
    throw error;
  }
}

async function ingestSamples(tables: Tables, batch: Batch, now: number): Promise<Outcome> {
  const blocks = readBlocks(batch, decodeSamples);
  if ("refusal" in blocks) return refused(400, blocks.refusal);
  const samples = blocks.flatMap((block) => block.rows);
  const { gateway } = batch;
  await tables.partitions.prepare(samples, now);
  return tables.database.transaction(async (queries) => {
    const standing = await lockStanding(queries, gateway, batch.epoch, batch.lane);
    const obstacle = checkStanding(batch, standing);
    if (obstacle !== undefined) return obstacle;
    const { epochNumber, seq: mark } = standing ?? nowhere;
    if (batch.lastSeq <= mark) return stored(batch, mark, undefined, [], 0);
    const rows = sampleRows({ gateway, epochNumber, mark }, batch.firstSeq, samples);
    if (rows.rows > 0) await queries.copyIn(sampleColumns, rows.copy);
    const newestAt = rows.newestAt === undefined ? null : new Date(rows.newestAt).toISOString();
    await queries.query(finishSamples, [
      gateway,
      epochNumber,
      batch.lane,
      batch.lastSeq,
      null,
      JSON.stringify(rows.rejects),
      JSON.stringify(blockRows(blocks, mark)),
      JSON.stringify(rows.latest),
      newestAt,
    ]);
    return stored(batch, batch.lastSeq, undefined, rows.rejects, rows.rows);
  });
}

/** A wall clock that steps back must not freeze the newest value, so newer is what was numbered later. */
const finishSamples = `WITH ${recordRejects}, ${recordBlocks}, ${moveMark}, newest AS (
  INSERT INTO latest (gateway, point, sampled_at, epoch_number, seq, quality, kind, value, text_value, reason)
  SELECT $1::text, l.point, to_timestamp(l.at / 1000), $2::int, l.seq, l.quality, l.kind, l.value, l.text_value, l.reason
  FROM jsonb_to_recordset($8::jsonb) AS l(point text, at double precision, seq bigint, quality smallint,
    kind text, value double precision, text_value text, reason text)
  ON CONFLICT (gateway, point) DO UPDATE SET sampled_at = excluded.sampled_at,
    epoch_number = excluded.epoch_number, seq = excluded.seq, quality = excluded.quality,
    kind = excluded.kind, value = excluded.value, text_value = excluded.text_value, reason = excluded.reason
  WHERE (excluded.epoch_number, excluded.seq) > (latest.epoch_number, latest.seq))
UPDATE gateway SET last_contact_at = now(), last_sample_at = coalesce($9::timestamptz, last_sample_at)
WHERE gateway = $1`;

async function ingestEvents({ database }: Tables, batch: Batch): Promise<Outcome> {
  const blocks = readBlocks(batch, decodeEvents);
  if ("refusal" in blocks) return refused(400, blocks.refusal);
  const chained = followChain(batch, blocks);
  if (chained === undefined) {
    const message = "the events do not give the chain that the batch names";
    return refused(400, { code: "bad-batch", message });
  }
  const { gateway } = batch;
  return database.transaction(async (queries) => {
    const standing = await lockStanding(queries, gateway, batch.epoch, batch.lane);
    const obstacle = checkStanding(batch, standing);
    if (obstacle !== undefined) return obstacle;
    const { epochNumber, seq: mark, chain } = standing ?? nowhere;
    const differs = await findConflict(queries, batch, chained, standing ?? nowhere);
    if (differs !== undefined) return differs;
    if (batch.lastSeq <= mark) return stored(batch, mark, chain, [], 0);
    const rows = eventRows(chained.filter((row) => row.seq > mark));
    await queries.query(finishEvents, [
      gateway,
      epochNumber,
      batch.lane,
      batch.lastSeq,
      batch.chain?.after ?? null,
      JSON.stringify(rows.rejects),
      JSON.stringify(blockRows(blocks, mark)),
      JSON.stringify(rows.events),
      JSON.stringify(rows.alarms),
    ]);
    return stored(batch, batch.lastSeq, batch.chain?.after, rows.rejects, rows.events.length);
  });
}

const finishEvents = `WITH ${recordRejects}, ${recordBlocks}, ${moveMark}, written AS (
  INSERT INTO event (gateway, epoch_number, seq, kind, at, mono_ms, body, chain)
  SELECT $1::text, $2::int, e.seq, e.kind, to_timestamp(e.at / 1000), e.mono_ms, e.body, e.chain
  FROM jsonb_to_recordset($8::jsonb)
    AS e(seq bigint, kind text, at double precision, mono_ms double precision, body jsonb, chain text)),
states AS (
  INSERT INTO alarm (gateway, rule, alarm, state, priority, message, since, acknowledged_by, comment,
    point, value, epoch_number, seq)
  SELECT $1::text, a.rule, a.alarm, a.state, a.priority, a.message, to_timestamp(a.since / 1000),
    a.acknowledged_by, a.comment, a.point, a.value, $2::int, a.seq
  FROM jsonb_to_recordset($9::jsonb) AS a(rule text, seq bigint, alarm text, state text, priority text,
    message text, since double precision, acknowledged_by text, comment text, point text, value jsonb)
  ON CONFLICT (gateway, rule) DO UPDATE SET alarm = excluded.alarm, state = excluded.state,
    priority = excluded.priority, message = excluded.message, since = excluded.since,
    acknowledged_by = excluded.acknowledged_by, comment = excluded.comment, point = excluded.point,
    value = excluded.value, epoch_number = excluded.epoch_number, seq = excluded.seq)
UPDATE gateway SET last_contact_at = now() WHERE gateway = $1`;

const nowhere: Standing = { epochNumber: 0, seq: 0, chain: undefined };

function checkStanding(
  batch: { readonly firstSeq: number; readonly epoch: string },
  standing: Standing | undefined,
): Outcome | undefined {
  if (standing === undefined) {
    const message = `epoch ${batch.epoch} is closed: this gateway has begun a later one`;
    const todo = "look for a second machine with this gateway's id or a copy of its card";
    return refused(409, { code: "epoch-fenced", message, todo });
  }
  if (batch.firstSeq > standing.seq + 1) {
    const message = `rows ${standing.seq + 1} to ${batch.firstSeq - 1} are missing`;
    return refused(409, { code: "gap", message, mark: standing.seq });
  }
  return undefined;
}

function stored(
  batch: { readonly epoch: string; readonly lane: Lane },
  mark: number,
  chain: string | undefined,
  rejects: readonly Reject[],
  rows: number,
): Outcome {
  const rejected = rejects.slice(0, rejectsShownMax).map(({ seq, reason }) => ({ seq, reason }));
  const { epoch, lane } = batch;
  return {
    kind: "stored",
    ack: { epoch, lane, mark, rejected, ...(chain === undefined ? {} : { chain }) },
    rows,
  };
}

/** The rows of every block, numbered; refused unless they are exactly `firstSeq` to `lastSeq`. */
function readBlocks<T>(
  batch: Batch,
  decode: (columns: unknown) => readonly T[],
): readonly Block<T>[] | { readonly refusal: Refusal } {
  const blocks: Block<T>[] = [];
  let next = batch.firstSeq;
  for (const { clock, columns } of batch.blocks) {
    const rows = decode(columns);
    blocks.push({ firstSeq: next, clock, rows });
    next += rows.length;
    if (next - batch.firstSeq > batchRowsMax) {
      const message = `more than ${batchRowsMax} rows in a batch`;
      return { refusal: { code: "too-large", message } };
    }
  }
  if (next - 1 === batch.lastSeq && next > batch.firstSeq) return blocks;
  const message = `rows ${batch.firstSeq} to ${batch.lastSeq} were named, but ${next - batch.firstSeq} came`;
  return { refusal: { code: "bad-batch", message } };
}

function blockRows(blocks: readonly Block<unknown>[], mark: number) {
  return blocks
    .map(({ firstSeq, clock, rows }) => ({
      first_seq: Math.max(firstSeq, mark + 1),
      last_seq: firstSeq + rows.length - 1,
      boot: clock.boot,
      offset_ms: clock.offsetMs,
      quality: clock.quality,
    }))
    .filter((block) => block.last_seq >= block.first_seq);
}

/** The chain's hash after each row, or undefined when it does not end where the batch says. */
function followChain(
  batch: Batch,
  blocks: readonly Block<GatewayEvent>[],
): readonly ChainedEvent[] | undefined {
  let chain = batch.chain?.before;
  if (chain === undefined) return undefined;
  const chained: ChainedEvent[] = [];
  for (const { firstSeq, rows } of blocks) {
    for (const [index, event] of rows.entries()) {
      const seq = firstSeq + index;
      chain = chainEvent(chain, seq, event);
      chained.push({ seq, event, chain });
    }
  }
  return chain === batch.chain?.after ? chained : undefined;
}

/** Rows that central has already must be the same rows. After a gap nothing is known about what went before. */
async function findConflict(
  queries: Queries,
  batch: Batch,
  chained: readonly ChainedEvent[],
  standing: Standing,
): Promise<Outcome | undefined> {
  const seq = Math.min(standing.seq, batch.lastSeq);
  const ours = await knownChain(queries, batch.gateway, standing, seq);
  const theirs = seq < batch.firstSeq ? batch.chain?.before : chained[seq - batch.firstSeq]?.chain;
  if (ours === undefined || theirs === undefined || ours === theirs) return undefined;
  const { gateway, lane } = batch;
  const { epochNumber } = standing;
  await recordConflict(queries, { gateway, epochNumber, lane, seq, ours, theirs });
  return refused(409, {
    code: "conflict",
    message: `event ${seq} is another one than the one that is stored`,
    todo: "look for a second machine with this gateway's id, or a database that was copied back",
    mark: standing.seq,
  });
}

async function knownChain(queries: Queries, gateway: string, standing: Standing, seq: number) {
  if (seq === 0) return genesis;
  if (seq === standing.seq) return standing.chain;
  const [row] = await queries.query(
    "SELECT chain FROM event WHERE gateway = $1 AND epoch_number = $2 AND seq = $3",
    [gateway, standing.epochNumber, seq],
  );
  const chain = row?.["chain"];
  return typeof chain === "string" ? chain : undefined;
}

/** Moves the mark over rows that will never come, and keeps why. */
export function declareGaps(tables: Tables, declaration: GapDeclaration): Promise<Outcome> {
  const { gateway, epoch, lane, gaps } = declaration;
  return tables.database.transaction(async (queries) => {
    const standing = await lockStanding(queries, gateway, epoch, lane);
    const obstacle = checkStanding({ epoch, firstSeq: 0 }, standing);
    if (obstacle !== undefined || standing === undefined)
      return obstacle ?? stored(declaration, 0, undefined, [], 0);
    let mark = standing.seq;
    for (const gap of gaps) {
      const next = checkGap(gap, mark);
      if (typeof next !== "number") return next;
      if (next > mark) await writeGap(queries, declaration, standing.epochNumber, gap, mark);
      mark = Math.max(mark, next);
    }
    const chain = mark === standing.seq ? standing.chain : undefined;
    return stored(declaration, mark, chain, [], 0);
  });
}

function checkGap(gap: Gap, mark: number): number | Outcome {
  if (gap.lastSeq < gap.firstSeq) {
    return refused(400, { code: "bad-request", message: "a gap ends before it begins" });
  }
  if (gap.firstSeq > mark + 1) {
    const message = `rows ${mark + 1} to ${gap.firstSeq - 1} are missing`;
    return refused(409, { code: "gap", message, mark });
  }
  return gap.lastSeq;
}

async function writeGap(
  queries: Queries,
  { gateway, lane }: GapDeclaration,
  epochNumber: number,
  gap: Gap,
  mark: number,
): Promise<void> {
  await queries.query(
    `WITH ${moveMark}
     INSERT INTO gap (gateway, epoch_number, lane, first_seq, last_seq, reason)
     VALUES ($1, $2, $3, $6, $4, $7)`,
    [gateway, epochNumber, lane, gap.lastSeq, null, Math.max(gap.firstSeq, mark + 1), gap.reason],
  );
}
