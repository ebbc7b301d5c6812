import { constants, zstdCompressSync } from "node:zlib";
import type { Sample } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { AuditHead } from "../gateway/audit/entry.ts";
import { chainEvents } from "../gateway/store/chain.ts";
import { readEvents, readSamples } from "../gateway/store/chunk.ts";
import { encodeEvents, encodeSamples, eventRowsMax } from "../gateway/store/columns.ts";
import type { Chunk, ClockMark, GatewayEvent, Lane, Outbox } from "../gateway/store/store.ts";
import { type Batch, batchBytesMax, batchRowsMax, type Gap, schemaVersion } from "./protocol.ts";

/**
 * Clock marks of one boot this close share a block: slewing moves the offset by some milliseconds a flush, and a sample's
 * monotonic time is not needed closer. Wall-clock times are sent as they are.
 */
const sameClockMs = 100;

/** Level 3: higher ones saved under 2 % on sensor columns and cost up to three times the time. */
const zstdLevel = 3;

/** What to send next of one lane: rows, or that rows will never come. */
export type Portion =
  | { readonly kind: "batch"; readonly batch: Batch }
  | { readonly kind: "gap"; readonly gap: Gap; readonly damaged?: Chunk };

export interface PortionOf {
  readonly gateway: string;
  readonly epoch: string;
  readonly lane: Lane;
  /** How far central is. */
  readonly cursor: number;
  readonly rowsMax: number;
  /** Where the gateway's audit trail ends; goes with batches of events. */
  readonly audit?: AuditHead | undefined;
}

/**
 * The rows after the cursor, whole chunks merged into blocks and cut to `rowsMax`. A damaged chunk or a hole ends the
 * batch before it; as the first thing it is a gap. Undefined when central has everything.
 */
export function nextPortion(outbox: Outbox, of: PortionOf): Portion | undefined {
  const { lane, cursor } = of;
  const rowsMax = Math.max(1, Math.min(of.rowsMax, batchRowsMax));
  // Asked first: rows that are committed between the two questions are no hole.
  const head = outbox.head(lane);
  if (head <= cursor) return undefined;
  const chunks = outbox.read(lane, cursor, rowsMax);
  const [first] = chunks;
  const nextThere = first === undefined ? head + 1 : first.firstSeq;
  if (nextThere > cursor + 1) return gap(cursor + 1, nextThere - 1, "not-in-store");
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
}

interface Gathered<Row> {
  readonly firstSeq: number;
  readonly runs: readonly Run<Row>[];
  readonly chainBefore: string | undefined;
}

function gather<Row>(
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
    const all = readOrUndefined(chunk, read);
    if (all === undefined) {
      if (next > firstSeq) break;
      return gap(next, chunk.lastSeq, "corrupt", chunk);
    }
    const skipped = next - chunk.firstSeq;
    if (next === firstSeq) chainBefore = chainAt(chunk, all.slice(0, skipped));
    const rows = all.slice(skipped, skipped + room);
    append(runs, chunk, rows);
    next += rows.length;
  }
  return next === firstSeq
    ? undefined
    : { kind: "batch", batch: make(of, { firstSeq, runs, chainBefore }) };
}

function readOrUndefined<Row>(chunk: Chunk, read: (chunk: Chunk) => Row[]): Row[] | undefined {
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

function append<Row>(runs: Run<Row>[], { clock, lane }: Chunk, rows: readonly Row[]): void {
  const last = runs.at(-1);
  const rowsMax = lane === "events" ? eventRowsMax : batchRowsMax;
  if (
    last !== undefined &&
    sameClock(last.clock, clock) &&
    last.rows.length + rows.length <= rowsMax
  ) {
    for (const row of rows) last.rows.push(row);
  } else {
    runs.push({ clock, rows: [...rows] });
  }
}

function sameClock(left: ClockMark, right: ClockMark): boolean {
  return (
    left.boot === right.boot &&
    left.quality === right.quality &&
    Math.abs(left.offsetMs - right.offsetMs) <= sameClockMs
  );
}

function sampleBatch(of: PortionOf, { firstSeq, runs }: Gathered<Sample>): Batch {
  const blocks = runs.map(({ clock, rows }) => ({ clock, columns: encodeSamples(rows) }));
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
  const { gateway, epoch, lane } = of;
  const rows = runs.reduce((sum, run) => sum + run.rows.length, 0);
  return { schemaVersion, gateway, epoch, lane, firstSeq, lastSeq: firstSeq + rows - 1 } as const;
}

/** A batch as it travels; undefined when it is over `batchBytesMax` before compression and must be cut. */
export function pack(batch: Batch): Uint8Array | undefined {
  const text = Buffer.from(JSON.stringify(batch));
  if (text.length > batchBytesMax) return undefined;
  return zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: zstdLevel } });
}
