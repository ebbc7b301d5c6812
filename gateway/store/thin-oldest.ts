import type { Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { packDense, packSegment, readSamples } from "./chunk.ts";
import type { LogWriter } from "./log-writer.ts";
import type { NewChunk } from "./packing.ts";
import { gapEvent } from "./retention.ts";
import { joinChunks } from "./segment.ts";
import type { Chunk } from "./store.ts";
import { thinBucketsMs, thinned } from "./thinning.ts";

/**
 * Segments or chunks that one call thins: each is unpacked whole, 50,000 rows in 100 ms of processor time, in the thread
 * that lights the lamps. The next call goes on.
 */
export const thinnedPerCallMax = 1;

/** Chunks that are looked at for one that can be thinned. */
const lookedAtMax = 64;

export interface Thinned {
  /** Rows that went. */
  readonly rows: number;
  readonly bytes: number;
  /** Chunks that were looked through, whether or not a row of them could go. */
  readonly chunks: number;
}

/**
 * Thins samples that central never had, oldest first, and says so in the events lane in the same transaction: first all
 * to five minutes, then all to an hour. Only merged chunks are thinned, and sequence numbers stay.
 * @param bytes About so many are to be freed.
 */
export function thinOldest(
  writer: LogWriter,
  confirmed: number,
  bytes: number,
  instant: { readonly at: number; readonly mono: number },
): Thinned {
  const done = { rows: 0, bytes: 0, chunks: 0 };
  while (done.bytes < bytes && done.chunks < thinnedPerCallMax) {
    const once = thinNext(writer, confirmed, instant);
    if (once === undefined) break;
    done.rows += once.rows;
    done.bytes += once.bytes;
    done.chunks += 1;
  }
  return done;
}

function thinNext(
  writer: LogWriter,
  confirmed: number,
  instant: { readonly at: number; readonly mono: number },
): { readonly rows: number; readonly bytes: number } | undefined {
  const { log, clock } = writer;
  if (clock === undefined) return undefined;
  const through = log.denseThrough();
  for (const bucketMs of thinBucketsMs) {
    const after = Math.max(confirmed, log.thinnedThrough(bucketMs));
    const found = log
      .spans("samples", after, lookedAtMax)
      .find(({ lastSeq }) => lastSeq <= through && lastSeq < writer.head("samples"));
    if (found === undefined) continue;
    const { lastSeq } = found;
    const before = log.parts("samples", found.firstSeq);
    const next = rewritten(before, bucketMs);
    const rows = next === undefined ? 0 : rowsIn(before) - next.rows;
    if (next === undefined || rows === 0) {
      writer.together(() => log.noteThinned(bucketMs, lastSeq));
      return { rows: 0, bytes: 0 };
    }
    const { kind, at, mono, body } = gapEvent("samples", [found], "thinned", instant);
    const event = { kind, at, mono, body: { ...body, count: rows, bucketMs } };
    writer.write({ clock, samples: [], events: [event], state: new Map() }, () => {
      log.remove("samples", found.firstSeq);
      log.addSamples(next.chunk, true);
      log.noteThinned(bucketMs, lastSeq);
    });
    return { rows, bytes: found.bytes - next.chunk.payload.length };
  }
  return undefined;
}

/** Undefined: it is damaged, and whoever verifies it will say so, or it would not fit. */
function rewritten(
  parts: readonly Chunk[],
  bucketMs: number,
): { readonly chunk: NewChunk; readonly rows: number } | undefined {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const before = readable(parts);
  if (before === undefined) return undefined;
  const all = before.flat();
  const places = thinned(all, bucketMs);
  const next: Chunk[] = [];
  let offset = 0;
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const samples = before[index] ?? [];
    const end = offset + samples.length;
    const own: number[] = [];
    for (; (places[at] ?? end) < end; at += 1) own.push((places[at] ?? 0) - offset);
    const packed = packDense(own.flatMap((place) => samples[place] ?? []));
    if (packed === undefined) return undefined;
    next.push({ ...part, ...packed, kept: own.map((place) => part.kept?.[place] ?? place) });
    offset = end;
  }
  const packed = next.length === 1 ? next[0] : packSegment(joinChunks(next));
  if (packed === undefined) return undefined;
  const { payload, hash } = packed;
  const { firstSeq, clock, shiftMs } = first;
  const kept = next.length === 1 ? next[0]?.kept : undefined;
  const chunk: NewChunk = {
    ...{ firstSeq, lastSeq: last.lastSeq, clock, payload, hash },
    firstAt: Math.min(...parts.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...parts.map(({ lastAt }) => lastAt)),
    ...(shiftMs !== undefined && { shiftMs }),
    ...(kept !== undefined && { kept }),
  };
  return { chunk, rows: places.length };
}

function readable(parts: readonly Chunk[]): Sample[][] | undefined {
  try {
    return parts.map(readSamples);
  } catch (error) {
    if (error instanceof RackwatchError) return undefined;
    throw error;
  }
}

function rowsIn(parts: readonly Chunk[]): number {
  return parts.reduce(
    (rows, { kept, firstSeq, lastSeq }) => rows + (kept?.length ?? lastSeq - firstSeq + 1),
    0,
  );
}
