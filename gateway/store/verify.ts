import { isSound } from "./chunk.ts";
import type { ChunkLog } from "./chunk-log.ts";
import { type Lane, lanes } from "./store.ts";

/** Goes through all chunks of both lanes, some per step, and begins again at the end. */
export function verifyChunks() {
  let lane: Lane = "events";
  let after = 0;
  return {
    /** @returns chunks whose content does not match its hash. */
    step(log: ChunkLog, chunksMax: number): { readonly lane: Lane; readonly firstSeq: number }[] {
      const spans = log.spans(lane, after, chunksMax);
      const checked = lane;
      const damaged = spans.filter(({ firstSeq }) => isDamaged(log, checked, firstSeq));
      after = spans.at(-1)?.firstSeq ?? 0;
      if (spans.length < chunksMax) {
        lane = lanes[(lanes.indexOf(lane) + 1) % lanes.length] ?? "events";
        after = 0;
      }
      return damaged.map(({ firstSeq }) => ({ lane: checked, firstSeq }));
    },
  };
}

function isDamaged(log: ChunkLog, lane: Lane, firstSeq: number): boolean {
  const chunk = log.chunk(lane, firstSeq);
  if (chunk === undefined) return false;
  return !isSound(chunk);
}
