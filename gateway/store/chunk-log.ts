import type Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import { genesis } from "./chain.ts";
import { isHeadSound, payloadHash, sealed } from "./head-check.ts";
import { packKept, unpackKept } from "./kept.ts";
import { readMeta, writeMeta } from "./meta.ts";
import type { NewChunk, NewEventChunk } from "./packing.ts";
import { isSegment, splitSegment } from "./segment.ts";
import { type Chunk, type ClockQuality, type Lane, lanes } from "./store.ts";

/** Bytes of one answer to the outbox: the agent's memory must hold it, and one batch on the wire is smaller. */
const readBytesMax = 4 * 1_048_576;

const tables: Readonly<Record<Lane, string>> = { events: "event_chunk", samples: "sample_chunk" };

/** What is known of a chunk without reading its content. */
export interface ChunkSpan {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly clockQuality: ClockQuality;
  /** As `Chunk.shiftMs`; null: nothing. */
  readonly shiftMs: number | null;
  readonly bytes: number;
}

interface ChunkRow {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly boot: string;
  readonly offset_ms: number;
  readonly clock_quality: ClockQuality;
  readonly hash: Buffer;
  readonly payload: Buffer;
  readonly shift_ms: number | null;
  readonly kept?: string | null;
  readonly chain_before?: Buffer;
}

const head = "first_seq, last_seq, first_at, last_at, boot, offset_ms, clock_quality, hash";
const spanColumns = `first_seq AS firstSeq, last_seq AS lastSeq, first_at AS firstAt,
  last_at AS lastAt, clock_quality AS clockQuality, shift_ms AS shiftMs, length(payload) AS bytes`;

/** The statements of one lane's table. */
class LaneTable {
  readonly #db: Database.Database;
  readonly #table: string;
  readonly #columns: string;
  /** Prepared once: preparing anew was a twelfth of the time of a history query. */
  readonly #ones = new Map<string, Database.Statement<number[], ChunkRow>>();

  constructor(db: Database.Database, lane: Lane) {
    this.#db = db;
    this.#table = tables[lane];
    this.#columns = `${head}, payload, shift_ms, ${lane === "events" ? "chain_before" : "kept"}`;
  }

  one(condition: string, ...values: readonly number[]): ChunkRow | undefined {
    let statement = this.#ones.get(condition);
    if (statement === undefined) {
      statement = this.#select<ChunkRow>(this.#columns, condition);
      this.#ones.set(condition, statement);
    }
    const row = statement.get(...values);
    return row === undefined || isHeadSound(row) ? row : this.#bounded(row);
  }

  /** A chunk whose head is damaged: it can be no longer than up to the next one, and its content is not believed. */
  #bounded(row: ChunkRow): ChunkRow {
    const next = this.spans("first_seq > ? ORDER BY first_seq LIMIT 1", row.first_seq)[0];
    const lastSeq = next === undefined ? row.last_seq : next.firstSeq - 1;
    return { ...row, last_seq: lastSeq, hash: Buffer.alloc(0), kept: null };
  }

  spans(condition: string, ...values: readonly number[]): ChunkSpan[] {
    return this.#select<ChunkSpan>(spanColumns, condition).all(...values);
  }

  head(): number {
    const row = this.#select<{ last_seq: number }>("last_seq", "1 ORDER BY first_seq DESC LIMIT 1");
    return row.get()?.last_seq ?? 0;
  }

  first(): number | undefined {
    return this.#select<{ first_seq: number }>("first_seq", "1 ORDER BY first_seq LIMIT 1").get()
      ?.first_seq;
  }

  remove(firstSeq: number): void {
    this.#db.prepare<[number]>(`DELETE FROM ${this.#table} WHERE first_seq = ?`).run(firstSeq);
  }

  #select<Row>(columns: string, condition: string) {
    return this.#db.prepare<number[], Row>(
      `SELECT ${columns} FROM ${this.#table} WHERE ${condition}`,
    );
  }
}

/** The log's two tables over one connection. Writes belong into a transaction of the caller. */
export class ChunkLog {
  readonly #lanes: Readonly<Record<Lane, LaneTable>>;
  readonly #db: Database.Database;
  /** Made when they are needed: who only reads may have an older schema before it. */
  #insertSamples: Database.Statement<unknown[]> | undefined;
  #insertEvents: Database.Statement<unknown[]> | undefined;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#lanes = { events: new LaneTable(db, "events"), samples: new LaneTable(db, "samples") };
  }

  addSamples(chunk: NewChunk, dense: boolean): void {
    const { payload, shiftMs, kept } = chunk;
    const places = kept === undefined ? null : packKept(kept);
    this.#insertSamples ??= this.#db.prepare(
      `INSERT INTO sample_chunk (${head}, dense, payload, shift_ms, kept)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertSamples.run(...headOf(chunk), dense ? 1 : 0, payload, shiftMs ?? null, places);
  }

  addEvents(chunk: NewEventChunk): void {
    const chain = [chunk.chainBefore, chunk.chainAfter].map((hash) => Buffer.from(hash, "hex"));
    this.#insertEvents ??= this.#db.prepare(
      `INSERT INTO event_chunk (${head}, chain_before, chain_after, payload)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertEvents.run(...headOf(chunk), ...chain, chunk.payload);
  }

  head(lane: Lane): number {
    return this.#lanes[lane].head();
  }

  /** As `Outbox.first`. */
  first(lane: Lane): number {
    return this.#lanes[lane].first() ?? this.head(lane) + 1;
  }

  /** Hash of the events' chain after the newest event. */
  chain(): string {
    const row = this.#db
      .prepare<[], { chain_after: Buffer }>(
        "SELECT chain_after FROM event_chunk ORDER BY first_seq DESC LIMIT 1",
      )
      .get();
    return row?.chain_after.toString("hex") ?? genesis;
  }

  /**
   * As `Outbox.read`, from one snapshot: chunks that are merged meanwhile are seen before or after it, never both. Of a
   * segment only the parts that are asked for; a damaged one as it is.
   */
  read(lane: Lane, afterSeq: number, rowsMax: number): Chunk[] {
    return this.#db.transaction(() => {
      const chunks: Chunk[] = [];
      let rows = 0;
      let bytes = 0;
      let row = this.#covering(lane, afterSeq + 1);
      while (row !== undefined) {
        for (const chunk of partsOf(chunkOf(lane, row))) {
          if (chunk.lastSeq <= afterSeq) continue;
          rows += chunk.lastSeq - chunk.firstSeq + 1;
          bytes += chunk.payload.length;
          if (chunks.length > 0 && (rows > rowsMax || bytes > readBytesMax)) return chunks;
          chunks.push(chunk);
        }
        if (rows >= rowsMax) break;
        row = this.#lanes[lane].one("first_seq > ? ORDER BY first_seq LIMIT 1", row.last_seq);
      }
      return chunks;
    })();
  }

  /** A chunk, or the parts of a segment, by its first sequence number. */
  parts(lane: Lane, firstSeq: number): readonly Chunk[] {
    const chunk = this.chunk(lane, firstSeq);
    return chunk === undefined ? [] : partsOf(chunk);
  }

  /** The newest `limit` dense chunks, newest first. */
  newestDense(limit: number): readonly Chunk[] {
    const chunks: Chunk[] = [];
    const { samples } = this.#lanes;
    let row = samples.one("first_seq <= ? ORDER BY first_seq DESC LIMIT 1", this.denseThrough());
    while (row !== undefined && chunks.length < limit) {
      chunks.push(chunkOf("samples", row));
      row = samples.one("first_seq < ? ORDER BY first_seq DESC LIMIT 1", row.first_seq);
    }
    return chunks;
  }

  /** One chunk by its first sequence number; a segment is one. */
  chunk(lane: Lane, firstSeq: number): Chunk | undefined {
    const row = this.#lanes[lane].one("first_seq = ?", firstSeq);
    return row === undefined ? undefined : chunkOf(lane, row);
  }

  /** Oldest chunks of the lane that begin after `afterSeq`, without their content. */
  spans(lane: Lane, afterSeq: number, limit: number): ChunkSpan[] {
    return this.#lanes[lane].spans("first_seq > ? ORDER BY first_seq LIMIT ?", afterSeq, limit);
  }

  /** Whether these neighbours are there as they were when they were looked at. */
  has(lane: Lane, looked: readonly ChunkSpan[]): boolean {
    const spans = this.spans(lane, (looked[0]?.firstSeq ?? 0) - 1, looked.length);
    return looked.every((was, index) => {
      const is = spans[index];
      return (
        is?.firstSeq === was.firstSeq &&
        is.lastSeq === was.lastSeq &&
        is.shiftMs === was.shiftMs &&
        is.bytes === was.bytes
      );
    });
  }

  /** Chunks of samples that touch a time, oldest first: dense ones by their index, the few others by looking at all. */
  samplesWithin(from: number, to: number, looseAfter: number, limit: number): ChunkSpan[] {
    const { samples } = this.#lanes;
    const within = "last_at >= ? AND first_at <= ?";
    const dense = samples.spans(
      `dense = 1 AND ${within} ORDER BY first_seq LIMIT ?`,
      ...[from, to, limit],
    );
    if (dense.length >= limit) return dense;
    const loose = samples.spans(
      `first_seq > ? AND ${within} ORDER BY first_seq LIMIT ?`,
      ...[looseAfter, from, to, limit - dense.length],
    );
    return [...dense, ...loose];
  }

  /** Highest sequence number up to which all chunks are dense. */
  denseThrough(): number {
    const row = this.#db
      .prepare<[], { last_seq: number }>(
        `SELECT last_seq FROM sample_chunk WHERE first_seq =
           (SELECT max(first_seq) FROM sample_chunk INDEXED BY sample_chunk_dense_at WHERE dense = 1)`,
      )
      .get();
    return row?.last_seq ?? 0;
  }

  /** Highest number up to which samples that waited for central were thinned at least that far. */
  thinnedThrough(bucketMs: number): number {
    return Number(readMeta(this.#db, thinnedKey(bucketMs)) ?? 0);
  }

  noteThinned(bucketMs: number, lastSeq: number): void {
    writeMeta(this.#db, thinnedKey(bucketMs), String(lastSeq));
  }

  remove(lane: Lane, firstSeq: number): void {
    this.#lanes[lane].remove(firstSeq);
  }

  /** Takes away what lies behind `lastSeq`: a commit that was reported as failed and came back with the log's recovery. */
  truncate(heads: Readonly<Record<Lane, number>>): void {
    for (const lane of lanes) {
      this.#db
        .prepare<[number]>(`DELETE FROM ${tables[lane]} WHERE first_seq > ?`)
        .run(heads[lane]);
    }
  }

  #covering(lane: Lane, seq: number): ChunkRow | undefined {
    const table = this.#lanes[lane];
    const before = table.one("first_seq <= ? ORDER BY first_seq DESC LIMIT 1", seq);
    if (before !== undefined && before.last_seq >= seq) return before;
    return table.one("first_seq > ? ORDER BY first_seq LIMIT 1", seq);
  }
}

function thinnedKey(bucketMs: number): string {
  return `thinned-${bucketMs}`;
}

function partsOf(chunk: Chunk): readonly Chunk[] {
  if (!isSegment(chunk.payload)) return [chunk];
  try {
    return splitSegment(chunk);
  } catch (error) {
    // Whoever reads it finds that its hash is wrong.
    if (error instanceof RackwatchError) return [chunk];
    throw error;
  }
}

function headOf(chunk: NewChunk): unknown[] {
  const { firstSeq, lastSeq, firstAt, lastAt, clock, hash, kept } = chunk;
  const head = {
    ...{ first_seq: firstSeq, last_seq: lastSeq, first_at: firstAt, last_at: lastAt },
    ...{ boot: clock.boot, offset_ms: clock.offsetMs, clock_quality: clock.quality },
    hash: Buffer.from(hash, "hex"),
    kept: kept === undefined ? null : packKept(kept),
  };
  const { boot, offset_ms, clock_quality } = head;
  return [firstSeq, lastSeq, firstAt, lastAt, boot, offset_ms, clock_quality, sealed(head)];
}

function chunkOf(lane: Lane, row: ChunkRow): Chunk {
  return {
    lane,
    firstSeq: row.first_seq,
    lastSeq: row.last_seq,
    clock: { boot: row.boot, offsetMs: row.offset_ms, quality: row.clock_quality },
    firstAt: row.first_at,
    lastAt: row.last_at,
    hash: payloadHash(row),
    payload: row.payload,
    ...(row.shift_ms !== null && { shiftMs: row.shift_ms }),
    ...(typeof row.kept === "string" && { kept: unpackKept(row.kept) }),
    ...(row.chain_before !== undefined && { chainBefore: row.chain_before.toString("hex") }),
  };
}
