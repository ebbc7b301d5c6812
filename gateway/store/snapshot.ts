import type { PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { readSamples } from "./chunk.ts";
import type { Chunk, ClockMark, NumberedSample } from "./store.ts";

/**
 * Rows that a snapshot looks at, newest first: some minutes of a large gateway, decoded within some ten milliseconds. A
 * point that was silent for longer keeps what central knows of it.
 */
export const snapshotRowsMax = 20_000;

/** Reads chunks after a number, as `Outbox.read`. */
type ReadChunks = (afterSeq: number, rowsMax: number) => readonly Chunk[];

/** Newest sample of each point after `afterSeq`, by rising number. A damaged chunk is passed over: another reader reports it. */
export function newestSamples(
  read: ReadChunks,
  afterSeq: number,
  head: number,
): { readonly samples: readonly NumberedSample[]; readonly clock?: ClockMark } {
  const newest = new Map<PointKey, NumberedSample>();
  let clock: ClockMark | undefined;
  const from = Math.max(afterSeq, head - snapshotRowsMax);
  for (let next = from; next < head; ) {
    const chunks = read(next, snapshotRowsMax);
    for (const chunk of chunks) {
      clock = chunk.clock;
      for (const row of numbered(chunk)) if (row.seq > from) newest.set(row.sample.point, row);
    }
    const last = chunks.at(-1)?.lastSeq ?? head;
    if (last <= next) break;
    next = last;
  }
  const samples = [...newest.values()].sort((left, right) => left.seq - right.seq);
  return { samples, ...(clock === undefined ? {} : { clock }) };
}

function numbered(chunk: Chunk): readonly NumberedSample[] {
  try {
    return readSamples(chunk).map((sample, row) => ({
      seq: chunk.firstSeq + (chunk.kept?.[row] ?? row),
      sample,
    }));
  } catch (error) {
    if (error instanceof RackwatchError && error.code === "store/corrupt") return [];
    throw error;
  }
}
