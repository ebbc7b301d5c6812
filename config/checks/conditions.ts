import type { PointKey } from "../../drivers/contract.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import type { Config } from "../schema/config.ts";
import type { ConditionInput } from "../schema/condition.ts";
import type { Subject } from "./subject.ts";

/** One condition of a rule, wherever it is nested. */
export interface PlacedCondition {
  readonly rule: string;
  readonly path: Path;
  readonly condition: ConditionInput;
  /** Whether it raises the alarm alone: it does not stand below an `all` of several. */
  readonly isAlone: boolean;
}

export const limitKeys = ["above", "atOrAbove", "below", "atOrBelow"] as const;
const leafKeys = [...limitKeys, "equal", "stale"] as const;
const groupKeys = ["all", "any"] as const;

export function conditionsOf(config: Config): readonly PlacedCondition[] {
  return Object.entries(config.rules).flatMap(([rule, condition]) =>
    flatten({ rule, path: ["rules", rule], condition, isAlone: true }),
  );
}

function flatten(placed: PlacedCondition): readonly PlacedCondition[] {
  const below = groupKeys.flatMap((group) =>
    (placed.condition[group] ?? []).flatMap((condition, index, all) =>
      flatten({
        rule: placed.rule,
        path: [...placed.path, group, index],
        condition,
        isAlone: placed.isAlone && (group === "any" || all.length === 1),
      }),
    ),
  );
  return [placed, ...below];
}

/** Each condition compares once, and in a way that its point can answer. */
export function checkConditions(subject: Subject): readonly Finding[] {
  return conditionsOf(subject.config).flatMap((placed) => [
    ...checkForm(placed),
    ...checkKinds(placed, subject),
  ]);
}

function checkForm({ condition, path }: PlacedCondition): readonly Finding[] {
  const keys = [...leafKeys, ...groupKeys].filter((key) => condition[key] !== undefined);
  const [first, second] = keys;
  if (first === undefined) return [finding("rule/no-condition", path, {}, { at: "key" })];
  if (second !== undefined) {
    return [finding("rule/two-conditions", [...path, second], { keys }, { at: "key" })];
  }
  const isGroup = first === "all" || first === "any";
  if (isGroup && condition.point !== undefined) {
    return [finding("rule/point-with-group", [...path, "point"], { key: first }, { at: "key" })];
  }
  if (!isGroup && condition.point === undefined) {
    return [finding("rule/no-point", [...path, first], { key: first }, { at: "key" })];
  }
  const hasLimit = limitKeys.some((key) => key === first);
  if (condition.deadband === undefined || hasLimit) return [];
  const where = { at: "key", severity: "warning" } as const;
  return [finding("rule/deadband-unused", [...path, "deadband"], {}, where)];
}

function checkKinds({ condition, path }: PlacedCondition, subject: Subject): readonly Finding[] {
  const point: PointKey | undefined = condition.point;
  const kind = point === undefined ? undefined : subject.points.get(point)?.kind;
  if (point === undefined || kind === undefined) return [];
  const limits = limitKeys
    .filter((key) => condition[key] !== undefined && kind !== "number")
    .map((key) => finding("rule/limit-kind", [...path, key], { key, point, kind }, { at: "key" }));
  const got = kindOf(condition.equal);
  if (got === undefined || got === kind) return limits;
  return [...limits, finding("rule/equal-kind", [...path, "equal"], { point, kind, got })];
}

function kindOf(value: unknown): "number" | "boolean" | "text" | undefined {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "string" ? "text" : undefined;
}
