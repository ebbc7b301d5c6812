import type { PointKey } from "../../drivers/contract.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import { keyPath, type PlacedRule } from "../rules-of.ts";
import type { ConditionInput } from "../schema/condition.ts";
import type { Subject } from "./subject.ts";

/** One condition of a rule, wherever it is nested. */
export interface PlacedCondition {
  readonly rule: PlacedRule;
  readonly path: Path;
  readonly condition: ConditionInput;
  /** Whether it raises the alarm alone: it does not stand below an `all` of several, a `not` or `suppressWhile`. */
  readonly isAlone: boolean;
}

export const limitKeys = ["above", "atOrAbove", "below", "atOrBelow"] as const;
const trendKeys = ["risingFaster", "fallingFaster", "willReach"] as const;
const changeKeys = ["risenBy", "fallenBy"] as const;
const numberKeys = [...limitKeys, ...trendKeys, ...changeKeys] as const;
const groupKeys = ["all", "any", "not"] as const;
const kindKeys = [
  ...numberKeys,
  ...(["equal", "stale", "frozen", "fault", "during"] as const),
  ...groupKeys,
] as const;
type Key = keyof ConditionInput;

/** Every condition of every rule, those inside others too. */
export function conditionsOf({ rules }: Pick<Subject, "rules">): readonly PlacedCondition[] {
  return rules.flatMap((rule) => {
    const { suppressWhile } = rule.config;
    const top = { rule, path: rule.path, condition: rule.config, isAlone: true };
    const own = flatten(top);
    if (suppressWhile === undefined) return own;
    const path = keyPath(rule, "suppressWhile");
    return [...own, ...flatten({ rule, path, condition: suppressWhile, isAlone: false })];
  });
}

/** Where a key of the condition stands. */
export function keyAt({ rule, path, condition }: PlacedCondition, key: string): Path {
  return condition === rule.config ? keyPath(rule, key) : [...path, key];
}

function flatten(placed: PlacedCondition): readonly PlacedCondition[] {
  const { rule, condition, isAlone } = placed;
  const below = (["all", "any"] as const).flatMap((group) =>
    (condition[group] ?? []).flatMap((part, index, parts) =>
      flatten({
        rule,
        path: [...keyAt(placed, group), index],
        condition: part,
        isAlone: isAlone && (group === "any" || parts.length === 1),
      }),
    ),
  );
  const { not } = condition;
  if (not === undefined) return [placed, ...below];
  const inner = flatten({ rule, path: keyAt(placed, "not"), condition: not, isAlone: false });
  return [placed, ...below, ...inner];
}

/** Each condition compares once, and in a way that its point can answer. */
export function checkConditions(subject: Subject): readonly Finding[] {
  return [
    ...conditionsOf(subject).flatMap((placed) => [
      ...(placed.rule.profile === undefined ? checkForm(placed) : []),
      ...checkKinds(placed, subject),
    ]),
    ...Object.entries(subject.config.rules).flatMap(([id, { levels, ...rule }]) => {
      if (levels === undefined) return [];
      const path = ["rules", id];
      const names = Object.keys(levels);
      const empty = names.length > 0 ? [] : [finding("rule/levels-empty", [...path, "levels"], {})];
      const inside = kindKeys
        .filter((key) => rule[key] !== undefined)
        .map((key) =>
          finding("rule/levels-with-condition", [...path, key], { key }, { at: "key" }),
        );
      return [...empty, ...inside];
    }),
  ];
}

function checkForm(placed: PlacedCondition): readonly Finding[] {
  const { condition, path, rule } = placed;
  const keys = kindKeys.filter((key) => isGiven(condition, key));
  // What stands in the rule above its levels is told there.
  const { level } = rule;
  if (condition === rule.config && level !== undefined) {
    if (keys.some((key) => !Object.hasOwn(level.own, key))) return [];
  }
  const [first, second] = keys;
  if (first === undefined) return [finding("rule/no-condition", path, {}, { at: "key" })];
  if (second !== undefined) {
    return [finding("rule/two-conditions", keyAt(placed, second), { keys }, { at: "key" })];
  }
  const isGroup = groupKeys.some((key) => key === first);
  if (first === "during" && condition.point !== undefined) {
    const params = { key: "during", other: "point" };
    return [finding("rule/key-excludes", keyAt(placed, "point"), params, { at: "key" })];
  }
  if (isGroup && condition.point !== undefined) {
    const at = keyAt(placed, "point");
    return [finding("rule/point-with-group", at, { key: first }, { at: "key" })];
  }
  if (!isGroup && first !== "during" && condition.point === undefined) {
    return [finding("rule/no-point", keyAt(placed, first), { key: first }, { at: "key" })];
  }
  return [...companions(placed), ...deadbandUse(placed, first), ...totalWithin(placed)];
}

/** Keys that say nothing without one of others. */
const needs: readonly (readonly [Key, readonly Key[]])[] = [
  ["minus", limitKeys],
  ["dividedBy", limitKeys],
  ["within", ["total", ...changeKeys]],
  ["samples", trendKeys],
  ["fit", trendKeys],
  ["ahead", ["willReach"]],
  ["willReach", ["ahead"]],
  ["risenBy", ["within"]],
  ["fallenBy", ["within"]],
];

function companions(placed: PlacedCondition): readonly Finding[] {
  const { condition } = placed;
  const lonely = needs.flatMap(([key, others]) => {
    if (!isGiven(condition, key) || others.some((other) => isGiven(condition, other))) return [];
    const params = { key, needs: others };
    return [finding("rule/key-needs", keyAt(placed, key), params, { at: "key" })];
  });
  if (condition.minus === undefined || condition.dividedBy === undefined) return lonely;
  const params = { key: "dividedBy", other: "minus" };
  return [
    ...lonely,
    finding("rule/key-excludes", keyAt(placed, "dividedBy"), params, { at: "key" }),
  ];
}

function deadbandUse(placed: PlacedCondition, kind: Key): readonly Finding[] {
  const hasLimit = numberKeys.some((key) => key === kind && key !== "willReach");
  if (placed.condition.deadband === undefined || hasLimit) return [];
  const where = { at: "key", severity: "warning" } as const;
  return [finding("rule/deadband-unused", keyAt(placed, "deadband"), {}, where)];
}

function totalWithin(placed: PlacedCondition): readonly Finding[] {
  const { total, within } = placed.condition;
  if (total === undefined || within === undefined || total <= within) return [];
  return [finding("rule/total-within", keyAt(placed, "total"), {})];
}

function isGiven(condition: ConditionInput, key: Key): boolean {
  return condition[key] !== undefined;
}

function checkKinds(placed: PlacedCondition, subject: Subject): readonly Finding[] {
  const { condition } = placed;
  const wrong = numberKeys.filter((key) => isGiven(condition, key));
  return (["point", "minus", "dividedBy"] as const).flatMap((role) => {
    const point: PointKey | undefined = condition[role];
    const kind = point === undefined ? undefined : subject.points.get(point)?.kind;
    if (point === undefined || kind === undefined) return [];
    const limits = wrong
      .filter(() => kind !== "number")
      .map((key) =>
        finding("rule/limit-kind", keyAt(placed, key), { key, point, kind }, { at: "key" }),
      );
    const got = role === "point" ? kindOf(condition.equal) : undefined;
    if (got === undefined || got === kind) return limits;
    return [...limits, finding("rule/equal-kind", keyAt(placed, "equal"), { point, kind, got })];
  });
}

function kindOf(value: unknown): "number" | "boolean" | "text" | undefined {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return typeof value === "string" ? "text" : undefined;
}
