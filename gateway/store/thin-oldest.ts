import { packDense } from "./chunk.ts";
import type { ChunkSpan } from "./chunk-log.ts";
import { readable, segmentOf } from "./dense.ts";
import type { LogWriter } from "./log-writer.ts";
import type { NewChunk } from "./packing.ts";
import type { Pieces } from "./pieces.ts";
import { gapEvent } from "./retention.ts";
import type { Chunk } from "./store.ts";
import { Thinning, thinBucketsMs } from "./thinning.ts";

/** Chunks that are looked at for one that can be thinned. */
const lookedAtMax = 64;

export interface Thinned {
  /** Rows that went. */
  readonly rows: number;
  readonly bytes: number;
}

export interface ThinningPlace {
  readonly writer: LogWriter;
  /** Highest number that central has. */
  readonly confirmed: () => number;
  readonly instant: () => { readonly at: number; readonly mono: number };
}

interface Candidate {
  readonly span: ChunkSpan;
  readonly bucketMs: number;
}

/** The oldest merged chunk that central never had and that can be thinned: first all to five minutes, then to an hour. */
export function nextToThin({ writer, confirmed }: ThinningPlace): Candidate | undefined {
  const { log, clock } = writer;
  // Without a clock mark (nothing was committed yet) there is no time to say it at.
  if (clock === undefined) return undefined;
  const through = log.denseThrough();
  for (const bucketMs of thinBucketsMs) {
    const after = Math.max(confirmed(), log.thinnedThrough(bucketMs));
    const span = log
      .spans("samples", after, lookedAtMax)
      .find(({ lastSeq }) => lastSeq <= through && lastSeq < writer.head("samples"));
    if (span !== undefined) return { span, bucketMs };
  }
  return undefined;
}

/**
 * Thins the next chunk or segment of samples that central never had, and says so in the events lane in the same
 * transaction. Sequence numbers stay. Each piece takes up to 5,000 rows.
 * @returns undefined when nothing is left to thin; the first number of a chunk that is damaged, for the caller to drop.
 */
export function* thinPieces(
  place: ThinningPlace,
): Pieces<Thinned | { readonly damaged: number } | undefined> {
  const { writer, confirmed, instant } = place;
  const { log, clock } = writer;
  const next = nextToThin(place);
  if (next === undefined || clock === undefined) return undefined;
  const { span, bucketMs } = next;
  const { firstSeq, lastSeq } = span;
  const parts = log.parts("samples", firstSeq);
  yield;
  const thinning = new Thinning(bucketMs);
  for (const part of parts) {
    const samples = readable(part);
    if (samples === undefined) return { damaged: firstSeq };
    thinning.add(samples);
    yield;
  }
  const rewritten = yield* rewrite(parts, thinning);
  // Pruned, corrected or sent meanwhile.
  if (confirmed() >= firstSeq || !log.has("samples", [span])) return nothing;
  const rows =
    rewritten === undefined
      ? 0
      : parts.reduce((sum, part) => sum + rowsIn(part), 0) - rewritten.rows;
  if (rewritten === undefined || rows === 0) {
    writer.together(() => log.noteThinned(bucketMs, lastSeq));
    return nothing;
  }
  const { kind, at, mono, body } = gapEvent("samples", [span], "thinned", instant());
  const event = { kind, at, mono, body: { ...body, count: rows, bucketMs } };
  writer.write({ clock, samples: [], events: [event], state: new Map() }, () => {
    log.remove("samples", firstSeq);
    log.addSamples(rewritten.chunk, true);
    log.noteThinned(bucketMs, lastSeq);
  });
  return { rows, bytes: span.bytes - rewritten.chunk.payload.length };
}

const nothing: Thinned = { rows: 0, bytes: 0 };

/** Undefined: it would not fit. */
function* rewrite(
  parts: readonly Chunk[],
  thinning: Thinning,
): Pieces<{ readonly chunk: NewChunk; readonly rows: number } | undefined> {
  const left = thinning.end();
  yield;
  const next: Chunk[] = [];
  let before = 0;
  let at = 0;
  for (const part of parts) {
    const end = before + rowsIn(part);
    const own: (typeof left)[number][] = [];
    for (let row = left[at]; row !== undefined && row.place < end; row = left[at]) {
      own.push(row);
      at += 1;
    }
    const packed = packDense(own.map(({ sample }) => sample));
    if (packed === undefined) return undefined;
    const places = own.map(({ place }) => place - before);
    next.push({ ...part, ...packed, kept: places.map((place) => part.kept?.[place] ?? place) });
    before = end;
    yield;
  }
  const chunk = segmentOf(next);
  yield;
  return chunk && { chunk, rows: left.length };
}

function rowsIn({ kept, firstSeq, lastSeq }: Chunk): number {
  return kept?.length ?? lastSeq - firstSeq + 1;
}
