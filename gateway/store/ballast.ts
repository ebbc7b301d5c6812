import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Only with this many times its size free is the ballast taken (back): else it would itself fill the disk. */
const roomFactor = 4;

/**
 * A file that holds space back. On a full disk even deleting and checkpointing fail; once the ballast is gone they work.
 * Random bytes, because a compressing file system would give zeros no room.
 */
export class Ballast {
  readonly #file: string;
  readonly #dir: string;
  readonly #bytes: number;

  constructor(dir: string, bytes: number) {
    this.#dir = dir;
    this.#bytes = bytes;
    this.#file = join(dir, "gateway.ballast");
  }

  get held(): boolean {
    return fileBytes(this.#file) >= this.#bytes;
  }

  /** Takes the space (back) when there is room; what the disk refuses is tried again at the next call. */
  restore(): void {
    if (this.held || freeBytes(this.#dir) < this.#bytes * roomFactor) return;
    try {
      const handle = openSync(this.#file, "w", 0o600);
      try {
        writeSync(handle, randomBytes(this.#bytes));
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
    } catch {
      this.release();
    }
  }

  /** True when space was given back. */
  release(): boolean {
    if (statSync(this.#file, { throwIfNoEntry: false }) === undefined) return false;
    try {
      rmSync(this.#file);
      return true;
    } catch {
      return false;
    }
  }
}

/** 0 for a file that is not there. */
export function fileBytes(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** Bytes that this process may still write below `dir`. */
export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

/** As `freeBytes`; undefined where the file system does not say. */
export function freeBytesOf(dir: string): number | undefined {
  try {
    return freeBytes(dir);
  } catch {
    return undefined;
  }
}
