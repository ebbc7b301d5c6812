import { formatDuration } from "../../drivers/quantity.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import { keyPath, type PlacedRule } from "../rules-of.ts";
import { prioritySchema } from "../schema/rule.ts";
import { conditionsOf, keyAt } from "./conditions.ts";
import type { Subject } from "./subject.ts";

const delayKeys = ["onDelay", "offDelay"] as const;
const windowKeys = ["stale", "frozen", "total", "within"] as const;

/** What happens with an alarm makes sense, and what it rests on is still there when somebody asks. */
export function checkHandling(subject: Subject): readonly Finding[] {
  const { keepFor } = subject.config.store;
  const tooLong = (key: string, given: number | undefined, path: Path): readonly Finding[] => {
    if (given === undefined || given <= keepFor) return [];
    const params = { key, given: formatDuration(given), keepFor: formatDuration(keepFor) };
    return [finding("rule/delay-too-long", path, params)];
  };
  return [
    ...subject.rules.flatMap((rule) => [
      ...delayKeys.flatMap((key) => tooLong(key, rule.config[key], keyPath(rule, key))),
      ...raiseFindings(rule),
    ]),
    ...conditionsOf(subject).flatMap((placed) =>
      windowKeys.flatMap((key) => tooLong(key, placed.condition[key], keyAt(placed, key))),
    ),
    ...floodFindings(subject),
  ];
}

function raiseFindings(rule: PlacedRule): readonly Finding[] {
  const { raiseTo, raiseAfter, reAlarm, reAlarmMax, priority } = rule.config;
  const pairs = [
    ["raiseTo", raiseTo, "raiseAfter", raiseAfter],
    ["raiseAfter", raiseAfter, "raiseTo", raiseTo],
    ["reAlarmMax", reAlarmMax, "reAlarm", reAlarm],
  ] as const;
  const lonely = pairs.flatMap(([key, value, other, needed]) =>
    value === undefined || needed !== undefined
      ? []
      : [finding("rule/key-needs", keyPath(rule, key), { key, needs: [other] }, { at: "key" })],
  );
  const ranks = prioritySchema.options;
  if (raiseTo === undefined || ranks.indexOf(raiseTo) > ranks.indexOf(priority)) return lonely;
  const params = { to: raiseTo, priority };
  return [...lonely, finding("rule/raise-lower", keyPath(rule, "raiseTo"), params)];
}

function floodFindings({ config }: Subject): readonly Finding[] {
  const { floodBegins: begins, floodEnds: ends } = config.alarms;
  if (ends <= begins) return [];
  return [finding("alarms/flood", ["alarms", "floodEnds"], { begins, ends })];
}
