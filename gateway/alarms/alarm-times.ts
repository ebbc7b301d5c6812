import type { EpochMs } from "../../drivers/contract.ts";
import { fixOf, sameClockMs, type TimeCorrection } from "../store/time-shift.ts";
import type { Alarm, Shelf } from "./alarm.ts";
import type { Entry } from "./alarm-state.ts";
import type { Timing } from "./alarm-timers.ts";

/** Times at which something happened to an alarm, each once. What lies ahead (the end of a shelf) is none. */
export function timesOf(alarm: Alarm): readonly EpochMs[] {
  const { raisedAt, since, acknowledgedAt, shelved, suppressed, outOfService } = alarm;
  const all = [
    ...[raisedAt, since, acknowledgedAt],
    ...[shelved?.since, suppressed?.since, outOfService?.since],
  ];
  return [...new Set(all.filter((at) => at !== undefined))];
}

/** Those of the settled times that the alarm still has. */
export function stillSettled({ alarm, settled = [] }: Entry): readonly EpochMs[] {
  if (settled.length === 0) return settled;
  const times = timesOf(alarm);
  return settled.filter((at) => times.includes(at));
}

/**
 * The alarm with the times that a clock should have given it, which is known only now; the same object where that changes
 * none. Its timers run on the monotonic clock and stay as they are.
 */
export function atTrueTimes(entry: Entry, correction: TimeCorrection): Entry {
  const { alarm, timing, settled } = entry;
  const fix = fixOf(correction, settled);
  const { acknowledgedAt, shelved, suppressed, outOfService } = alarm;
  const after: Alarm = {
    ...alarm,
    raisedAt: fix(alarm.raisedAt),
    since: fix(alarm.since),
    ...(acknowledgedAt !== undefined && { acknowledgedAt: fix(acknowledgedAt) }),
    ...(shelved !== undefined && { shelved: fixedShelf(shelved, timing, fix, correction) }),
    ...(suppressed !== undefined && {
      suppressed: { ...suppressed, since: fix(suppressed.since) },
    }),
    ...(outOfService !== undefined && {
      outOfService: { ...outOfService, since: fix(outOfService.since) },
    }),
  };
  const isSame =
    after.shelved?.until === shelved?.until && timesOf(alarm).every((at) => fix(at) === at);
  return isSame ? entry : { ...entry, alarm: after };
}

function fixedShelf(
  shelf: Shelf,
  { shelfEnd }: Timing,
  fix: (at: EpochMs) => EpochMs,
  { offsetMs }: TimeCorrection,
): Shelf {
  const until = shelfEnd === undefined ? shelf.until : shelfEnd + offsetMs;
  const isRight = Math.abs(until - shelf.until) <= sameClockMs;
  return { ...shelf, since: fix(shelf.since), until: isRight ? shelf.until : until };
}
