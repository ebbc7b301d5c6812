import type { PointKey } from "../../drivers/contract.ts";
import { type Finding, finding, type Path, pathText } from "../problem.ts";
import { conditionsOf, keyAt, limitKeys, type PlacedCondition } from "./conditions.ts";
import type { Subject } from "./subject.ts";

interface Limit {
  readonly point: PointKey;
  readonly side: "high" | "low";
  readonly value: number;
  readonly deadband: number;
  readonly path: Path;
  /** Where its deadband stands. */
  readonly deadbandPath: Path;
  readonly isAlone: boolean;
  /** The level that it makes, where its rule has levels. */
  readonly level: string | undefined;
}

/** Limits that contradict each other or their point, deadbands that let no alarm end. */
export function checkLimits(subject: Subject): readonly Finding[] {
  const limits = conditionsOf(subject).flatMap(limitsOf);
  const byPoint = Map.groupBy(limits, ({ point }) => point);
  return [
    ...[...byPoint.values()].flatMap((group) => [
      ...againstEachOther(group),
      ...againstLevels(group),
    ]),
    ...limits.flatMap((limit) => againstRange(limit, subject.settings.get(limit.point)?.range)),
    ...conditionsOf(subject).flatMap(neverTrue),
  ];
}

function limitsOf(placed: PlacedCondition): readonly Limit[] {
  const { condition, isAlone, rule } = placed;
  const { point, deadband = 0, minus, dividedBy } = condition;
  // A difference or a ratio lies on another scale than its point.
  if (point === undefined || minus !== undefined || dividedBy !== undefined) return [];
  // Two comparisons in one condition are an error of their own.
  if (limitKeys.filter((key) => condition[key] !== undefined).length > 1) return [];
  return limitKeys.flatMap((key) => {
    const value = condition[key];
    if (value === undefined) return [];
    const side = key === "above" || key === "atOrAbove" ? "high" : "low";
    const [path, deadbandPath] = [keyAt(placed, key), keyAt(placed, "deadband")];
    const level = condition === rule.config ? rule.level?.name : undefined;
    return [{ point, side, value, deadband, path, deadbandPath, isAlone, level }];
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
    return [finding("rule/deadband-band", limit.deadbandPath, params)];
  });
}

/** HHH, HH, H and L, LL, LLL of one point lie in their order, and on their side. */
function againstLevels(limits: readonly Limit[]): readonly Finding[] {
  const named = limits.flatMap(({ level = "", ...limit }) =>
    /^(H+|L+)$/.test(level) ? [{ ...limit, level }] : [],
  );
  const wrongSide = named.filter(({ level, side }) => (side === "high") !== level.startsWith("H"));
  const crossed = named.flatMap((outer) => {
    const inner = named.find(
      ({ level, value }) =>
        level.length < outer.level.length &&
        level[0] === outer.level[0] &&
        (outer.level.startsWith("H") ? value >= outer.value : value <= outer.value),
    );
    if (inner === undefined || wrongSide.length > 0) return [];
    const params = {
      ...{ level: outer.level, limit: outer.value, inner: inner.level, innerLimit: inner.value },
      other: pathText(inner.path),
    };
    return [finding("rule/levels-crossed", outer.path, params)];
  });
  return [
    ...wrongSide.map(({ level, path }) =>
      finding("rule/level-side", path, { level, key: String(path.at(-1)) }, { at: "key" }),
    ),
    ...crossed,
  ];
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
    return [finding("rule/deadband-range", limit.deadbandPath, params)];
  }
  const isOutside = limit.side === "high" ? value >= max : value <= min;
  if (!isOutside) return [];
  const where = { severity: "warning" } as const;
  return [finding("rule/outside-range", limit.path, { point, min, max }, where)];
}

/** `all` of "above 8" and "below 2" on one point. */
function neverTrue(placed: PlacedCondition): readonly Finding[] {
  const { rule } = placed;
  const members = (placed.condition.all ?? []).flatMap((condition, index) =>
    limitsOf({ rule, path: [...keyAt(placed, "all"), index], condition, isAlone: false }),
  );
  return [...Map.groupBy(members, ({ point }) => point).values()].flatMap((group) => {
    const low = nearest(group, "high", (a, b) => a > b);
    const high = nearest(group, "low", (a, b) => a < b);
    if (low === undefined || high === undefined || low.value < high.value) return [];
    const params = { point: low.point, low: low.value, high: high.value };
    return [finding("rule/never", high.path, params)];
  });
}
