import { z } from "zod";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";

/** When something happened, so that a later boot can find out how long ago: `at` only where it can be believed. */
export const timeMarkSchema = z.strictObject({
  boot: z.string(),
  mono: z.number(),
  at: z.number(),
  synchronized: z.boolean(),
});
export type TimeMark = z.infer<typeof timeMarkSchema>;

/** Marks times of this boot, and finds times of earlier boots on this boot's clock. */
export interface BootClock {
  readonly boot: string;
  /** Whether the wall clock can be believed now. */
  readonly clockSynchronized: () => boolean;
}

/** @param mono may lie before `instant`: its wall time is counted back. */
export function markAt(mono: MonotonicMs, instant: Instant, clock: BootClock): TimeMark {
  const at = instant.at - (instant.mono - mono);
  return { boot: clock.boot, mono, at, synchronized: clock.clockSynchronized() };
}

/**
 * The mark on this boot's monotonic clock; negative when it lies before the boot. Undefined when it cannot be known: it
 * comes from another boot, and one of the wall clocks cannot be believed.
 */
export function monoOf(mark: TimeMark, instant: Instant, clock: BootClock): number | undefined {
  if (mark.boot === clock.boot && mark.mono <= instant.mono) return mark.mono;
  if (!mark.synchronized || !clock.clockSynchronized()) return undefined;
  const elapsedMs = instant.at - mark.at;
  return elapsedMs >= 0 ? instant.mono - elapsedMs : undefined;
}
