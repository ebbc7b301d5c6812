import { createHash } from "node:crypto";
import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import { sameClockMs } from "../store/time-shift.ts";
import type { PointRecord, ToldBy } from "./record.ts";

/** What was found out of a boot's clock after records had been made by it: until `mono`, utc = mono + offsetMs. */
export interface RecordCorrection {
  readonly boot: string;
  readonly mono: MonotonicMs;
  readonly offsetMs: number;
}

/** As it is kept: each in a chain with the one before. */
export interface ChainedCorrection extends RecordCorrection {
  readonly id: number;
  /** When it went on record. */
  readonly notedAt: EpochMs;
  readonly hashBefore: string;
  readonly hash: string;
}

/** Hash before the first correction of a file. */
export const correctionHashStart = "0".repeat(64);

export function correctionHash({
  boot,
  mono,
  offsetMs,
  notedAt,
  hashBefore,
}: Omit<ChainedCorrection, "hash" | "id">): string {
  const text = JSON.stringify([hashBefore, boot, mono, offsetMs, notedAt]);
  return createHash("sha256").update(text).digest("hex");
}

/** Number of the first correction that was changed, or before which one is missing; undefined: the chain is whole. */
export function brokenCorrection(chain: Iterable<ChainedCorrection>): number | undefined {
  let head = correctionHashStart;
  let number = 0;
  for (const correction of chain) {
    number += 1;
    const isNext = correction.id === number && correction.hashBefore === head;
    if (!isNext || correctionHash(correction) !== correction.hash) return number;
    head = correction.hash;
  }
  return undefined;
}

/**
 * The record at its true time, with what its clock was wrong by; the same object where nothing is known against that.
 * @param corrections Of each boot in the order in which they were found.
 */
export function recordAtTrueTime(
  record: PointRecord,
  corrections: readonly RecordCorrection[],
): PointRecord {
  const { told, at } = record;
  // What is from before the boot was dated by a device with a clock of its own.
  if (told === undefined || at < told.offsetMs) return record;
  const mono = at - told.offsetMs;
  const found = corrections.find((it) => it.boot === told.boot && it.mono >= mono - sameClockMs);
  const byMs = found === undefined ? 0 : found.offsetMs - told.offsetMs;
  if (Math.abs(byMs) <= sameClockMs) return record;
  return { ...record, at: at + byMs, correctedMs: Math.round(byMs / 1_000) * 1_000 };
}

/** How far records may stand from their true times, each once. */
export function shiftsOf(
  told: Iterable<ToldBy>,
  corrections: readonly RecordCorrection[],
): readonly number[] {
  const shifts = new Set<number>();
  for (const { boot, offsetMs } of told) {
    for (const correction of corrections) {
      const byMs = correction.offsetMs - offsetMs;
      if (correction.boot === boot && Math.abs(byMs) > sameClockMs) shifts.add(byMs);
    }
  }
  return [...shifts];
}
