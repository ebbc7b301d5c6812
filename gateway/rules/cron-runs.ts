import { createRequire } from "node:module";
import type { EpochMs } from "../../drivers/contract.ts";

/** The runs of one cron line, as instants. */
export interface CronRuns {
  /** The first run behind an instant; Infinity: none within eight years of today. */
  after(at: EpochMs): EpochMs;
}

/**
 * Only the library's calculation is used: its own timers skip a run that they notice more than 250
 * ms late, and know nothing of the time before the start.
 *
 * Loaded when the first cron line is met, at once and not awaited: it and the dates that it brings
 * along are memory that a gateway without cron lines does not need.
 *
 * @throws Error when the line or the time zone is not understood; the configuration check refuses
 * it first.
 */
export function cronRuns(line: string, timezone: string): CronRuns {
  const library: typeof import("cron") = createRequire(import.meta.url)("cron");
  const time = new library.CronTime(sundayLast(line), timezone);
  return {
    after(at) {
      try {
        // Without the zone here the library takes that of the machine, whatever it was made with.
        // Seen: parts of a second are dropped, so a run may come that is at or before the start.
        let next = time.getNextDateFrom(new Date(at), timezone).toMillis();
        if (next <= at) next = time.getNextDateFrom(new Date(at + 1_000), timezone).toMillis();
        return next > at ? next : Number.POSITIVE_INFINITY;
      } catch {
        return Number.POSITIVE_INFINITY;
      }
    },
  };
}

/** The library takes `sun` for 0 and then refuses `fri-sun`; 7 it understands in both places. */
function sundayLast(line: string): string {
  return line.replace(/\bsun\b/gi, "7");
}

/**
 * The newest run of a job that is due and was not yet done: later than `lastRunAt`, not later than
 * `now`. Runs that were missed before it are not made up for. Undefined: nothing is due.
 *
 * @throws Error as `cronRuns` does.
 */
export function dueRuns(
  line: string,
  timezone: string,
  lastRunAt: EpochMs,
  now: EpochMs,
): EpochMs | undefined {
  const runs = cronRuns(line, timezone);
  let newest = runs.after(lastRunAt);
  if (newest > now) return undefined;
  // Halves the time in which a newer one may lie: the library knows the next run only.
  let high = now;
  while (high > newest) {
    const middle = Math.floor((newest + high) / 2);
    const next = runs.after(middle);
    if (next <= now) newest = next;
    else high = middle;
    if (high - newest <= 1) break;
  }
  return newest;
}
