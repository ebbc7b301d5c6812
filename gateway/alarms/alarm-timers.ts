import { priorityRanks } from "../../config/schema/priority-rank.ts";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Rule } from "../rules/rule.ts";
import type { Alarm } from "./alarm.ts";

/** A shift: whoever shelves an alarm is there to see its end. */
export const shelveMsDefault = 8 * 3_600_000;

/** A defrost takes minutes; whatever suppresses for an hour is out of order itself. */
export const suppressMsDefault = 3_600_000;

/**
 * When what an alarm's timers count from happened, on the monotonic clock of this boot; negative
 * when it was in an earlier one.
 */
export interface Timing {
  readonly raised?: MonotonicMs;
  readonly acknowledged?: MonotonicMs;
  readonly suppressed?: MonotonicMs;
  /** The one that lies ahead: a shelf was given its end. */
  readonly shelfEnd?: MonotonicMs;
  readonly priorityRaised?: boolean;
  /** How often the re-alarm time has called again in this occurrence. */
  readonly reAlarmed?: number;
}

export interface Timer {
  readonly cause: "priority-raised" | "shelf-expired" | "suppression-expired" | "re-alarm";
  readonly due: MonotonicMs;
}

/** The timer that ends first; of those that end together the one that spares a transition. */
export function nextTimer(alarm: Alarm, timing: Timing, rule: Rule): Timer | undefined {
  let first: Timer | undefined;
  for (const timer of timersOf(alarm, timing, rule)) {
    if (first === undefined || timer.due < first.due) first = timer;
  }
  return first;
}

function* timersOf(alarm: Alarm, timing: Timing, rule: Rule): Iterable<Timer> {
  const { raised, shelfEnd, suppressed, acknowledged, priorityRaised, reAlarmed = 0 } = timing;
  if (alarm.active && raised !== undefined && priorityRaised !== true && isRaised(rule)) {
    yield { cause: "priority-raised", due: raised + rule.raise.afterMs };
  }
  if (alarm.shelved !== undefined && shelfEnd !== undefined) {
    yield { cause: "shelf-expired", due: shelfEnd };
  }
  if (alarm.suppressed !== undefined && suppressed !== undefined) {
    yield {
      cause: "suppression-expired",
      due: suppressed + (rule.suppressMsMax ?? suppressMsDefault),
    };
  }
  const { reAlarmMs, reAlarmMax = Number.POSITIVE_INFINITY } = rule;
  const calls = alarm.state === "acknowledged" && acknowledged !== undefined;
  if (calls && reAlarmMs !== undefined && reAlarmed < reAlarmMax) {
    yield { cause: "re-alarm", due: acknowledged + reAlarmMs };
  }
}

/** A rule's `raise` counts only where it is a rise. */
function isRaised(rule: Rule): rule is Rule & { readonly raise: NonNullable<Rule["raise"]> } {
  return rule.raise !== undefined && priorityRanks[rule.raise.to] < priorityRanks[rule.priority];
}

/** All stamps moved by so much: from one boot's monotonic clock to the next one's. */
export function shifted(timing: Timing, byMs: number): Timing {
  const { raised, acknowledged, suppressed, shelfEnd } = timing;
  return {
    ...timing,
    ...(raised === undefined ? {} : { raised: raised + byMs }),
    ...(acknowledged === undefined ? {} : { acknowledged: acknowledged + byMs }),
    ...(suppressed === undefined ? {} : { suppressed: suppressed + byMs }),
    ...(shelfEnd === undefined ? {} : { shelfEnd: shelfEnd + byMs }),
  };
}
