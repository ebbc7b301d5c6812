import { describePoints, pointSettingsOf } from "../../config/points.ts";
import { rulesOf } from "../../config/rules-of.ts";
import type { Config } from "../../config/schema/config.ts";
import type { RuleConfig } from "../../config/schema/rule.ts";
import type { PointKey } from "../../drivers/contract.ts";
import { pointBook } from "../point-book.ts";
import { configuredRules } from "../rules/configured-rules.ts";
import type { Rule } from "../rules/rule.ts";
import type { PointKind } from "./point-names.ts";
import { watchedPoints } from "./watched-points.ts";

/** The rules of one configuration, and what they need to know of points. */
export interface RuleBook {
  /** Those of the configuration; the gateway's rules about its own health have no samples here. */
  readonly rules: readonly Rule[];
  readonly configs: ReadonlyMap<string, RuleConfig>;
  /** Kind of value of each point that the configuration or a rule knows. */
  readonly kinds: ReadonlyMap<PointKey, PointKind | undefined>;
  /** Whether the configuration has devices, so that no other points exist. */
  readonly isWhole: boolean;
  /** When a value counts as stale. */
  readonly staleAfterMs: (point: PointKey) => number | undefined;
}

/**
 * @param source whose cadence counts: a store was written at the pace of the configuration, while a
 * file has its own, so that there only `staleAfter` says how long a value holds.
 */
export function ruleBook(config: Config, source: "file" | "store"): RuleBook {
  const points = pointBook(config);
  const settings = pointSettingsOf(config);
  const placed = new Map(rulesOf(config).map((rule) => [rule.id, rule.config]));
  const kinds = new Map<PointKey, PointKind | undefined>();
  for (const rule of placed.values()) {
    for (const [point, kind] of watchedPoints(rule)) kinds.set(point, kinds.get(point) ?? kind);
  }
  for (const { key, kind } of describePoints(config)) kinds.set(key, kind);
  return {
    rules: configuredRules(config, points).filter(({ id }) => placed.has(id)),
    configs: placed,
    kinds,
    isWhole: Object.keys(config.channels).length > 0,
    staleAfterMs: (point) =>
      source === "store" ? points.get(point)?.staleAfterMs : settings.get(point)?.staleAfter,
  };
}
