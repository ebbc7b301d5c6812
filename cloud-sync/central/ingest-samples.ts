import { decodeSamples } from "../../gateway/store/columns.ts";
import type { Batch } from "../protocol.ts";
import { blockRows, readBlocks } from "./blocks.ts";
import { lockStanding, moveMark, recordBlocks, recordRejects } from "./ledger.ts";
import { checkStanding, nowhere, type Outcome, refused, stored, type Tables } from "./outcome.ts";
import { sampleColumns, sampleRows } from "./sample-rows.ts";

/** Samples into their month, and the newest of each point. `now`: milliseconds since 1970. */
export async function ingestSamples(tables: Tables, batch: Batch, now: number): Promise<Outcome> {
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
