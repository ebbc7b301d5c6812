import { chainEvent } from "../../gateway/store/chain.ts";
import { decodeSentEvents } from "../../gateway/store/columns.ts";
import type { SentEvent } from "../../gateway/store/store.ts";
import type { Batch } from "../protocol.ts";
import { recordAlarms } from "./alarm-states.ts";
import { keepAnchor } from "./audit-anchors.ts";
import { type Block, blockRows, readBlocks } from "./blocks.ts";
import { contactBy } from "./contact.ts";
import type { Queries } from "./database/database.ts";
import { keepOutcomes } from "./down/outcomes.ts";
import { chainAfter } from "./epochs.ts";
import { type ChainedEvent, eventRows } from "./event-rows.ts";
import { storeStock } from "./ingest-stock.ts";
import {
  moveMark,
  type Origin,
  recordBlocks,
  recordConflict,
  recordRejects,
  type Standing,
} from "./ledger.ts";
import { type Outcome, refused, stored, type Tables } from "./outcome.ts";
import { standingFor } from "./standing.ts";
import { stockSteps } from "./stock-rows.ts";
import { correctTimes, doubtfulBoots, keepCorrections } from "./time-corrections.ts";

/** Events with the chain that they continue, the alarms' states and the points' names that they tell. */
export async function ingestEvents(
  { database }: Tables,
  batch: Batch,
  origin: Origin,
): Promise<Outcome> {
  const blocks = readBlocks(batch, decodeSentEvents);
  if ("refusal" in blocks)
    return refused(blocks.refusal.code === "too-large" ? 413 : 400, blocks.refusal);
  const chained = followChain(batch, blocks);
  if (chained === undefined) {
    const message = "the events do not give the chain that the batch names";
    return refused(400, { code: "bad-batch", message });
  }
  const { gateway } = batch;
  return database.transaction(async (queries) => {
    const standing = await standingFor(queries, batch, origin);
    if ("obstacle" in standing) return standing.obstacle;
    const { epochNumber, seq: mark, chain } = standing;
    const differs = await findConflict(queries, batch, chained, standing, origin);
    if (differs !== undefined) return differs;
    if (batch.audit !== undefined) await keepAnchor(queries, gateway, epochNumber, batch.audit);
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
      JSON.stringify(rows.points),
      rows.gatewayName ?? null,
      origin.carried === true,
    ]);
    await storeStock(queries, { gateway, epochNumber }, stockSteps(rows.events));
    await keepOutcomes(queries, { gateway, epochNumber }, rows.events);
    await keepCorrections(queries, { gateway, epochNumber }, rows.events);
    const doubtful = doubtfulBoots(blocks);
    await correctTimes(queries, { gateway, epochNumber, doubtfulBoots: doubtful });
    return stored(batch, batch.lastSeq, batch.chain?.after, rows.rejects, rows.events.length);
  });
}

const finishEvents = `WITH ${recordRejects}, ${recordBlocks}, ${moveMark}, written AS (
  INSERT INTO event (gateway, epoch_number, seq, kind, at, mono_ms, body, chain)
  SELECT $1::text, $2::int, e.seq, e.kind, to_timestamp(e.at / 1000), e.mono_ms, e.body, e.chain
  FROM jsonb_to_recordset($8::jsonb)
    AS e(seq bigint, kind text, at double precision, mono_ms double precision, body jsonb, chain text)),
${recordAlarms("$9")},
described AS (
  INSERT INTO point (gateway, point, kind, unit, name, location)
  SELECT $1::text, p.key, p.kind, p.unit, p.name, p.location
  FROM jsonb_to_recordset($10::jsonb) AS p(key text, kind text, unit text, name text, location text)
  ON CONFLICT (gateway, point) DO UPDATE SET kind = excluded.kind, unit = excluded.unit,
    name = excluded.name, location = excluded.location)
UPDATE gateway SET ${contactBy("$12::boolean")},
  reported_name = CASE $11::text WHEN '' THEN NULL ELSE coalesce($11::text, reported_name) END
WHERE gateway = $1`;

/** The chain's hash after each row, or undefined when it does not end where the batch says. */
function followChain(
  batch: Batch,
  blocks: readonly Block<SentEvent>[],
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

/**
 * Rows that central has already must be the same rows. After a gap nothing is known about what went before. Where it is the
 * rows that an epoch shares with an earlier one which differ, the conflict is on record, and the epoch goes on.
 */
async function findConflict(
  queries: Queries,
  batch: Batch,
  chained: readonly ChainedEvent[],
  standing: Standing,
  origin: Origin,
): Promise<Outcome | undefined> {
  const seq = Math.min(standing.seq, batch.lastSeq);
  const { gateway, lane } = batch;
  const { epochNumber } = standing;
  const ours =
    seq === standing.seq && seq > 0
      ? standing.chain
      : await chainAfter(queries, gateway, epochNumber, seq);
  const theirs = seq < batch.firstSeq ? batch.chain?.before : chained[seq - batch.firstSeq]?.chain;
  if (ours === undefined || theirs === undefined || ours === theirs) return undefined;
  await recordConflict(queries, { gateway, epochNumber, lane, seq, ours, theirs }, origin);
  if (seq > 0 && seq <= standing.begin) return undefined;
  return refused(409, {
    code: "conflict",
    message: `event ${seq} is another one than the one that is stored`,
    todo: "look for a second machine with this gateway's id, or a database that was copied back",
    mark: standing.seq,
  });
}
