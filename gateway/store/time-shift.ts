import type { EpochMs, Sample } from "../../drivers/contract.ts";
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
