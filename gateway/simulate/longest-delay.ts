import type { ConditionInput } from "../../config/schema/condition.ts";
import type { RuleConfig } from "../../config/schema/rule.ts";

/** The longest time in milliseconds after which one of the rules can do something by clock alone. */
export function longestDelayMs(rules: readonly RuleConfig[]): number {
  return Math.max(0, ...rules.flatMap(delaysOf));
}

function delaysOf(rule: RuleConfig): readonly number[] {
  const { onDelay, offDelay, reAlarm = 0, raiseAfter = 0, suppressWhile, suppressMax } = rule;
  return [
    ...[onDelay, offDelay, reAlarm, raiseAfter],
    ...(suppressWhile === undefined ? [] : [suppressMax, ...delaysOfCondition(suppressWhile)]),
    ...delaysOfCondition(rule),
  ];
}

function delaysOfCondition(condition: ConditionInput): readonly number[] {
  const { stale = 0, frozen = 0, total = 0, within = 0, all = [], any = [], not } = condition;
  const parts = [...all, ...any, ...(not === undefined ? [] : [not])];
  return [stale, frozen, total, within, ...parts.flatMap(delaysOfCondition)];
}
