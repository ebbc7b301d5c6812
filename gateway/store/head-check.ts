import { createHash } from "node:crypto";

/** Bytes of a SHA-256, and of each check behind it. */
const hashBytes = 32;
const checkBytes = 8;

/** What the database has of a chunk beside its payload. */
export interface ChunkHead {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly first_at: number;
  readonly last_at: number;
  readonly boot: string;
  readonly offset_ms: number;
  readonly clock_quality: string;
  /** The payload's hash, and behind it the checks of the head; chunks of earlier versions have none. */
  readonly hash: Buffer;
  readonly shift_ms?: number | null;
  readonly kept?: string | null;
}

/**
 * The payload's hash with two checks behind it: of what never changes, and of the times, which a correction of the clock
 * moves (it leaves the check alone: times that were corrected are not checked).
 */
export function sealed(head: ChunkHead): Buffer {
  const hash = head.hash.subarray(0, hashBytes);
  return Buffer.concat([hash, fixedCheck(head), timesCheck(head)]);
}

/** False when a bit of the head differs from what was written. */
export function isHeadSound(head: ChunkHead): boolean {
  const { hash, shift_ms: shiftMs } = head;
  if (hash.length === hashBytes) return true;
  if (hash.length !== hashBytes + 2 * checkBytes) return false;
  if (!fixedCheck(head).equals(hash.subarray(hashBytes, hashBytes + checkBytes))) return false;
  const isMoved = shiftMs !== null && shiftMs !== undefined;
  return isMoved || timesCheck(head).equals(hash.subarray(hashBytes + checkBytes));
}

/** The payload's own hash. */
export function payloadHash({ hash }: ChunkHead): string {
  return hash.toString("hex", 0, hashBytes);
}

function fixedCheck(head: ChunkHead): Buffer {
  const { first_seq, last_seq, boot, offset_ms, clock_quality, hash, kept } = head;
  const own = hash.toString("hex", 0, hashBytes);
  return checkOf([first_seq, last_seq, boot, offset_ms, clock_quality, own, kept ?? null]);
}

function timesCheck({ first_at, last_at, hash }: ChunkHead): Buffer {
  return checkOf([first_at, last_at, hash.toString("hex", 0, hashBytes)]);
}

function checkOf(values: readonly unknown[]): Buffer {
  return createHash("sha256").update(JSON.stringify(values)).digest().subarray(0, checkBytes);
}
