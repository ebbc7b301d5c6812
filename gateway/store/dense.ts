import type { Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { isSound, packDense, packSegment, readSamples } from "./chunk.ts";
import type { ChunkLog, ChunkSpan } from "./chunk-log.ts";
import { denseMark } from "./dense-payload.ts";
import type { LogWriter } from "./log-writer.ts";
import { type NewChunk, packSamples } from "./packing.ts";
import type { Pieces } from "./pieces.ts";
import { rowsOf } from "./retention.ts";
import { joinChunks, segmentPartsMax } from "./segment.ts";
import type { Chunk, ClockMark } from "./store.ts";
import { sameClockMs, shiftedSpan } from "./time-shift.ts";

/** Loose chunks that may wait for company: a history query unpacks each of them. */
const looseChunksMax = 512;

/** What one piece unpacks: about a millisecond of work here, four on a small machine. */
const pieceRowsMax = 1_000;
const pieceChunksMax = 32;

export type Merged = "merged" | "nothing" | { readonly damaged: number };

interface Run {
  readonly spans: readonly ChunkSpan[];
  readonly first: Chunk;
  readonly samples: readonly Sample[];
}

/**
 * Merges the oldest loose chunks of samples into one dense chunk of about `rowsMax` rows: 5,000 rows take a third of
 * the space of 25 chunks of 200, and a chart of a day unpacks 350 chunks instead of 8,640. Borders carry no meaning
 * to central, sequence numbers stay. Waits until there are rows for a whole one, or too many chunks. Enough
 * dense ones become a segment.
 * @returns the first sequence number of a chunk that cannot be read, for the caller to drop.
 */
export function* mergePieces(writer: LogWriter, rowsMax: number): Pieces<Merged> {
  const { log } = writer;
  const run = yield* gather(log, rowsMax);
  if (run === undefined || "damaged" in run) return run ?? "nothing";
  const { clock, firstSeq, shiftMs } = run.first;
  const packed = packSamples(run.samples, clock, firstSeq, rowsMax, packDense);
  const dense = shiftMs === undefined ? packed : packed.map((chunk) => shifted(chunk, shiftMs));
  yield;
  // Pruned or corrected meanwhile: the next call sees it as it is.
  if (!log.has("samples", run.spans)) return "merged";
  writer.together(() => {
    for (const span of run.spans) log.remove("samples", span.firstSeq);
    for (const chunk of dense) log.addSamples(chunk, true);
  });
  yield;
  joinNewest(writer);
  return "merged";
}

/**
 * Puts the newest `segmentPartsMax` dense chunks under one key, when there are as many behind the last segment. Their
 * contents are copied, not unpacked.
 */
function joinNewest(writer: LogWriter): void {
  const { log } = writer;
  const run: Chunk[] = [];
  for (const chunk of log.newestDense(segmentPartsMax)) {
    const newer = run[0];
    const fits = newer === undefined || (sameTimes(chunk, newer) && follow([chunk], newer));
    if (!fits || chunk.kept !== undefined || !isSoundDense(chunk)) break;
    run.unshift(chunk);
  }
  if (run.length < segmentPartsMax) return;
  const segment = segmentOf(run);
  if (segment === undefined) return;
  writer.together(() => {
    for (const part of run) log.remove("samples", part.firstSeq);
    log.addSamples(segment, true);
  });
}

/** Neighbours under one key; one alone stays what it is. Undefined: there is none. */
export function segmentOf(parts: readonly Chunk[]): NewChunk | undefined {
  const [first] = parts;
  const last = parts.at(-1);
  if (first === undefined || last === undefined) return undefined;
  if (parts.length === 1) return first;
  const { firstSeq, clock, shiftMs } = first;
  return {
    ...packSegment(joinChunks(parts)),
    ...{ firstSeq, lastSeq: last.lastSeq, clock },
    firstAt: Math.min(...parts.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...parts.map(({ lastAt }) => lastAt)),
    ...(shiftMs !== undefined && { shiftMs }),
  };
}

/** The oldest loose chunks that belong into one dense one, or undefined while they may still grow. */
function* gather(
  log: ChunkLog,
  rowsMax: number,
): Pieces<Run | { readonly damaged: number } | undefined> {
  const loose = log.spans("samples", log.denseThrough(), looseChunksMax + 1);
  if (loose.length <= looseChunksMax && rowsOf(loose) < rowsMax) return undefined;
  const run: Chunk[] = [];
  const samples: Sample[] = [];
  const gathered = () => {
    const [first] = run;
    return first && { first, samples, spans: loose.slice(0, run.length) };
  };
  let piece = { rows: 0, chunks: 0 };
  for (const { firstSeq } of loose) {
    const chunk = log.chunk("samples", firstSeq);
    if (chunk === undefined) break;
    const count = chunk.lastSeq - firstSeq + 1;
    const follows = run.length === 0 || (sameTimes(run[0], chunk) && follow(run, chunk));
    const isFull = run.length > 0 && samples.length + count > rowsMax;
    if (!follows || isFull) return gathered();
    const rows = readable(chunk);
    if (rows === undefined) return { damaged: firstSeq };
    run.push(chunk);
    for (const row of rows) samples.push(row);
    piece = { rows: piece.rows + count, chunks: piece.chunks + 1 };
    if (piece.rows < pieceRowsMax && piece.chunks < pieceChunksMax) continue;
    piece = { rows: 0, chunks: 0 };
    yield;
  }
  return samples.length >= rowsMax || loose.length > looseChunksMax ? gathered() : undefined;
}

/** Undefined: it is damaged. */
export function readable(chunk: Chunk): Sample[] | undefined {
  try {
    return readSamples(chunk);
  } catch (error) {
    if (error instanceof RackwatchError) return undefined;
    throw error;
  }
}

function isSoundDense(chunk: Chunk): boolean {
  return chunk.payload[0] === denseMark && isSound(chunk);
}

function follow(run: readonly Chunk[], chunk: Chunk): boolean {
  return run.at(-1)?.lastSeq === chunk.firstSeq - 1;
}

function sameTimes(left: Chunk | undefined, right: Chunk): boolean {
  const isCorrected = left?.shiftMs !== undefined;
  return isCorrected === (right.shiftMs !== undefined) && sameClock(left?.clock, right.clock);
}

/** The span of a chunk whose times lack that much. */
function shifted(chunk: NewChunk, shiftMs: number): NewChunk {
  const { firstAt, lastAt, clock } = chunk;
  return { ...chunk, shiftMs, ...shiftedSpan({ firstAt, lastAt }, clock.offsetMs, shiftMs) };
}

function sameClock(left: ClockMark | undefined, right: ClockMark): boolean {
  return (
    left?.boot === right.boot &&
    left.quality === right.quality &&
    Math.abs(left.offsetMs - right.offsetMs) <= sameClockMs
  );
}
