import type { Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { isSound, packDense, packSegment, readSamples } from "./chunk.ts";
import { denseMark } from "./dense-payload.ts";
import type { LogWriter } from "./log-writer.ts";
import { type NewChunk, packSamples } from "./packing.ts";
import { rowsOf } from "./retention.ts";
import { joinChunks, segmentPartsMax } from "./segment.ts";
import type { Chunk, ClockMark } from "./store.ts";
import { sameClockMs, shiftedSpan } from "./time-shift.ts";

/** Loose chunks that may wait for company: a history query unpacks each of them. */
const looseChunksMax = 512;

export type Merged = "merged" | "nothing" | { readonly damaged: number };

/**
 * Merges the oldest loose chunks of samples into one dense chunk of about `rowsMax` rows: 5,000 rows take a third of
 * the space of 25 chunks of 200, and a chart of a day unpacks 350 chunks instead of 8,640. Borders carry no meaning
 * to central, sequence numbers stay. Waits until there are rows for a whole one, or too many chunks. Enough
 * dense ones become a segment.
 * @returns the first sequence number of a chunk that cannot be read, for the caller to drop.
 */
export function mergeOldest(writer: LogWriter, rowsMax: number): Merged {
  const { log } = writer;
  const run = gather(writer, rowsMax);
  if (run === undefined) return "nothing";
  const samples: Sample[] = [];
  for (const chunk of run) {
    try {
      samples.push(...readSamples(chunk));
    } catch (error) {
      if (error instanceof RackwatchError) return { damaged: chunk.firstSeq };
      throw error;
    }
  }
  const clock = run[0]?.clock;
  if (clock === undefined) return "nothing";
  const shiftMs = run[0]?.shiftMs;
  const packed = packSamples(samples, clock, run[0]?.firstSeq ?? 0, rowsMax, packDense);
  const dense = shiftMs === undefined ? packed : packed.map((chunk) => shifted(chunk, shiftMs));
  writer.together(() => {
    for (const { firstSeq } of run) log.remove("samples", firstSeq);
    for (const chunk of dense) log.addSamples(chunk, true);
  });
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
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined || run.length < segmentPartsMax) return;
  const { firstSeq, clock, shiftMs } = first;
  const segment: NewChunk = {
    ...packSegment(joinChunks(run)),
    ...{ firstSeq, lastSeq: last.lastSeq, clock },
    firstAt: Math.min(...run.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...run.map(({ lastAt }) => lastAt)),
    ...(shiftMs !== undefined && { shiftMs }),
  };
  writer.together(() => {
    for (const part of run) log.remove("samples", part.firstSeq);
    log.addSamples(segment, true);
  });
}

/** The oldest loose chunks that belong into one dense one, or undefined while they may still grow. */
function gather(writer: LogWriter, rowsMax: number): Chunk[] | undefined {
  const loose = writer.log.spans("samples", writer.log.denseThrough(), looseChunksMax + 1);
  if (loose.length <= looseChunksMax && rowsOf(loose) < rowsMax) return undefined;
  const run: Chunk[] = [];
  let rows = 0;
  for (const { firstSeq, lastSeq } of loose) {
    const count = lastSeq - firstSeq + 1;
    const chunk = writer.log.chunk("samples", firstSeq);
    if (chunk === undefined) break;
    const follows = run.length === 0 || (sameTimes(run[0], chunk) && follow(run, chunk));
    if (!follows || (run.length > 0 && rows + count > rowsMax)) return run;
    run.push(chunk);
    rows += count;
  }
  return rows >= rowsMax || loose.length > looseChunksMax ? run : undefined;
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
