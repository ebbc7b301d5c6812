import type { ConditionInput } from "../../config/schema/condition.ts";
import type { ScheduleConfig } from "../../config/schema/schedule.ts";
import type { PointKey } from "../../drivers/contract.ts";
import type { Condition, Trend } from "./rule.ts";

/** Readings of a trend of which the configuration does not say how many: four cycles. */
const trendSamplesDefault = 5;

/** The schedules of the configuration, and the time zone in which they are meant. */
export interface Schedules {
  readonly timezone: string;
  readonly byName: Readonly<Record<string, ScheduleConfig>>;
}

export const noSchedules: Schedules = { timezone: "UTC", byName: {} };

/**
 * A condition of the configuration as it is evaluated.
 *
 * @throws Error when it compares nothing, names no point or a schedule that is not there: the
 * configuration check refuses those first, and whatever compares twice.
 */
export function conditionFrom(
  rule: string,
  input: ConditionInput,
  schedules: Schedules = noSchedules,
): Condition {
  const { total, within, ...rest } = input;
  if (total !== undefined) {
    const part = conditionFrom(rule, rest, schedules);
    const window = within === undefined ? {} : { withinMs: within };
    return { is: "total", part, totalMs: total, ...window };
  }
  const { all, any, not, during, point } = input;
  const from = (part: ConditionInput) => conditionFrom(rule, part, schedules);
  if (all !== undefined) return { is: "all", of: all.map(from) };
  if (any !== undefined) return { is: "any", of: any.map(from) };
  if (not !== undefined) return { is: "not", part: from(not) };
  if (during !== undefined) return duringFrom(rule, during, schedules);
  if (point === undefined) throw new Error(`rule ${rule}: a comparison names no point`);
  const found = limitFrom(input, point) ?? otherFrom(input, point) ?? movementFrom(input, point);
  if (found === undefined) throw new Error(`rule ${rule}: the condition compares nothing`);
  return found;
}

function duringFrom(rule: string, schedule: string, { timezone, byName }: Schedules): Condition {
  const hours = Object.hasOwn(byName, schedule) ? byName[schedule] : undefined;
  if (hours === undefined) throw new Error(`rule ${rule}: there is no schedule ${schedule}`);
  return { is: "during", schedule, hours, timezone };
}

function limitFrom(input: ConditionInput, point: PointKey): Condition | undefined {
  const { above, atOrAbove, below, atOrBelow, deadband = 0, minus, dividedBy } = input;
  const value = {
    point,
    ...(minus === undefined ? {} : { minus }),
    ...(dividedBy === undefined ? {} : { dividedBy }),
  };
  const high = above ?? atOrAbove;
  if (high !== undefined) {
    return { is: "above", ...value, limit: high, inclusive: above === undefined, deadband };
  }
  const low = below ?? atOrBelow;
  return low === undefined
    ? undefined
    : { is: "below", ...value, limit: low, inclusive: below === undefined, deadband };
}

function otherFrom(
  { equal, stale, frozen, fault }: ConditionInput,
  point: PointKey,
): Condition | undefined {
  if (equal !== undefined) return { is: "equal", point, value: equal };
  if (stale !== undefined) return { is: "stale", point, afterMs: stale };
  if (frozen !== undefined) return { is: "frozen", point, afterMs: frozen };
  return fault === undefined ? undefined : { is: "fault", point };
}

function movementFrom(input: ConditionInput, point: PointKey): Condition | undefined {
  const { risingFaster, fallingFaster, willReach, risenBy, fallenBy, deadband = 0 } = input;
  const { samples = trendSamplesDefault, fit = "line", ahead, within } = input;
  const trend: Trend = { samples, fit };
  const perHour = risingFaster ?? fallingFaster;
  if (perHour !== undefined) {
    const is = risingFaster === undefined ? "falling" : "rising";
    return { is, point, perHour, deadband, trend };
  }
  if (willReach !== undefined && ahead !== undefined) {
    return { is: "will-reach", point, limit: willReach, aheadMs: ahead, trend };
  }
  const by = risenBy ?? fallenBy;
  if (by === undefined || within === undefined) return undefined;
  return { is: risenBy === undefined ? "fallen" : "risen", point, by, withinMs: within, deadband };
}
