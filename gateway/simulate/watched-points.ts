import type { ConditionInput } from "../../config/schema/condition.ts";
import type { RuleConfig } from "../../config/schema/rule.ts";
import type { PointKey } from "../../drivers/contract.ts";
import type { PointKind } from "./point-names.ts";

/** The points that a rule looks at, and the kind of value that it compares each with. */
export function watchedPoints(rule: RuleConfig): ReadonlyMap<PointKey, PointKind | undefined> {
  const found = new Map<PointKey, PointKind | undefined>();
  collect(rule, found);
  if (rule.suppressWhile !== undefined) collect(rule.suppressWhile, found);
  return found;
}

function collect(condition: ConditionInput, found: Map<PointKey, PointKind | undefined>): void {
  const { point, minus, dividedBy, all = [], any = [], not } = condition;
  const kind = kindOf(condition);
  for (const key of [point, minus, dividedBy]) {
    if (key !== undefined) found.set(key, found.get(key) ?? kind);
  }
  for (const part of [...all, ...any, ...(not === undefined ? [] : [not])]) collect(part, found);
}

const numeric = [
  "above",
  "atOrAbove",
  "below",
  "atOrBelow",
  "risingFaster",
  "fallingFaster",
  "willReach",
  "risenBy",
  "fallenBy",
] as const;

function kindOf(condition: ConditionInput): PointKind | undefined {
  if (numeric.some((key) => condition[key] !== undefined)) return "number";
  switch (typeof condition.equal) {
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "string":
      return "text";
    default:
      return undefined;
  }
}
