import { isSound } from "./chunk.ts";
import type { ChunkLog } from "./chunk-log.ts";
import type { LogWriter } from "./log-writer.ts";
import { gapEvent } from "./retention.ts";
import { isSegment } from "./segment.ts";
import type { Chunk, Lane } from "./store.ts";

/** Parts of a damaged segment that are as they were written; none where its head or index is damaged. */
export function soundParts(log: ChunkLog, firstSeq: number): readonly Chunk[] {
  const chunk = log.chunk("samples", firstSeq);
  // A damaged head (`LaneTable`) has no hash, and its boot and clock are not believed either.
  if (chunk === undefined || chunk.hash === "" || !isSegment(chunk.payload)) return [];
  return log.parts("samples", firstSeq).filter(isSound);
}

/**
 * Takes what is damaged out of a lane and leaves a gap for each part; sound parts of a segment stay under their numbers.
 * @returns false when nothing went: it is sound and of another version, it is the newest of its lane, or nothing was
 * committed yet that says the time.
 */
export function dropDamaged(
  writer: LogWriter,
  lane: Lane,
  firstSeq: number,
  instant: { readonly at: number; readonly mono: number },
): boolean {
  const { log, clock } = writer;
  const chunk = log.chunk(lane, firstSeq);
  if (chunk === undefined || clock === undefined) return false;
  // Its own last number may be what is damaged: beyond the lane's head, or not where the next chunk begins.
  if (isSound(chunk) || chunk.lastSeq >= writer.head(lane)) return false;
  const left = lane === "samples" ? soundParts(log, firstSeq) : [];
  const parts = left.length === 0 ? [chunk] : log.parts(lane, firstSeq);
  const lost = parts.filter((part) => !isSound(part));
  const events = lost.map((part) => gapEvent(lane, [part], "corrupt", instant));
  writer.write({ clock, samples: [], events, state: new Map() }, () => {
    log.remove(lane, firstSeq);
    for (const part of left) log.addSamples(part, true);
  });
  return true;
}
