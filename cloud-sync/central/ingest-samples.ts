import type { Sample } from "../../drivers/contract.ts";
import { decodeSamples } from "../../gateway/store/columns.ts";
import type { Batch } from "../protocol.ts";
import { hourMarks, recordMarks } from "./aggregates/marks.ts";
import { type Block, blockRows, readBlocks, thinnedGaps } from "./blocks.ts";
import { recordContact, recordLatest } from "./latest.ts";
import { moveMark, type Origin, recordBlocks, recordGaps, recordRejects } from "./ledger.ts";
import { type Outcome, refused, stored, type Tables } from "./outcome.ts";
import { sampleColumns, sampleRows } from "./sample-rows.ts";
import { standingFor } from "./standing.ts";
import { correctTimes, doubtfulBoots } from "./time-corrections.ts";

/** Samples into their month, and the newest of each point. `now`: milliseconds since 1970. */
export async function ingestSamples(
  tables: Tables,
  batch: Batch,
  now: number,
  origin: Origin,
): Promise<Outcome> {
  const blocks = readBlocks(batch, decodeSamples);
  if ("refusal" in blocks)
    return refused(blocks.refusal.code === "too-large" ? 413 : 400, blocks.refusal);
  const { gateway } = batch;
  await tables.partitions.prepare(samplesOf(blocks), now);
  return tables.database.transaction(async (queries) => {
    const standing = await standingFor(queries, batch, origin);
    if ("obstacle" in standing) return standing.obstacle;
    const { epochNumber, seq: mark } = standing;
    if (batch.lastSeq <= mark) return stored(batch, mark, undefined, [], 0);
    const rows = sampleRows({ gateway, epochNumber, mark }, blocks);
    if (rows.rows > 0) await queries.copyIn(sampleColumns, rows.copy);
    const { newest } = rows;
    await queries.query(finishSamples, [
      gateway,
      epochNumber,
      batch.lane,
      batch.lastSeq,
      null,
      JSON.stringify(rows.rejects),
      JSON.stringify(blockRows(blocks, mark)),
      JSON.stringify(rows.latest),
      newest?.at ?? null,
      JSON.stringify(thinnedGaps(blocks, mark)),
      newest?.seq ?? null,
      JSON.stringify(hourMarks(gateway, rows.hours, now)),
      origin.carried === true,
    ]);
    const doubtful = doubtfulBoots(blocks);
    await correctTimes(queries, { gateway, epochNumber, doubtfulBoots: doubtful });
    return stored(batch, batch.lastSeq, undefined, rows.rejects, rows.rows);
  });
}

function* samplesOf(blocks: readonly Block<Sample>[]): Generator<Sample, undefined> {
  for (const { rows } of blocks) yield* rows;
}

const finishSamples = `WITH ${recordRejects}, ${recordBlocks}, ${moveMark}, ${recordGaps("$10")},
${recordMarks("$12")},
${recordLatest("$8")}
${recordContact("$9", "$11", "$13::boolean")}`;
