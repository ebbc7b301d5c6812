import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { PipelineSettings } from "./stale.ts";

/**
 * A value that came, on both clocks: the monotonic one tells how long ago, unless both came in one
 * batch.
 */
interface Reading {
  readonly value: number;
  readonly mono: MonotonicMs;
  readonly sampledAt: EpochMs;
}

/**
 * What the checks remember of one point. Kept in memory only: the first value after a start is
 * believed.
 */
export interface Memory {
  /** The last value that was believed. */
  believed: Reading | undefined;
  /** The last value, if it was a jump that waits for another one to confirm it. */
  suspect: number | undefined;
}

/** Reasons that a reader sees on the sample; `undefined` means plausible. */
export type Doubt = "spike" | "rate of change";

/**
 * Whether a value can be true after what came before; moves the memory on.
 *
 * Spike: a jump by more than `step` within the time is doubted until the next value lies within
 * `step` of it. A value that goes back drops the suspicion. Rate: a faster change than `max` per
 * time is doubted until enough time has passed, since the last believed value, for it to be true.
 */
export function doubt(
  settings: PipelineSettings,
  memory: Memory,
  reading: Reading,
): Doubt | undefined {
  const { believed, suspect } = memory;
  memory.suspect = undefined;
  if (believed !== undefined) {
    const change = Math.abs(reading.value - believed.value);
    const { spike, rate } = settings;
    const jumped =
      spike !== undefined && change > spike.step && sinceMs(believed, reading) <= spike.within;
    if (jumped) {
      const confirmed = suspect !== undefined && Math.abs(reading.value - suspect) <= spike.step;
      if (!confirmed) {
        memory.suspect = reading.value;
        return "spike";
      }
    } else if (rate !== undefined && change * rate.per > rate.max * sinceMs(believed, reading)) {
      return "rate of change";
    }
  }
  memory.believed = reading;
  return undefined;
}

/** Values of one batch came at one moment: only then their own times tell them apart. */
function sinceMs(before: Reading, { mono, sampledAt }: Reading): number {
  const ms = mono - before.mono;
  return ms > 0 ? ms : Math.max(0, sampledAt - before.sampledAt);
}
