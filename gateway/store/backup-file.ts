import { createHash } from "node:crypto";
import { closeSync, fstatSync, fsyncSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { z } from "zod";
import type { StoreText } from "../../config/language/store.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { canonicalJson } from "./chain.ts";
import { StoreError } from "./store-error.ts";

/**
 * A backup is one line of JSON, padded with blanks to `headerBytes`, and a zstd stream: what `tail -c +8193 FILE | zstd -d`
 * gives are the databases, one after the other. Before each frame of at most `frameBytes` stands a skippable one (RFC
 * 8878, 3.1.2) with its length, so that a file is read and checked piece by piece in little memory.
 */
const headerBytes = 8_192;

/** Decompressed bytes of one frame: what making, checking and restoring hold in memory. */
const frameBytes = 1_048_576;

/** Compressed bytes that one frame may claim: what does not compress grows by some bytes. */
const packedBytesMax = frameBytes + 65_536;

const skippableMagic = 0x184d2a50;

const noteBytes = 12;

const hash = z.string().regex(/^[0-9a-f]{64}$/);

const format = "rackwatch-backup/1";

/** A format of another number is a backup too. */
const beginning = '{"format":"rackwatch-backup/';

const headerSchema = z.object({
  format: z.literal(format),
  gateway: z.string(),
  epoch: z.string(),
  heads: z.object({ events: z.int().min(0), samples: z.int().min(0) }),
  createdAt: z.string(),
  schema: z.int().min(1),
  kind: z.enum(["essential", "full"]),
  /** Of everything behind this line. */
  sha256: hash,
  bytes: z.int().min(0),
  parts: z.array(z.object({ name: z.string(), bytes: z.int().min(0), sha256: hash })).max(8),
  /** SHA-256 of this line without it. */
  check: hash,
});
export type BackupHeader = z.infer<typeof headerSchema>;
export type BackupPart = BackupHeader["parts"][number];

/** A database to be packed: where it stands and as what it goes in. */
export interface PartFile {
  readonly name: string;
  readonly file: string;
}

/**
 * Writes and syncs a backup. @param between is called after each frame: a place to breathe.
 * @throws as the file system throws; `out` is then not a backup.
 */
export function writeBackup(
  out: string,
  about: Omit<BackupHeader, "format" | "sha256" | "bytes" | "parts" | "check">,
  files: readonly PartFile[],
  between: () => void = () => {},
): BackupHeader {
  const handle = openSync(out, "wx", 0o600);
  try {
    writeSync(handle, Buffer.alloc(headerBytes, 0x20));
    const body = createHash("sha256");
    let bytes = 0;
    const parts = files.map(({ name, file }) => {
      const raw = createHash("sha256");
      let rawBytes = 0;
      for (const piece of piecesOf(file)) {
        const frame = packed(piece);
        raw.update(piece);
        rawBytes += piece.length;
        body.update(frame);
        bytes += frame.length;
        writeAll(handle, frame);
        between();
      }
      return { name, bytes: rawBytes, sha256: raw.digest("hex") };
    });
    const sha256 = body.digest("hex");
    const said = { format, ...about, sha256, bytes, parts } as const;
    const header = { ...said, check: checkOf(said) };
    const line = Buffer.from(JSON.stringify(header).padEnd(headerBytes - 1));
    writeSync(handle, Buffer.concat([line, Buffer.from("\n")]), 0, headerBytes, 0);
    fsyncSync(handle);
    return header;
  } finally {
    closeSync(handle);
  }
}

/** @throws RackwatchError `store/backup` when it is none, or one of another format. */
export function readBackupHeader(file: string): BackupHeader {
  const handle = opened(file);
  try {
    return headerOf(handle, file);
  } finally {
    closeSync(handle);
  }
}

/**
 * Reads a backup to its end and compares every hash. @param write gets what is in it, piece by piece.
 * @throws RackwatchError `store/backup` when it is no backup, was cut short or changed in a single bit.
 */
export function readBackup(
  file: string,
  write: (part: BackupPart, piece: Uint8Array) => void = () => {},
): BackupHeader {
  const handle = opened(file);
  try {
    const header = headerOf(handle, file);
    const size = fstatSync(handle).size;
    if (size !== headerBytes + header.bytes) {
      const expected = headerBytes + header.bytes;
      const isCut = size < expected;
      throw refused(file, (text) => text.bytes(size, expected, isCut ? text.isCut : text.isLonger));
    }
    const body = createHash("sha256");
    for (const part of header.parts) {
      const raw = createHash("sha256");
      for (let left = part.bytes; left > 0; ) {
        const { frame, piece } = nextFrame(handle, file);
        body.update(frame);
        raw.update(piece);
        left -= piece.length;
        if (left < 0) throw refused(file, (text) => text.partLonger(part.name));
        write(part, piece);
      }
      if (raw.digest("hex") !== part.sha256)
        throw refused(file, (text) => text.partChanged(part.name));
    }
    if (body.digest("hex") !== header.sha256) throw refused(file, (text) => text.contentChanged);
    return header;
  } finally {
    closeSync(handle);
  }
}

function headerOf(handle: number, file: string): BackupHeader {
  const line = Buffer.alloc(headerBytes);
  readSync(handle, line, 0, headerBytes, 0);
  // Reading goes on behind the line.
  const { data } = headerSchema.safeParse(parsed(line.toString("utf8")));
  if (data === undefined) throw refused(file, (text) => text.notFirst);
  const { check, ...said } = data;
  if (checkOf(said) !== check) throw refused(file, (text) => text.firstChanged);
  readSync(handle, line, 0, headerBytes, null);
  return data;
}

function checkOf(header: Omit<BackupHeader, "check">): string {
  return createHash("sha256").update(canonicalJson(header)).digest("hex");
}

function nextFrame(handle: number, file: string) {
  const note = Buffer.alloc(noteBytes);
  const length = readSync(handle, note) === noteBytes ? note.readUInt32LE(8) : 0;
  const isNote = note.readUInt32LE(0) === skippableMagic && note.readUInt32LE(4) === 4;
  if (!isNote || length === 0 || length > packedBytesMax)
    throw refused(file, (text) => text.frameDamaged);
  const frame = Buffer.alloc(length);
  if (readSync(handle, frame) !== length) throw refused(file, (text) => text.isCut);
  try {
    const piece = zstdDecompressSync(frame, { maxOutputLength: frameBytes });
    return { frame: Buffer.concat([note, frame]), piece };
  } catch (cause) {
    throw refused(file, (text) => text.frameClosed, cause);
  }
}

function* piecesOf(file: string): Generator<Buffer> {
  const handle = openSync(file, "r");
  try {
    for (;;) {
      const piece = Buffer.alloc(frameBytes);
      const read = readSync(handle, piece);
      if (read > 0) yield piece.subarray(0, read);
      if (read === 0) return;
    }
  } finally {
    closeSync(handle);
  }
}

function packed(piece: Uint8Array): Buffer {
  const frame = zstdCompressSync(piece, { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
  const note = Buffer.alloc(noteBytes);
  note.writeUInt32LE(skippableMagic, 0);
  note.writeUInt32LE(4, 4);
  note.writeUInt32LE(frame.length, 8);
  return Buffer.concat([note, frame]);
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
}

/** Whether it is a file that begins like a backup, sound or not. */
export function isBackup(file: string): boolean {
  if (!statSync(file).isFile()) return false;
  const handle = opened(file);
  try {
    const start = Buffer.alloc(beginning.length);
    readSync(handle, start, 0, start.length, 0);
    return start.toString("latin1") === beginning;
  } finally {
    closeSync(handle);
  }
}

function opened(file: string): number {
  try {
    if (statSync(file).isDirectory()) throw refused(file, (text) => text.isFolder);
    return openSync(file, "r");
  } catch (cause) {
    if (cause instanceof RackwatchError) throw cause;
    throw new StoreError("store/backup", (text) => text.unreadable(file), { where: file, cause });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused(file: string, why: (text: StoreText) => string, cause?: unknown): RackwatchError {
  return new StoreError("store/backup", (text) => text.unsound(file, why(text)), {
    where: file,
    cause,
  });
}
