import type { EpochMs, MonotonicMs, Sample } from "../../drivers/contract.ts";
import type { Chunk, GatewayEvent } from "./store.ts";

/** Two offsets of one boot this close are one clock that was slewed; further apart it was set. */
export const sameClockMs = 1_000;

/**
 * When something was, although the clock was wrong: `shiftMs` later than recorded. A time from before the boot was told by
 * a device with a clock of its own, and stays.
 */
export function trueTime(at: EpochMs, offsetMs: number, shiftMs: number): EpochMs {
  return at < offsetMs ? at : at + shiftMs;
}

/** How a clock was wrong for a while. */
export interface WrongClock {
  /** utc = monotonic + offsetMs, as it said. */
  readonly offsetMs: number;
  readonly fromMono: MonotonicMs;
  readonly throughMono: MonotonicMs;
}

/** What was found out of the clock of a boot at `mono`: until then it was as `clocks` say, and should have been `offsetMs`. */
export interface TimeCorrection {
  readonly boot: string;
  readonly mono: MonotonicMs;
  readonly offsetMs: number;
  readonly clocks: readonly WrongClock[];
}

/**
 * When something was that happened in that boot and was dated by its clock. What that clock cannot have said until it was
 * found wrong stays: it was dated by a device, or later.
 */
export function correctedTime(at: EpochMs, { offsetMs, clocks }: TimeCorrection): EpochMs {
  for (const clock of clocks) {
    const mono = at - clock.offsetMs;
    if (mono < clock.fromMono - sameClockMs || mono > clock.throughMono + sameClockMs) continue;
    return Math.abs(offsetMs - clock.offsetMs) > sameClockMs ? mono + offsetMs : at;
  }
  return at;
}

/** Corrects times but those that are settled. */
export function fixOf(
  correction: TimeCorrection,
  settled: Iterable<EpochMs> = [],
): (at: EpochMs) => EpochMs {
  const kept = new Set(settled);
  return (at) => (kept.has(at) ? at : correctedTime(at, correction));
}

/** Corrections of a boot that were found after `mono` of it: what was kept until then does not know of them. */
export function correctionsSince(
  corrections: readonly TimeCorrection[],
  { boot, mono }: { readonly boot: string; readonly mono: MonotonicMs },
): readonly TimeCorrection[] {
  return corrections.filter((it) => it.boot === boot && it.mono >= mono);
}

/** Samples of a chunk at their true times. */
export function atTrueTimes(chunk: Pick<Chunk, "clock" | "shiftMs">, samples: Sample[]): Sample[] {
  const { clock, shiftMs } = chunk;
  if (shiftMs === undefined) return samples;
  return samples.map((sample) => ({
    ...sample,
    sampledAt: trueTime(sample.sampledAt, clock.offsetMs, shiftMs),
  }));
}

/** Events of a chunk at their true times; what their bodies say stays as it was said. */
export function eventsAtTrueTimes(
  chunk: Pick<Chunk, "clock" | "shiftMs">,
  events: GatewayEvent[],
): GatewayEvent[] {
  const { clock, shiftMs } = chunk;
  if (shiftMs === undefined) return events;
  return events.map((event) => ({ ...event, at: trueTime(event.at, clock.offsetMs, shiftMs) }));
}

/** First and last time of rows whose clock lacked that much; some may be from before the boot. */
export function shiftedSpan(
  { firstAt, lastAt }: { readonly firstAt: EpochMs; readonly lastAt: EpochMs },
  offsetMs: number,
  shiftMs: number,
): { readonly firstAt: EpochMs; readonly lastAt: EpochMs } {
  const ends = [firstAt, lastAt].map((at) => trueTime(at, offsetMs, shiftMs));
  const isMixed = firstAt < offsetMs && lastAt >= offsetMs;
  if (isMixed) ends.push(offsetMs, offsetMs + shiftMs);
  return { firstAt: Math.min(...ends), lastAt: Math.max(...ends) };
}
