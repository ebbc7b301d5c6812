import { demandDaysMax, leftOut } from "./day-series.ts";

/** Days as JSON: a number is a day's demand, a negative one so many days without, null a day that is left out. */
export type DayRuns = readonly (number | null)[];

/** Digits of a fraction that are kept: as many as four bytes hold. */
const digits = 7;

export function runsOf(days: Iterable<number>): DayRuns {
  const runs: (number | null)[] = [];
  let zeros = 0;
  for (const demand of days) {
    if (demand === 0) {
      zeros += 1;
      continue;
    }
    if (zeros > 0) runs.push(-zeros);
    zeros = 0;
    runs.push(Number.isNaN(demand) ? null : Number(demand.toPrecision(digits)));
  }
  if (zeros > 0) runs.push(-zeros);
  return runs;
}

/** By hand: a start reads two years of 10,000 items, and a schema takes seconds for them. */
export function isRuns(value: unknown): value is DayRuns {
  if (!Array.isArray(value) || value.length > demandDaysMax) return false;
  return value.every((run) => run === null || (typeof run === "number" && Number.isFinite(run)));
}

/** @param daysMax what is longer is cut */
export function daysOf(runs: DayRuns, daysMax: number): readonly number[] {
  const days: number[] = [];
  for (const run of runs) {
    if (days.length >= daysMax) break;
    if (run === null) days.push(leftOut);
    else if (run >= 0) days.push(run);
    else for (let n = Math.min(-run, daysMax - days.length); n > 0; n -= 1) days.push(0);
  }
  return days;
}
