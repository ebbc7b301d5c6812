import type { EpochMs } from "../../../drivers/contract.ts";
import { type DayNumber, dayOfDate, zoneOf } from "../../rules/zone.ts";

/** Days of the gateway's time zone, while the clock is believed. */
export interface Calendar {
  /** Undefined while the clock is not set: then nothing is said of dates. */
  today(at: EpochMs): DayNumber | undefined;
}

const minuteMs = 60_000;

/** Asked for every lot of a recomputation: the same minute is the same day in every time zone. */
export function calendarOf(timezone: string, clockSet: () => boolean): Calendar {
  const zone = zoneOf(timezone);
  let minute = Number.NaN;
  let day: DayNumber = 0;
  return {
    today(at) {
      if (!clockSet()) return undefined;
      const now = Math.floor(at / minuteMs);
      if (now !== minute) {
        minute = now;
        day = zone.dayOf(at);
      }
      return day;
    },
  };
}

/** Days from `today` to the last day of use; 0: today is the last one, negative: expired. */
export function daysLeft(
  expires: string | undefined,
  today: DayNumber | undefined,
): number | undefined {
  return expires === undefined || today === undefined ? undefined : dayOfDate(expires) - today;
}
