import type { PointKey } from "../../drivers/contract.ts";
import { conversion } from "../pipeline/unit.ts";
import type { Condition, Rule } from "../rules/rule.ts";
import type { Limit } from "./excursion.ts";
import { gapIntervals } from "./mkt.ts";

/** What is known of a point that excursions are about. */
export interface WatchedPoint {
  readonly unit?: string | undefined;
  /** Time between two readings; undefined: the device speaks when it likes, and its last word holds. */
  readonly everyMs?: number | undefined;
}

/** A rule whose alarm opens an excursion, and how its values are to be read. */
export interface ExcursionRule {
  readonly rule: Rule;
  /** Undefined for a rule that is not one point beyond a number: its excursions have times, and no peak. */
  readonly limit: Limit | undefined;
  readonly gapMs: number;
  /** Undefined where the value is no temperature. */
  readonly toCelsius: ((value: number) => number) | undefined;
  readonly coverageMin: number;
}

/** Share of an excursion's window that must be known for its mean kinetic temperature, unless the profile says it. */
const coverageMinDefault = 0.9;

export function excursionRules(
  rules: readonly Rule[],
  points: ReadonlyMap<PointKey, WatchedPoint>,
  coverageMin: (profile: string) => number | undefined,
): readonly ExcursionRule[] {
  return rules.flatMap((rule) => {
    if (rule.profile?.excursion !== true) return [];
    const limit = limitOf(rule.when);
    const point = limit === undefined ? undefined : points.get(limit.point);
    const everyMs = point?.everyMs;
    const unit = point?.unit;
    return [
      {
        rule,
        limit,
        gapMs: everyMs === undefined ? Number.POSITIVE_INFINITY : everyMs * gapIntervals,
        toCelsius: unit === undefined ? undefined : celsiusOf(unit),
        coverageMin: coverageMin(rule.profile.id) ?? coverageMinDefault,
      },
    ];
  });
}

function celsiusOf(unit: string): ((value: number) => number) | undefined {
  return unit === "Cel" ? (value) => value : conversion(unit, "Cel");
}

function limitOf(when: Condition): Limit | undefined {
  if (when.is === "above" || when.is === "below") {
    if (when.minus !== undefined || when.dividedBy !== undefined) return undefined;
    const { point, is, limit: value, inclusive, deadband } = when;
    return { point, is, value, inclusive, deadband };
  }
  if (when.is === "total") return limitOf(when.part);
  if (when.is !== "all" && when.is !== "any") return undefined;
  return when.of.map(limitOf).find((limit) => limit !== undefined);
}
