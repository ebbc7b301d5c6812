import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { RackwatchError } from "../../drivers/errors.ts";
import type { SampleColumns } from "./columns.ts";

/** First byte of a dense payload. A plain one begins with zstd's own 0x28. */
export const denseMark = 2;

/** Level 3, as for plain payloads: 9 saved under 1 % of a part, 19 made some larger. */
const zstdLevel = 3;

/** Frames behind the first one: the small columns as JSON, then the three long ones. */
const bodyFrames = 4;

/** Mark, and the length of the first frame. */
const headerBytes = 5;

/**
 * Columns of a merged chunk as bytes: each long column is a zstd frame of its own, because the code that zstd makes for
 * one column's symbols is wasteful for another's (2 to 5 % smaller than all as one JSON text). The first frame holds the
 * points alone, so that neighbours in a segment (`segment.ts`) share it byte by byte.
 *
 * Layout: mark, length of the first frame (u32 LE), first frame; then for each further frame its length and itself.
 * @param columns Packed with `bytes`.
 */
export function packColumns(columns: SampleColumns, bytesMax: number): Buffer | undefined {
  const { points, order, times, values, ...small } = columns;
  const { deltas, ...numbers } = values;
  const isWhole = typeof times === "string";
  const rest = { ...small, values: numbers, ...(!isWhole && { times }) };
  const contents = [
    Buffer.from(JSON.stringify(points)),
    Buffer.from(JSON.stringify(rest)),
    Buffer.from(order, "latin1"),
    Buffer.from(isWhole ? times : "", "latin1"),
    Buffer.from(deltas, "latin1"),
  ];
  if (contents.reduce((sum, { length }) => sum + length, 0) > bytesMax) return undefined;
  const [first, ...others] = contents.map(compressed);
  if (first === undefined) return undefined;
  return Buffer.concat([Buffer.of(denseMark), framed(first), ...others.map(framed)]);
}

function compressed(content: Buffer): Buffer {
  return zstdCompressSync(content, { params: { [constants.ZSTD_c_compressionLevel]: zstdLevel } });
}

function framed(frame: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(frame.length);
  return Buffer.concat([length, frame]);
}

/** Bytes of mark, length and first frame: what neighbours may share. @throws RackwatchError `store/corrupt`. */
export function sharedBytes(payload: Uint8Array): number {
  if (payload[0] !== denseMark || payload.length < headerBytes) throw damaged();
  const bytes = headerBytes + buffered(payload).readUInt32LE(1);
  if (bytes > payload.length) throw damaged();
  return bytes;
}

/**
 * As `packColumns` took them, to be validated by whoever decodes them.
 * @throws RackwatchError `store/corrupt` when this is none, or more than `bytesMax` when it is unpacked.
 */
export function unpackColumns(payload: Uint8Array, bytesMax: number): unknown {
  const bytes = buffered(payload);
  let at = 1;
  let left = bytesMax;
  const frames = Array.from({ length: bodyFrames + 1 }, () => {
    if (at + 4 > bytes.length) throw damaged();
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) throw damaged();
    const content = unpacked(bytes.subarray(at + 4, end), left);
    left -= content.length;
    at = end;
    return content;
  });
  const [points, rest, order, times, deltas] = frames;
  if (at !== bytes.length) throw damaged();
  const small = parsed(rest);
  const numbers = "values" in small && isObject(small.values) ? small.values : {};
  return {
    times: times?.toString("latin1"),
    ...small,
    points: parsedJson(points),
    order: order?.toString("latin1"),
    values: { ...numbers, deltas: deltas?.toString("latin1") },
  };
}

function unpacked(frame: Buffer, bytesMax: number): Buffer {
  try {
    return zstdDecompressSync(frame, { maxOutputLength: Math.max(1, bytesMax) });
  } catch (cause) {
    throw damaged(cause);
  }
}

function parsed(content: Buffer | undefined): object {
  const json = parsedJson(content);
  if (!isObject(json)) throw damaged();
  return json;
}

function parsedJson(content: Buffer | undefined): unknown {
  try {
    return JSON.parse(content?.toString("utf8") ?? "");
  } catch (cause) {
    throw damaged(cause);
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function buffered({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function damaged(cause?: unknown): RackwatchError {
  return new RackwatchError("store/corrupt", "a dense chunk's content cannot be unpacked", {
    cause,
  });
}
