import type { DayNumber, Zone } from "../../rules/zone.ts";
import type { Movement } from "../movement.ts";
import { demandDaysMax } from "./day-series.ts";

/**
 * What a movement says of demand: positive was wanted and taken, negative came back. Receipts, counts and corrections
 * say nothing, nor does what a transfer brings.
 */
export function takenBy({ kind, quantity }: Pick<Movement, "kind" | "quantity">): number {
  switch (kind) {
    case "pick":
    case "issue":
    case "put":
      return quantity === 0 ? 0 : -quantity;
    case "transfer":
      return Math.max(0, -quantity);
    case "receipt":
    case "count":
    case "adjust":
      return 0;
  }
}

/** Parts of a demand, each with its day. */
export type DayShare = readonly [DayNumber, number];

/**
 * The days that a demand falls on: the movement's own, or evenly those of the time in which nobody watched. Whole
 * numbers stay whole. A clock that runs ahead must not open days that have not come: such a movement is of today.
 */
export function daysOfTaken(
  taken: number,
  { at, since, clock }: Pick<Movement, "at" | "since" | "clock">,
  zone: Zone,
  today: DayNumber,
): readonly DayShare[] {
  if (clock === "unset") return [[today, taken]];
  const last = Math.min(today, zone.dayOf(at));
  const first = since === undefined ? last : Math.min(last, zone.dayOf(Math.min(since, at)));
  const count = Math.min(demandDaysMax, last - first + 1);
  const whole = Number.isInteger(taken);
  const until = (days: number) => {
    const sum = (taken * days) / count;
    return whole ? Math.floor(sum) : sum;
  };
  return Array.from({ length: count }, (_, index): DayShare => {
    return [last - count + 1 + index, until(index + 1) - until(index)];
  });
}
