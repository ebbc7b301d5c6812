import type { MonotonicMs } from "../../drivers/contract.ts";

/** Smaller messages are never taken for too large: every broker lets them through. */
export const messageBytesMin = 4_096;

/** Failures of messages of one size, with smaller ones answered between them, that tell of a limit on the way. */
const failuresMax = 2;

/** The same of a size that went through before: then the line is the likelier cause. */
const provenFailuresMax = 4;

/** The same of a single row: what is too large by itself is set aside, and a line that flaps must not empty a log. */
const singleFailuresMax = 8;

/**
 * After so long a larger message is tried again, and each time that it fails after twice as long: a line that flaps looks like a
 * limit, and must not keep messages small when it is well again. Where the connection ended, a try costs a second.
 */
const closedAgainMs = { first: 3_000, most: 300_000 } as const;

/** Where the broker throws it away without a word a try costs the deadline of a request, and an alarm waits behind it. */
const silentAgainMs = { first: 600_000, most: 3_600_000 } as const;

/** How a message failed. */
export interface MessageFailure {
  /** No answer came, and the connection stayed. */
  readonly isSilent: boolean;
  /** One row: it cannot be cut. */
  readonly isSingle: boolean;
}

/**
 * Learns how large a message may be from a broker that says nothing: some close the connection on one that is too large, some
 * confirm it and throw it away. Both look like a line that fails, but only for large messages.
 */
export class MessageSize {
  readonly #bytesMax: number;
  #learned:
    | { readonly bytesMax: number; readonly until: MonotonicMs; readonly againMs: number }
    | undefined;
  #proven = 0;
  #suspect: { readonly bytes: number; readonly failures: number; isAlive: boolean } | undefined;

  /** @param bytesMax what was configured */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  bytesMax(now: MonotonicMs): number {
    const learned = this.#learned;
    return learned === undefined || now >= learned.until ? this.#bytesMax : learned.bytesMax;
  }

  answered(bytes: number): void {
    this.#proven = Math.max(this.#proven, bytes);
    if (this.#learned !== undefined && bytes > this.#learned.bytesMax) this.#learned = undefined;
    if (this.#suspect === undefined) return;
    if (bytes >= this.#suspect.bytes) this.#suspect = undefined;
    else this.#suspect.isAlive = true;
  }

  /** No answer, or the connection ended under it. True: by its size, and from now on smaller ones are wanted. */
  failed(bytes: number, now: MonotonicMs, { isSilent, isSingle }: MessageFailure): boolean {
    if (bytes <= messageBytesMin) return false;
    const learned = this.#learned?.bytesMax;
    if (!isSingle && learned !== undefined && bytes > learned) {
      this.#learn(learned, now, isSilent, 2);
      return true;
    }
    const before = this.#suspect;
    const isSame = before !== undefined && bytes >= before.bytes / 2;
    // A line that answers nothing at all says nothing of sizes.
    if (isSame && !before.isAlive) return false;
    const failures = isSame ? before.failures + 1 : 1;
    this.#suspect = { bytes, failures, isAlive: false };
    if (failures < this.#failuresMax(bytes, isSingle)) return false;
    this.#suspect = undefined;
    this.#proven = 0;
    const half = Math.max(messageBytesMin, Math.floor(bytes / 2));
    this.#learn(Math.min(half, learned ?? half), now, isSilent, 1);
    return true;
  }

  #failuresMax(bytes: number, isSingle: boolean): number {
    if (isSingle) return singleFailuresMax;
    return bytes <= this.#proven ? provenFailuresMax : failuresMax;
  }

  #learn(bytesMax: number, now: MonotonicMs, isSilent: boolean, longer: 1 | 2): void {
    const { first, most } = isSilent ? silentAgainMs : closedAgainMs;
    const againMs = Math.min(most, Math.max(first, (this.#learned?.againMs ?? 0) * longer));
    this.#learned = { bytesMax, until: now + againMs, againMs };
  }
}
