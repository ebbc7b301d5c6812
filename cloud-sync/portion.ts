import { promisify } from "node:util";
import { constants, zstdCompress, zstdCompressSync } from "node:zlib";
import type { EpochMs, Sample } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { AuditHead } from "../gateway/audit/entry.ts";
import { chainEvents } from "../gateway/store/chain.ts";
import { readColumns, readEvents, readSamples } from "../gateway/store/chunk.ts";
import {
  encodeEvents,
  encodeSamples,
  eventRowsMax,
  firstTimeOf,
  type SampleColumns,
} from "../gateway/store/columns.ts";
import { isSegment } from "../gateway/store/segment.ts";
import type { Chunk, ClockMark, GatewayEvent, Lane, Outbox } from "../gateway/store/store.ts";
import {
  type Batch,
  batchBytesMax,
  batchRowsLimit,
  batchRowsMax,
  type Gap,
  schemaVersion,
} from "./protocol.ts";

/**
 * Clock marks of one boot this close share a block: slewing moves the offset by some milliseconds a flush, and a sample's
 * monotonic time is not needed closer. Wall-clock times are sent as they are.
 */
const sameClockMs = 100;

/**
 * Chunks of so many rows travel as their columns are, a block each: nothing is won by joining them, and to build and
 * take apart their rows was three quarters of the agent's work in a catch-up.
 */
const wholeRowsMin = 2_000;

/** A batch that is this full ends before a chunk that would be cut: chunks that follow go whole. */
const borderShareMin = 1 / 4;

/** Level 3: higher ones saved under 2 % on sensor columns and cost up to three times the time. */
const zstdLevel = 3;
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: zstdLevel } };

/** Less is compressed in the time that the way to another thread and back takes. */
const asideBytesMin = 16 * 1_024;

const compressAside = promisify(zstdCompress);

/** What to send next of one lane: rows, or that rows will never come. */
export type Portion =
  | {
      readonly kind: "batch";
      readonly batch: Batch;
      /** When its first row was taken, by the clock of that moment. */
      readonly firstAt: EpochMs;
    }
  | { readonly kind: "gap"; readonly gap: Gap; readonly damaged?: Chunk };

export interface PortionOf {
  readonly gateway: string;
  readonly epoch: string;
  readonly lane: Lane;
  /** How far central is. */
  readonly cursor: number;
  readonly rowsMax: number;
  /** What central speaks: version 1 knows no thinned blocks. Absent: the newest. */
  readonly version?: Batch["schemaVersion"];
  /** Where the gateway's audit trail ends; goes with batches of events. */
  readonly audit?: AuditHead | undefined;
}

/**
 * The rows after the cursor, whole chunks merged into blocks and cut to `rowsMax` numbers. A damaged chunk or a hole ends the
 * batch before it; as the first thing it is a gap. Undefined when central has everything.
 */
export function nextPortion(outbox: Outbox, of: PortionOf): Portion | undefined {
  const { lane, cursor } = of;
  const rowsMax = Math.max(1, Math.min(of.rowsMax, batchRowsLimit));
  // Asked first: rows that are committed between the two questions are no hole.
  const head = outbox.head(lane);
  if (head <= cursor) return undefined;
  const chunks = outbox.read(lane, cursor, rowsMax);
  const [first] = chunks;
  if (first === undefined) {
    // Nothing at all: all of it went, or the database has become another one between the questions.
    return outbox.first(lane) > head ? gap(cursor + 1, head, "not-in-store") : undefined;
  }
  if (first.firstSeq > cursor + 1) return gap(cursor + 1, first.firstSeq - 1, "not-in-store");
  return lane === "samples"
    ? gather<Sample>(of, chunks, rowsMax, readSamples, sampleBatch)
    : gather<GatewayEvent>(of, chunks, rowsMax, readEvents, eventBatch);
}

function gap(firstSeq: number, lastSeq: number, reason: Gap["reason"], damaged?: Chunk): Portion {
  const found = { kind: "gap", gap: { firstSeq, lastSeq, reason } } as const;
  return damaged === undefined ? found : { ...found, damaged };
}

interface Run<Row> {
  readonly clock: ClockMark;
  readonly rows: Row[];
  /** Place of each row, where some are missing. */
  readonly kept: number[] | undefined;
  /** Numbers that the run covers. */
  count: number;
  /** A whole chunk: its rows were not built. */
  readonly columns?: SampleColumns;
}

interface Gathered<Row> {
  readonly firstSeq: number;
  readonly runs: readonly Run<Row>[];
  readonly chainBefore: string | undefined;
}

function gather<Row extends Sample | GatewayEvent>(
  of: PortionOf,
  chunks: readonly Chunk[],
  rowsMax: number,
  read: (chunk: Chunk) => Row[],
  make: (of: PortionOf, gathered: Gathered<Row>) => Batch,
): Portion | undefined {
  const runs: Run<Row>[] = [];
  const firstSeq = of.cursor + 1;
  let next = firstSeq;
  let chainBefore: string | undefined;
  for (const chunk of chunks) {
    if (chunk.lastSeq < next) continue;
    const room = firstSeq + rowsMax - next;
    if (chunk.firstSeq > next || room <= 0) break;
    if (isLong(chunk) && cuts(chunk, next, room) && next - firstSeq >= rowsMax * borderShareMin) {
      break;
    }
    if (goesWhole(chunk, next, room, of.version ?? schemaVersion)) {
      const columns = readOrUndefined(chunk, readColumns);
      if (columns !== undefined) {
        const { clock, kept, lastSeq } = chunk;
        runs.push({ clock, rows: [], kept: kept && [...kept], count: lastSeq - next + 1, columns });
        next = lastSeq + 1;
        continue;
      }
    }
    const all = readOrUndefined(chunk, read);
    if (all === undefined) {
      if (next > firstSeq) break;
      return gap(next, chunk.lastSeq, "corrupt", chunk);
    }
    const skipped = next - chunk.firstSeq;
    if (next === firstSeq) chainBefore = chainAt(chunk, all.slice(0, skipped));
    const piece = pieceOf(chunk, all, skipped, room, of.version ?? schemaVersion);
    if (piece.rows.length === 0) {
      if (next > firstSeq) break;
      return gap(next, next + piece.count - 1, of.version === 1 ? "not-in-store" : "thinned");
    }
    append(runs, chunk, piece);
    next += piece.count;
  }
  const firstAt = firstAtOf(runs[0]);
  if (firstAt === undefined) return undefined;
  return { kind: "batch", batch: make(of, { firstSeq, runs, chainBefore }), firstAt };
}

function firstAtOf(run: Run<Sample | GatewayEvent> | undefined): EpochMs | undefined {
  if (run?.columns !== undefined) return firstTimeOf(run.columns);
  const first = run?.rows[0];
  if (first === undefined) return undefined;
  return "at" in first ? first.at : first.sampledAt;
}

/** Of samples, and long enough to be a block of its own. */
function isLong({ lane, firstSeq, lastSeq, payload }: Chunk): boolean {
  const count = lastSeq - firstSeq + 1;
  const isBlock = count >= wholeRowsMin && count <= batchRowsMax;
  return lane === "samples" && isBlock && !isSegment(payload);
}

function cuts({ lastSeq }: Chunk, next: number, room: number): boolean {
  return lastSeq - next + 1 > room;
}

function goesWhole(chunk: Chunk, next: number, room: number, version: number): boolean {
  // One of which thinning left nothing is a gap.
  const isKnown = chunk.kept === undefined || (version > 1 && chunk.kept.length > 0);
  return isLong(chunk) && chunk.firstSeq === next && !cuts(chunk, next, room) && isKnown;
}

/** A stretch of a chunk. Without rows: so many numbers that thinning left none of. */
interface Piece<Row> {
  readonly rows: readonly Row[];
  readonly kept: readonly number[] | undefined;
  readonly count: number;
}

function pieceOf<Row>(
  { kept, firstSeq, lastSeq }: Chunk,
  all: readonly Row[],
  skipped: number,
  room: number,
  version: Batch["schemaVersion"],
): Piece<Row> {
  if (kept === undefined) {
    const rows = all.slice(skipped, skipped + room);
    return { rows, kept, count: rows.length };
  }
  const size = lastSeq - firstSeq + 1;
  const end = Math.min(size, skipped + room);
  const from = kept.findIndex((place) => place >= skipped);
  const there = from === -1 ? size : (kept[from] ?? size);
  if (there >= end || (version === 1 && there > skipped)) {
    return { rows: [], kept, count: there - skipped };
  }
  let until = from;
  // Version 1 has no word for a hole within a batch: it ends before one.
  const ends = (place: number) => (version === 1 ? place !== skipped + until - from : place >= end);
  while (until < kept.length && !ends(kept[until] ?? end)) until += 1;
  const rows = all.slice(from, until);
  if (version === 1) {
    const taken = rows.slice(0, room);
    return { rows: taken, kept: undefined, count: taken.length };
  }
  const places = kept.slice(from, until).map((place) => place - skipped);
  return { rows, kept: places, count: end - skipped };
}

function readOrUndefined<T>(chunk: Chunk, read: (chunk: Chunk) => T): T | undefined {
  try {
    return read(chunk);
  } catch (error) {
    if (error instanceof RackwatchError && error.code === "store/corrupt") return undefined;
    throw error;
  }
}

/** The chain before a row within a chunk, from the rows before it. */
function chainAt(chunk: Chunk, skipped: readonly unknown[]): string | undefined {
  if (chunk.lane !== "events" || chunk.chainBefore === undefined) return undefined;
  const events = skipped.length === 0 ? [] : readEvents(chunk).slice(0, skipped.length);
  return chainEvents(chunk.chainBefore, chunk.firstSeq, events);
}

function append<Row>(runs: Run<Row>[], { clock, lane }: Chunk, piece: Piece<Row>): void {
  const { rows, kept, count } = piece;
  const last = runs.at(-1);
  const rowsMax = lane === "events" ? eventRowsMax : batchRowsMax;
  const joins =
    last !== undefined &&
    last.columns === undefined &&
    sameClock(last.clock, clock) &&
    (last.kept === undefined) === (kept === undefined) &&
    last.rows.length + rows.length <= rowsMax;
  if (!joins) {
    runs.push({ clock, rows: [...rows], kept: kept === undefined ? undefined : [...kept], count });
    return;
  }
  for (const row of rows) last.rows.push(row);
  for (const place of kept ?? []) last.kept?.push(last.count + place);
  last.count += count;
}

function sameClock(left: ClockMark, right: ClockMark): boolean {
  return (
    left.boot === right.boot &&
    left.quality === right.quality &&
    Math.abs(left.offsetMs - right.offsetMs) <= sameClockMs
  );
}

function sampleBatch(of: PortionOf, { firstSeq, runs }: Gathered<Sample>): Batch {
  const blocks = runs.map(({ clock, rows, kept, count, columns }) => ({
    clock,
    columns: columns ?? encodeSamples(rows),
    ...(kept === undefined ? {} : { thinned: { count, kept } }),
  }));
  return { ...heading(of, firstSeq, runs), blocks };
}

function eventBatch(of: PortionOf, { firstSeq, runs, chainBefore }: Gathered<GatewayEvent>): Batch {
  const blocks = runs.map(({ clock, rows }) => ({ clock, columns: encodeEvents(rows) }));
  const anchor = of.audit === undefined || of.audit.seq === 0 ? {} : { audit: of.audit };
  const batch = { ...heading(of, firstSeq, runs), blocks, ...anchor };
  if (chainBefore === undefined) return batch;
  const events = runs.flatMap(({ rows }) => rows);
  const after = chainEvents(chainBefore, firstSeq, events);
  return { ...batch, chain: { before: chainBefore, after } };
}

function heading(of: PortionOf, firstSeq: number, runs: readonly Run<unknown>[]) {
  const { gateway, epoch, lane, version = schemaVersion } = of;
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  const lastSeq = firstSeq + count - 1;
  return { schemaVersion: version, gateway, epoch, lane, firstSeq, lastSeq } as const;
}

/** A batch as it travels; undefined when it is over `bytesMax` before compression and must be cut. */
export function pack(batch: Batch, bytesMax: number = batchBytesMax): Uint8Array | undefined {
  const text = Buffer.from(JSON.stringify(batch));
  return text.length > bytesMax ? undefined : compress(text);
}

/** The same, larger ones compressed by another thread: meanwhile the agent hears what central and the gateway say. */
export async function packAside(
  batch: Batch,
  bytesMax: number = batchBytesMax,
): Promise<Uint8Array | undefined> {
  const text = Buffer.from(JSON.stringify(batch));
  if (text.length > bytesMax) return undefined;
  if (text.length < asideBytesMin) return compress(text);
  return compressAside(text, { ...zstdOptions, pledgedSrcSize: text.length });
}

export function compress(text: Uint8Array): Uint8Array {
  return zstdCompressSync(text, zstdOptions);
}
