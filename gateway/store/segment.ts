import { createHash } from "node:crypto";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { z } from "zod";
import { RackwatchError } from "../../drivers/errors.ts";
import { sharedBytes } from "./dense-payload.ts";
import { packKept, unpackKept } from "./kept.ts";
import { newerContent } from "./newer.ts";
import type { Chunk } from "./store.ts";
import { shiftedSpan } from "./time-shift.ts";

/** First byte of a segment's payload. */
export const segmentMark = 3;

/**
 * Chunks that one segment takes: 50,000 rows, 75 kB. A blob of one chunk wastes most of a database page at its end, and
 * repeats the names of its points; ten times as many rows save a seventh, a hundred times as many hardly more.
 */
export const segmentPartsMax = 10;

/** Bytes of a segment's index when it is unpacked: the places of 50,000 rows, of which hardly one was thinned. */
const indexBytesMax = 262_144;

/** Mark, length of the index, and its checksum. */
const headerBytes = 1 + 4 + 8;

const indexSchema = z.strictObject({
  /** Bytes of each list of points, in their order behind the index. */
  shared: z.array(z.int().min(1)).max(segmentPartsMax),
  /** Whether `at` has a correction of the clock in it. */
  shifted: z.boolean(),
  parts: z
    .array(
      z.strictObject({
        rows: z.int().min(1),
        /** Which list of points. */
        shared: z.int().min(0),
        /** Bytes of the rest of the payload, behind the lists in order. */
        bytes: z.int().min(0),
        at: z.tuple([z.number(), z.number()]),
        offsetMs: z.number(),
        hash: z.base64(),
        /** As in the database's column of that name. */
        kept: z.string().optional(),
      }),
    )
    .min(1)
    .max(segmentPartsMax),
});

/**
 * Neighbouring dense chunks under one key. Their payloads are taken apart, not unpacked: it costs a copy, and each comes
 * out again byte by byte, with its hash. One list of points serves all that have the same.
 *
 * Layout: mark, length (u32 LE) and checksum (SHA-256, 8 bytes) of the index, index (zstd of JSON), lists, bodies.
 * @throws RackwatchError `store/corrupt` when one of them is no dense chunk.
 */
export function joinChunks(chunks: readonly Chunk[]): Buffer {
  const shared: string[] = [];
  const bodies: Buffer[] = [];
  const parts = chunks.map(({ payload, hash, firstSeq, lastSeq, firstAt, lastAt, clock, kept }) => {
    const cut = sharedBytes(payload);
    const list = Buffer.from(payload.subarray(0, cut)).toString("latin1");
    if (!shared.includes(list)) shared.push(list);
    const body = Buffer.from(payload.subarray(cut));
    bodies.push(body);
    return {
      rows: lastSeq - firstSeq + 1,
      shared: shared.indexOf(list),
      bytes: body.length,
      at: [firstAt, lastAt] as const,
      offsetMs: clock.offsetMs,
      hash: Buffer.from(hash, "hex").toString("base64"),
      ...(kept !== undefined && { kept: packKept(kept) }),
    };
  });
  const index = zstdCompressSync(
    JSON.stringify({
      shared: shared.map(({ length }) => length),
      shifted: chunks[0]?.shiftMs !== undefined,
      parts,
    }),
  );
  const header = Buffer.alloc(5);
  header[0] = segmentMark;
  header.writeUInt32LE(index.length, 1);
  const lists = shared.map((list) => Buffer.from(list, "latin1"));
  return Buffer.concat([header, checksum(index), index, ...lists, ...bodies]);
}

export function isSegment(payload: Uint8Array): boolean {
  return payload[0] === segmentMark;
}

/**
 * The chunks of a segment, in order. Their contents are not looked at: each has its own hash.
 * @throws RackwatchError `store/corrupt` when index and bytes do not agree; `store/io` when a later version wrote it.
 */
export function splitSegment(segment: Chunk): Chunk[] {
  const bytes = Buffer.from(segment.payload);
  const { index, end } = readIndex(bytes);
  let at = end;
  const lists = index.shared.map((length) => {
    at += length;
    return bytes.subarray(at - length, at);
  });
  let { firstSeq } = segment;
  const chunks = index.parts.map((part): Chunk => {
    const list = lists[part.shared];
    if (list === undefined) throw damaged();
    at += part.bytes;
    const lastSeq = firstSeq + part.rows - 1;
    const clock = { ...segment.clock, offsetMs: part.offsetMs };
    const shiftMs = shiftOf(segment, part.offsetMs);
    const chunk = {
      ...segment,
      ...{ firstSeq, lastSeq, clock },
      ...(shiftMs !== undefined && { shiftMs }),
      ...(part.kept !== undefined && { kept: unpackKept(part.kept) }),
      ...spanOf(part.at, part.offsetMs, index.shifted ? undefined : shiftMs),
      payload: Buffer.concat([list, bytes.subarray(at - part.bytes, at)]),
      hash: Buffer.from(part.hash, "base64").toString("hex"),
    };
    firstSeq = lastSeq + 1;
    return chunk;
  });
  if (at !== bytes.length || firstSeq !== segment.lastSeq + 1) throw damaged();
  return chunks;
}

/** A correction says what the clock should have been; each part had its own. */
function shiftOf({ clock, shiftMs }: Chunk, offsetMs: number): number | undefined {
  return shiftMs === undefined ? undefined : shiftMs + clock.offsetMs - offsetMs;
}

function spanOf([firstAt, lastAt]: readonly [number, number], offsetMs: number, shiftMs?: number) {
  return shiftMs === undefined
    ? { firstAt, lastAt }
    : shiftedSpan({ firstAt, lastAt }, offsetMs, shiftMs);
}

function readIndex(bytes: Buffer) {
  if (bytes.length < headerBytes) throw damaged();
  const end = headerBytes + bytes.readUInt32LE(1);
  const packed = bytes.subarray(headerBytes, end);
  if (!checksum(packed).equals(bytes.subarray(5, headerBytes))) throw damaged();
  try {
    const text = zstdDecompressSync(packed, { maxOutputLength: indexBytesMax }).toString("utf8");
    return { index: indexSchema.parse(JSON.parse(text)), end };
  } catch {
    // Its checksum is right.
    throw newerContent();
  }
}

function checksum(index: Buffer): Buffer {
  return createHash("sha256").update(index).digest().subarray(0, 8);
}

function damaged(): RackwatchError {
  return new RackwatchError("store/corrupt", "a segment's index does not fit it");
}
