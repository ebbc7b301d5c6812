import type { MonotonicMs } from "../../drivers/contract.ts";

/** Smaller messages are never taken for too large: every broker lets them through. */
export const messageBytesMin = 4_096;

/** Failures of messages of one size, with smaller ones answered between them, that tell of a limit on the way. */
const failuresMax = 2;

/** The same of a size that went through before: then the line is the likelier cause. */
const provenFailuresMax = 4;

/** After so long a larger message is tried again: the broker's limit may have been raised. */
const learnedMs = 3_600_000;

/**
 * Learns how large a message may be from a broker that says nothing: some close the connection on one that is too large, some
 * confirm it and throw it away. Both look like a line that fails, but only for large messages.
 */
export class MessageSize {
  readonly #bytesMax: number;
  #learned: { readonly bytesMax: number; readonly until: MonotonicMs } | undefined;
  #proven = 0;
  #suspect: { readonly bytes: number; readonly failures: number; isAlive: boolean } | undefined;

  /** @param bytesMax what was configured */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  bytesMax(now: MonotonicMs): number {
    if (this.#learned !== undefined && now >= this.#learned.until) this.#learned = undefined;
    return this.#learned?.bytesMax ?? this.#bytesMax;
  }

  answered(bytes: number): void {
    this.#proven = Math.max(this.#proven, bytes);
    if (this.#suspect === undefined) return;
    if (bytes >= this.#suspect.bytes) this.#suspect = undefined;
    else this.#suspect.isAlive = true;
  }

  /** No answer, or the connection ended under it. True: by its size, and from now on smaller ones are wanted. */
  failed(bytes: number, now: MonotonicMs): boolean {
    if (bytes <= messageBytesMin) return false;
    const before = this.#suspect;
    const isSame = before !== undefined && bytes >= before.bytes / 2;
    // A line that answers nothing at all says nothing of sizes.
    if (isSame && !before.isAlive) return false;
    const failures = isSame ? before.failures + 1 : 1;
    this.#suspect = { bytes, failures, isAlive: false };
    if (failures < (bytes <= this.#proven ? provenFailuresMax : failuresMax)) return false;
    this.#suspect = undefined;
    this.#proven = 0;
    const bytesMax = Math.max(messageBytesMin, Math.floor(bytes / 2));
    this.#learned = { bytesMax, until: now + learnedMs };
    return true;
  }
}
