import { createHash } from "node:crypto";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  columnsAsText,
  decodeEvents,
  decodeSamples,
  encodeSamples,
  type SampleColumns,
} from "./columns.ts";
import { denseMark, packColumns, unpackColumns } from "./dense-payload.ts";
import { newerContent } from "./newer.ts";
import { isSegment, splitSegment } from "./segment.ts";
import type { Chunk, GatewayEvent } from "./store.ts";

/** Level 3: levels 6 and 9 saved under 1 % on sensor columns and took three to five times as long. */
const zstdLevel = 3;

/** Decompressed bytes of one payload. Rows are cut to it when packed, and a bomb is refused when unpacked. */
export const payloadBytesMax = 8 * 1_048_576;

/** First byte of a plain payload: zstd's own. */
const plainMark = 0x28;

/** Version of the columns that this program reads. */
const columnsVersion = 1;

/** Room for a whole chunk of 5,000 rows, so that unpacking need not piece it together. */
const unpackBytes = 65_536;

export interface Packed {
  readonly payload: Uint8Array;
  /** SHA-256 of `payload`, hex. */
  readonly hash: string;
}

/** JSON -> zstd; undefined when the JSON is over `payloadBytesMax` and must be split. */
export function packPayload(json: unknown): Packed | undefined {
  const text = Buffer.from(JSON.stringify(json));
  if (text.length > payloadBytesMax) return undefined;
  const payload = zstdCompressSync(text, {
    params: { [constants.ZSTD_c_compressionLevel]: zstdLevel },
  });
  return { payload, hash: hashOf(payload) };
}

/**
 * Samples for a merged chunk, denser than `packPayload` (`dense-payload.ts`); undefined when they are over
 * `payloadBytesMax` and must be split.
 */
export function packDense(samples: readonly Sample[]): Packed | undefined {
  const payload = packColumns(encodeSamples(samples, "bytes"), payloadBytesMax);
  return payload === undefined ? undefined : { payload, hash: hashOf(payload) };
}

/** One chunk of many, all of whose bytes are under one hash (`segment.ts`). */
export function packSegment(payload: Uint8Array): Packed {
  return { payload, hash: hashOf(payload) };
}

/** False when a single bit differs from what was packed. */
export function isSound({ payload, hash }: Packed): boolean {
  return hashOf(payload) === hash;
}

function checkHash(packed: Packed): void {
  if (isSound(packed)) return;
  throw new RackwatchError("store/corrupt", "a chunk's content does not match its hash");
}

/**
 * The JSON of a plain chunk, checked against its hash but not yet decoded.
 * @throws RackwatchError `store/corrupt` when a single bit differs from what was packed; `store/io` when it is as it was
 * packed, by a later version.
 */
export function unpackChunk(packed: Packed): unknown {
  checkHash(packed);
  if (packed.payload[0] !== plainMark) throw newerContent();
  try {
    const text = zstdDecompressSync(packed.payload, unpackOptions).toString("utf8");
    return known(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof RackwatchError) throw cause;
    throw new RackwatchError("store/corrupt", "a chunk's content cannot be unpacked", { cause });
  }
}

/** Content whose hash is right and that this program does not know is not damaged: it waits for one that does. */
function known(columns: unknown): unknown {
  const isObject = typeof columns === "object" && columns !== null;
  const version = isObject && "v" in columns ? columns.v : columnsVersion;
  if (typeof version === "number" && version > columnsVersion) throw newerContent();
  return columns;
}

/**
 * The rows that are there: all, or those at `chunk.kept`.
 * @throws RackwatchError `store/corrupt` when content, hash and sequence numbers do not agree.
 */
export function readSamples(chunk: Chunk): Sample[] {
  if (isSegment(chunk.payload)) return partsIn(chunk).flatMap(readSamples);
  return sized(chunk, samplesIn(chunk));
}

/**
 * A chunk that is no segment, as columns for the wire. Its rows are not built, which is most of the work of reading it.
 * @throws RackwatchError `store/corrupt` when content, hash and sequence numbers do not agree.
 */
export function readColumns(chunk: Chunk): SampleColumns {
  const isDense = chunk.payload[0] === denseMark;
  if (isDense) checkHash(chunk);
  const columns = isDense
    ? known(unpackColumns(chunk.payload, payloadBytesMax))
    : unpackChunk(chunk);
  const read = columnsAsText(columns, isDense ? "bytes" : "text");
  checkCount(chunk, read.rows);
  return read;
}

/**
 * The samples of one point. The number of rows is not compared: nothing is built of the others.
 * @throws RackwatchError `store/corrupt` when content and hash do not agree.
 */
export function readPoint(chunk: Chunk, point: PointKey): Sample[] {
  return samplesIn(chunk, point);
}

/** @throws RackwatchError `store/corrupt` when content, hash and sequence numbers do not agree. */
export function readEvents(chunk: Chunk): GatewayEvent[] {
  return sized(chunk, decodeEvents(unpackChunk(chunk)));
}

const unpackOptions = { maxOutputLength: payloadBytesMax, chunkSize: unpackBytes };

function samplesIn(chunk: Chunk, only?: PointKey): Sample[] {
  const { payload } = chunk;
  if (isSegment(payload)) return partsIn(chunk).flatMap((part) => samplesIn(part, only));
  if (payload[0] !== denseMark) return decodeSamples(unpackChunk(chunk), only);
  checkHash(chunk);
  return decodeSamples(known(unpackColumns(payload, payloadBytesMax)), only, "bytes");
}

function partsIn(segment: Chunk): Chunk[] {
  checkHash(segment);
  return splitSegment(segment);
}

function sized<Row>(chunk: Chunk, rows: Row[]): Row[] {
  checkCount(chunk, rows.length);
  return rows;
}

function checkCount({ firstSeq, lastSeq, kept }: Chunk, rows: number): void {
  if (rows === (kept?.length ?? lastSeq - firstSeq + 1)) return;
  throw new RackwatchError("store/corrupt", `chunk ${firstSeq} to ${lastSeq} holds ${rows} rows`);
}

function hashOf(payload: Uint8Array): string {
  return createHash("sha256").update(payload).digest("hex");
}
