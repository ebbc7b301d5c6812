import type { AlarmView } from "./panel/api.ts";
import type { Condition, Rule } from "./rules/rule.ts";

type Limit = NonNullable<AlarmView["limit"]>;

/**
 * What each rule compares its value with, by rule; of a total the limit beyond which time adds up, of a difference or a
 * ratio the limit of that. Absent where several comparisons count, or an age.
 */
export function alarmLimits(rules: readonly Rule[]): ReadonlyMap<string, Limit> {
  return new Map(
    rules.flatMap(({ id, when }): [string, Limit][] => {
      const limit = limitOf(when);
      return limit === undefined ? [] : [[id, limit]];
    }),
  );
}

function limitOf(when: Condition): Limit | undefined {
  switch (when.is) {
    case "above":
    case "below":
      return { is: when.is, value: when.limit, inclusive: when.inclusive };
    case "equal":
      return { is: when.is, value: when.value };
    case "total":
      return limitOf(when.part);
    default:
      return undefined;
  }
}
