import type { ChunkSpan } from "./chunk-log.ts";
import type { LogWriter } from "./log-writer.ts";
import type { GatewayEvent, Lane } from "./store.ts";

/** Chunks that one pruning deletes at most in each lane, so that it holds up nobody; the next one goes on. */
export const pruneChunksMax = 500;

/** Samples that central never had go only when they are at least so much: those of the last seconds make no room. */
const lossBytesMin = 16_384;

/** A chunk's row besides its payload, roughly: keys, times, hash, boot. */
const chunkOverheadBytes = 200;

/** Why rows went that central never had. */
export type GapReason = "size" | "corrupt" | "memory" | "thinned";

/**
 * How many of the oldest chunks age lets go: those up to the last one that is confirmed and old. Times of a clock that was
 * not synchronized, and not corrected later, say nothing of age: such chunks neither go by themselves nor stop what follows.
 */
export function expired(spans: readonly ChunkSpan[], confirmed: number, oldBefore: number): number {
  return (
    spans.findLastIndex(
      ({ lastSeq, lastAt, clockQuality, shiftMs }) =>
        lastSeq <= confirmed &&
        lastAt < oldBefore &&
        (clockQuality === "synchronized" || shiftMs !== null),
    ) + 1
  );
}

/** How many of the oldest chunks must go to free about `bytes`. */
export function enough(spans: readonly ChunkSpan[], bytes: number): number {
  let freed = 0;
  let count = 0;
  for (const span of spans) {
    if (freed >= bytes) break;
    freed += span.bytes + chunkOverheadBytes;
    count += 1;
  }
  return count;
}

type Span = Pick<ChunkSpan, "firstSeq" | "lastSeq" | "firstAt" | "lastAt">;

/** What central needs to know of rows that it will never get. */
export function gapEvent(
  lane: Lane,
  spans: readonly Span[],
  reason: GapReason,
  instant: { readonly at: number; readonly mono: number },
): GatewayEvent {
  const first = spans[0];
  const last = spans.at(-1);
  const body = {
    lane,
    firstSeq: first?.firstSeq ?? 0,
    lastSeq: last?.lastSeq ?? 0,
    count: rowsOf(spans),
    firstAt: Math.min(...spans.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...spans.map(({ lastAt }) => lastAt)),
    reason,
  };
  return { kind: "gap", ...instant, body };
}

export function rowsOf(spans: readonly Span[]): number {
  return spans.reduce((rows, { firstSeq, lastSeq }) => rows + lastSeq - firstSeq + 1, 0);
}

/** The oldest chunks that may go at all: never the newest of a lane, which carries its head. */
function candidates(writer: LogWriter, lane: Lane): ChunkSpan[] {
  const spans = writer.log.spans(lane, 0, pruneChunksMax);
  return spans.at(-1)?.lastSeq === writer.head(lane) ? spans.slice(0, -1) : spans;
}

function remove(writer: LogWriter, lane: Lane, spans: readonly ChunkSpan[]): void {
  for (const { firstSeq } of spans) writer.log.remove(lane, firstSeq);
}

/** Deletes by age what is confirmed. @returns rows that went. */
export function pruneByAge(
  writer: LogWriter,
  lane: Lane,
  confirmed: number,
  oldBefore: number,
): number {
  const spans = candidates(writer, lane);
  const going = spans.slice(0, expired(spans, confirmed, oldBefore));
  if (going.length > 0) writer.together(() => remove(writer, lane, going));
  return rowsOf(going);
}

/** Frees about `bytes` of confirmed rows. @returns rows and bytes that went. */
export function pruneConfirmed(writer: LogWriter, lane: Lane, confirmed: number, bytes: number) {
  const spans = candidates(writer, lane).filter(({ lastSeq }) => lastSeq <= confirmed);
  return removed(writer, lane, spans.slice(0, enough(spans, bytes)));
}

function removed(writer: LogWriter, lane: Lane, going: readonly ChunkSpan[]) {
  if (going.length > 0) writer.together(() => remove(writer, lane, going));
  return { rows: rowsOf(going), bytes: bytesOf(going) };
}

function bytesOf(spans: readonly ChunkSpan[]): number {
  return spans.reduce((sum, span) => sum + span.bytes + chunkOverheadBytes, 0);
}

/**
 * Frees about `bytes` of samples that central never had, and says so in the events lane in the same transaction.
 * Without a clock mark (nothing was committed yet) nothing goes.
 */
export function dropSamples(
  writer: LogWriter,
  confirmed: number,
  bytes: number,
  instant: { readonly at: number; readonly mono: number },
): number {
  const spans = candidates(writer, "samples").filter(({ lastSeq }) => lastSeq > confirmed);
  const going = spans.slice(0, enough(spans, bytes));
  if (bytesOf(going) < Math.min(bytes, lossBytesMin)) return 0;
  if (going.length === 0) return 0;
  return dropWithGap(writer, "samples", going, "size", instant) ? rowsOf(going) : 0;
}

/** False when there is no clock mark yet, and then nothing went. */
function dropWithGap(
  writer: LogWriter,
  lane: Lane,
  spans: readonly ChunkSpan[],
  reason: GapReason,
  instant: { readonly at: number; readonly mono: number },
): boolean {
  const { clock } = writer;
  if (clock === undefined) return false;
  const events = [gapEvent(lane, spans, reason, instant)];
  writer.write({ clock, samples: [], events, state: new Map() }, () => remove(writer, lane, spans));
  return true;
}
