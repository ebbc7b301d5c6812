import { priorityRanks } from "../../config/schema/priority-rank.ts";
import type { Rule } from "../rules/rule.ts";
import type { Alarm, AlarmState } from "./alarm.ts";

/**
 * Alarms that are over and still listed: enough to see what happened last night, few enough to
 * read.
 */
export const returnedAlarmsMax = 50;

const stateRanks: Readonly<Record<AlarmState, number>> = {
  unacknowledged: 0,
  acknowledged: 1,
  "returned-unacknowledged": 1,
  "latched-unacknowledged": 1,
  "latched-acknowledged": 1,
  shelved: 2,
  suppressed: 2,
  "out-of-service": 2,
  normal: 3,
};

/**
 * Active and unacknowledged ones first, by priority, the newest first; then the other live ones;
 * then what is put aside; then the last ones that are over.
 */
export function listed(
  alarms: readonly Alarm[],
  ruleOf: (id: string) => Rule | undefined,
): readonly Alarm[] {
  const explained = new Set(
    alarms
      .filter(({ active, outOfService }) => active && outOfService === undefined)
      .map(({ rule }) => rule),
  );
  const isInhibited = ({ rule }: Alarm) =>
    ruleOf(rule)?.inhibitedBy?.some((id) => id !== rule && explained.has(id)) === true;
  const live = alarms
    .filter(({ state }) => state !== "normal")
    .map((alarm) => (isInhibited(alarm) ? { ...alarm, inhibited: true } : alarm))
    .sort(byUrgency);
  const over = alarms.filter(({ state }) => state === "normal").sort((a, b) => b.since - a.since);
  return [...live, ...over.slice(0, returnedAlarmsMax)];
}

function byUrgency(a: Alarm, b: Alarm): number {
  return (
    stateRanks[a.state] - stateRanks[b.state] ||
    priorityRanks[a.priority] - priorityRanks[b.priority] ||
    b.since - a.since
  );
}
