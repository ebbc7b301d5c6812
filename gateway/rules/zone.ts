import type { EpochMs } from "../../drivers/contract.ts";

/** A day of the calendar as a count of days since 1970-01-01, whatever the time zone. */
export type DayNumber = number;

const dayMs = 86_400_000;

/** One time zone: instants to local days and back, daylight saving included. */
export interface Zone {
  dayOf(at: EpochMs): DayNumber;
  /**
   * The instant at which clocks there show this time of that day. A time that is skipped in spring
   * is the instant of the change; of a time that comes twice in autumn, `first` or `last` is meant.
   */
  instantOf(day: DayNumber, minutes: number, which: "first" | "last"): EpochMs;
}

/** @throws RangeError when there is no such time zone. */
export function zoneOf(timezone: string): Zone {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  /** What clocks there show, as if it were UTC. */
  const localOf = (at: EpochMs): number => {
    const parts = new Map(
      format.formatToParts(at).map(({ type, value }) => [type as string, Number(value)]),
    );
    const part = (name: string) => parts.get(name) ?? 0;
    return (
      Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute")) +
      part("second") * 1_000
    );
  };
  const offsetAt = (at: EpochMs): number => localOf(at) - Math.floor(at / 1_000) * 1_000;
  return {
    dayOf: (at) => Math.floor(localOf(at) / dayMs),
    instantOf(day, minutes, which) {
      const local = day * dayMs + minutes * 60_000;
      // Offsets change at most once within the two days around a local time.
      const before = offsetAt(local - dayMs);
      const after = offsetAt(local + dayMs);
      const valid = [local - before, local - after].filter((at) => localOf(at) === local);
      if (valid.length > 0) return which === "first" ? Math.min(...valid) : Math.max(...valid);
      return changeBetween(
        offsetAt,
        local - Math.max(before, after),
        local - Math.min(before, after),
      );
    },
  };
}

/** The first instant in a range at which the offset is that of its end. */
function changeBetween(offsetAt: (at: EpochMs) => number, from: EpochMs, to: EpochMs): EpochMs {
  const target = offsetAt(to);
  let low = from;
  let high = to;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle) === target) high = middle;
    else low = middle;
  }
  return high;
}

/** `2026-10-01` -> its day. */
export function dayOfDate(date: string): DayNumber {
  return Math.floor(Date.parse(`${date}T00:00:00Z`) / dayMs);
}

/** 0: Monday. 1970-01-01 was a Thursday. */
export function weekdayOf(day: DayNumber): number {
  return (((day + 3) % 7) + 7) % 7;
}
