import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { brokenCorrection, type ChainedCorrection } from "./correction.ts";
import { segmentHashStart, unpackSegment } from "./segment.ts";

/** A segment as it is stored. */
export interface ChainedSegment {
  readonly point: PointKey;
  readonly fromAt: EpochMs;
  readonly toAt: EpochMs;
  readonly count: number;
  readonly hashBefore: string;
  readonly hash: string;
  readonly payload: Uint8Array;
}

/** `altered`: its content does not fit its hash. `removed`: segments before it are missing, and no retirement says so. */
export type SegmentDamage = "altered" | "removed";

export type SegmentsVerdict =
  | { readonly ok: true; readonly segments: number; readonly records: number }
  | {
      readonly ok: false;
      readonly damage: SegmentDamage;
      readonly point: PointKey;
      readonly fromAt: EpochMs;
      readonly toAt: EpochMs;
    }
  | {
      readonly ok: false;
      /** A correction of times was changed, or one before it is missing. */
      readonly damage: "correction";
      readonly number: number;
    };

/**
 * Looks for the first bad segment. Each point has a chain of its own; an end that was cut off cannot be seen in it.
 * @param segments Of each point in the order in which they were made.
 * @param corrections What was found out of clocks, in one chain.
 * @param retired Hashes of the last segments that retirements took away: a chain may begin behind one.
 */
export function verifySegments(
  segments: Iterable<ChainedSegment>,
  retired: ReadonlySet<string>,
  corrections: Iterable<ChainedCorrection> = [],
): SegmentsVerdict {
  const heads = new Map<PointKey, string>();
  let [count, records] = [0, 0];
  for (const segment of segments) {
    const { point, fromAt, toAt, hashBefore, hash } = segment;
    const head = heads.get(point);
    const follows =
      head === undefined
        ? hashBefore === segmentHashStart || retired.has(hashBefore)
        : hashBefore === head;
    if (!follows) return { ok: false, damage: "removed", point, fromAt, toAt };
    if (!isWhole(segment)) return { ok: false, damage: "altered", point, fromAt, toAt };
    heads.set(point, hash);
    count += 1;
    records += segment.count;
  }
  const number = brokenCorrection(corrections);
  if (number !== undefined) return { ok: false, damage: "correction", number };
  return { ok: true, segments: count, records };
}

function isWhole(segment: ChainedSegment): boolean {
  const { point, fromAt, toAt, count, hashBefore } = segment;
  try {
    const records = unpackSegment(point, segment, hashBefore);
    return records.length === count && records[0]?.at === fromAt && records[count - 1]?.at === toAt;
  } catch (error) {
    if (error instanceof RackwatchError) return false;
    throw error;
  }
}
