import { dayNames, type Hours, type ScheduleConfig } from "../../config/schema/schedule.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { cronRuns } from "./cron-runs.ts";
import { type DayNumber, dayOfDate, weekdayOf, type Zone, zoneOf } from "./zone.ts";

/** Whether a schedule is on, and until when this answer holds; the next answer may be the same. */
export interface ScheduleState {
  readonly active: boolean;
  readonly until: EpochMs;
}

/** Hours of the week, or the times behind the runs of a cron line; pure, by the wall clock given. */
export interface Schedule {
  at(at: EpochMs): ScheduleState;
}

/** Days to look ahead for the next beginning: a week, its days left out, and this many more. */
const aheadDays = 8;

/** Runs on days that are left out, one after the other, before they count as none. */
const exceptMax = 500;

/**
 * - Hours run from the first instant of `from` to the last one of `to`, over midnight when `to` is
 *   not later; equal ones are 24 h. They belong to the day on which they begin, for `days` and
 *   `except`.
 * - A run of cron that began while the gateway was off, or that a step of the clock jumped over, is
 *   on for what is left of it.
 *
 * @throws RangeError, Error when the time zone or the cron line is not understood.
 */
export function scheduleOf(config: ScheduleConfig, timezone: string): Schedule {
  const zone = zoneOf(timezone);
  const except = new Set(config.except.map(dayOfDate));
  const parts: Schedule[] = [];
  for (const hours of config.hours ?? []) parts.push(hoursOfWeek(hours, zone, except));
  if (config.cron !== undefined) {
    parts.push(runsOfCron(config.cron, config.for ?? 0, timezone, zone, except));
  }
  return {
    at(at) {
      const states = parts.map((part) => part.at(at));
      return {
        active: states.some(({ active }) => active),
        until: Math.min(...states.map(({ until }) => until)),
      };
    },
  };
}

function hoursOfWeek(
  { days, from, to }: Hours,
  zone: Zone,
  except: ReadonlySet<DayNumber>,
): Schedule {
  const weekdays = new Set(days.map((day) => dayNames.indexOf(day)));
  const start = minutesOf(from);
  const end = minutesOf(to);
  return {
    at(at) {
      const today = zone.dayOf(at);
      // Yesterday's may run over midnight.
      for (let day = today - 1; day <= today + aheadDays; day += 1) {
        if (!weekdays.has(weekdayOf(day)) || except.has(day)) continue;
        const begins = zone.instantOf(day, start, "first");
        const ends = zone.instantOf(end > start ? day : day + 1, end, "last");
        if (ends <= at || ends <= begins) continue;
        return begins <= at ? { active: true, until: ends } : { active: false, until: begins };
      }
      return { active: false, until: zone.instantOf(today + aheadDays, 0, "first") };
    },
  };
}

function runsOfCron(
  line: string,
  forMs: number,
  timezone: string,
  zone: Zone,
  except: ReadonlySet<DayNumber>,
): Schedule {
  const runs = cronRuns(line, timezone);
  const after = (at: EpochMs): EpochMs => {
    let next = runs.after(at);
    for (let tries = 0; tries < exceptMax && Number.isFinite(next); tries += 1) {
      const day = zone.dayOf(next);
      if (!except.has(day)) return next;
      next = runs.after(zone.instantOf(day + 1, 0, "first") - 1);
    }
    return Number.POSITIVE_INFINITY;
  };
  return {
    at(at) {
      const run = after(at - forMs);
      return run <= at ? { active: true, until: run + forMs } : { active: false, until: run };
    },
  };
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}
