import { centralRoad } from "../../config/roads.ts";

const megabyte = 1_048_576;

/** Every bound of the store. What happens at each stands where it is used. */
export interface StoreLimits {
  /** Confirmed rows older than this go. */
  readonly keepForMs: number;
  /** Size of gateway.db; from 90 % on rows go before their age. */
  readonly sizeBytesMax: number;
  /** False where no central is configured: then nothing waits for a confirmation. */
  readonly awaitsCentral: boolean;
  /** Roads that must have a row before it counts as confirmed: one that is not among them holds nothing back. */
  readonly roads: readonly string[];
  /** Rows of one chunk of samples: 5,000 compress to under 2 bytes each, and unpack in some milliseconds. */
  readonly chunkRowsMax: number;
  /** A write-ahead log above this is folded in: it is disk space that `sizeBytesMax` does not see. */
  readonly walBytesMax: number;
  /** Space that is held back, so that a full disk still takes the deletes and events that free it. */
  readonly ballastBytes: number;
  /** Less free disk than this counts as pressure: other programs write to the same card. */
  readonly freeBytesMin: number;
  /** Databases up to this are checked whole at open; at 20 MB/s of an SD card that takes under two seconds. */
  readonly quickCheckBytesMax: number;
  /** Size of the store in memory, when the disk cannot be written: 1 GB machines have little else to give. */
  readonly memoryBytesMax: number;
  /** Databases that were set aside: the newest is always kept for whoever looks into it. */
  readonly asideCount: number;
  /** How long a commit waits for a reader that checkpoints or recovers. */
  readonly busyTimeoutMs: number;
}

/** As `StoreLimits.freeBytesMin`, where a configuration leaves it open. */
export const freeBytesMin = 32 * megabyte;

/** What a configuration leaves open. */
export function storeLimits(given: Partial<StoreLimits> = {}): StoreLimits {
  return {
    keepForMs: 90 * 86_400_000,
    sizeBytesMax: 2_000 * megabyte,
    awaitsCentral: true,
    roads: [centralRoad],
    chunkRowsMax: 5_000,
    walBytesMax: 16 * megabyte,
    ballastBytes: 8 * megabyte,
    freeBytesMin,
    quickCheckBytesMax: 32 * megabyte,
    memoryBytesMax: 16 * megabyte,
    asideCount: 2,
    busyTimeoutMs: 2_000,
    ...given,
  };
}
