import type { EpochMs, PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { readPoint } from "./chunk.ts";
import type { LogWriter } from "./log-writer.ts";
import type { Chunk, HistoryRow } from "./store.ts";
import { atTrueTimes } from "./time-shift.ts";

/** Chunks that one query unpacks at most: it runs in the gateway's one thread. The rows so far are the answer. */
export const historyChunksMax = 2_000;

/** Rows of one point in `from..to`, oldest first. A damaged chunk has no history. */
export function readHistory(
  writer: LogWriter,
  point: PointKey,
  from: EpochMs,
  to: EpochMs,
  limit: number,
): HistoryRow[] {
  const { log } = writer;
  const rows: HistoryRow[] = [];
  let chunks = 0;
  for (const { firstSeq } of log.samplesWithin(from, to, log.denseThrough(), historyChunksMax)) {
    for (const chunk of log.parts("samples", firstSeq)) {
      if (chunk.lastAt < from || chunk.firstAt > to) continue;
      chunks += 1;
      for (const sample of samplesOf(chunk, point)) {
        if (sample.sampledAt >= from && sample.sampledAt <= to) rows.push(historyRow(sample));
      }
    }
    if (rows.length >= limit || chunks >= historyChunksMax) break;
  }
  return rows.sort((left, right) => left.sampledAt - right.sampledAt).slice(0, limit);
}

function samplesOf(chunk: Chunk, point: PointKey): readonly Sample[] {
  try {
    return atTrueTimes(chunk, readPoint(chunk, point));
  } catch (error) {
    if (error instanceof RackwatchError) return [];
    throw error;
  }
}

function historyRow(sample: Sample): HistoryRow {
  const { sampledAt, quality } = sample;
  if (sample.quality === "bad") return { sampledAt, quality, reason: sample.reason };
  if (sample.quality === "good") return { sampledAt, quality, value: sample.value };
  const { value, reason } = sample;
  return { sampledAt, quality, value, ...(reason !== undefined && { reason }) };
}
