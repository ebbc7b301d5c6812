import type { PointKey } from "../../drivers/contract.ts";
import { type Finding, finding, type Path, pathText } from "../problem.ts";
import { conditionsOf, limitKeys, type PlacedCondition } from "./conditions.ts";
import type { Subject } from "./subject.ts";

interface Limit {
  readonly point: PointKey;
  readonly side: "high" | "low";
  readonly value: number;
  readonly deadband: number;
  readonly path: Path;
  /** Path of the condition that it belongs to. */
  readonly parent: Path;
  readonly isAlone: boolean;
}

/** Limits that contradict each other or their point, deadbands that let no alarm end. */
export function checkLimits(subject: Subject): readonly Finding[] {
  const limits = conditionsOf(subject.config).flatMap(limitsOf);
  const byPoint = Map.groupBy(limits, ({ point }) => point);
  return [
    ...[...byPoint.values()].flatMap((group) => againstEachOther(group)),
    ...limits.flatMap((limit) => againstRange(limit, subject.settings.get(limit.point)?.range)),
    ...conditionsOf(subject.config).flatMap(neverTrue),
  ];
}

function limitsOf({ condition, path, isAlone }: PlacedCondition): readonly Limit[] {
  const { point, deadband = 0 } = condition;
  if (point === undefined) return [];
  // Two comparisons in one condition are an error of their own.
  if (limitKeys.filter((key) => condition[key] !== undefined).length > 1) return [];
  return limitKeys.flatMap((key) => {
    const value = condition[key];
    if (value === undefined) return [];
    const side = key === "above" || key === "atOrAbove" ? "high" : "low";
    return [{ point, side, value, deadband, path: [...path, key], parent: path, isAlone }];
  });
}

/** Only the narrowest pair can collide: the lowest high limit with the highest low one, for each limit there is. */
function againstEachOther(limits: readonly Limit[]): readonly Finding[] {
  const alone = limits.filter(({ isAlone }) => isAlone);
  const lowestHigh = nearest(alone, "high", (a, b) => a < b);
  const highestLow = nearest(alone, "low", (a, b) => a > b);
  if (lowestHigh === undefined || highestLow === undefined) return [];
  const { point } = lowestHigh;
  const band = lowestHigh.value - highestLow.value;
  if (band <= 0) {
    const params = { point, low: highestLow.value, high: lowestHigh.value };
    const other = pathText(highestLow.path);
    return [finding("rule/limits-crossed", lowestHigh.path, { ...params, other })];
  }
  return alone.flatMap((limit) => {
    const opposite = limit.side === "high" ? highestLow : lowestHigh;
    const width = Math.abs(limit.value - opposite.value);
    if (limit.deadband < width) return [];
    const params = { deadband: limit.deadband, band: width, other: pathText(opposite.path) };
    return [finding("rule/deadband-band", [...limit.parent, "deadband"], params)];
  });
}

function nearest(
  limits: readonly Limit[],
  side: Limit["side"],
  isNearer: (a: number, b: number) => boolean,
): Limit | undefined {
  return limits
    .filter((limit) => limit.side === side)
    .reduce<Limit | undefined>(
      (best, limit) => (best === undefined || isNearer(limit.value, best.value) ? limit : best),
      undefined,
    );
}

function againstRange(
  limit: Limit,
  range: readonly [number, number] | undefined,
): readonly Finding[] {
  if (range === undefined || range[0] > range[1]) return [];
  const [min, max] = range;
  const { point, deadband, value } = limit;
  if (deadband > 0 && deadband >= max - min) {
    const params = { deadband, range: max - min, point };
    return [finding("rule/deadband-range", [...limit.parent, "deadband"], params)];
  }
  const isOutside = limit.side === "high" ? value >= max : value <= min;
  if (!isOutside) return [];
  const where = { severity: "warning" } as const;
  return [finding("rule/outside-range", limit.path, { point, min, max }, where)];
}

/** `all` of "above 8" and "below 2" on one point. */
function neverTrue({ condition, path }: PlacedCondition): readonly Finding[] {
  const members = (condition.all ?? []).flatMap((member, index) =>
    limitsOf({ rule: "", path: [...path, "all", index], condition: member, isAlone: false }),
  );
  return [...Map.groupBy(members, ({ point }) => point).values()].flatMap((group) => {
    const low = nearest(group, "high", (a, b) => a > b);
    const high = nearest(group, "low", (a, b) => a < b);
    if (low === undefined || high === undefined || low.value < high.value) return [];
    const params = { point: low.point, low: low.value, high: high.value };
    return [finding("rule/never", high.path, params)];
  });
}
