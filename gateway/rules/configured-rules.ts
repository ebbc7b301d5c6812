import type { Config } from "../../config/schema/config.ts";
import type { PointKey } from "../../drivers/contract.ts";
import { healthRules, partsOf } from "../health/health-rules.ts";
import type { Rule } from "./rule.ts";
import { type PointLabel, ruleFromConfig } from "./rule-from-config.ts";

/** The rules of the configuration, and those by which the gateway watches itself. */
export function configuredRules(
  config: Config,
  points: ReadonlyMap<PointKey, PointLabel>,
): readonly Rule[] {
  const { language } = config.gateway;
  const own = Object.entries(config.rules).map(([id, rule]) =>
    ruleFromConfig(id, rule, language, (point) => points.get(point)),
  );
  return [...own, ...healthRules(partsOf(Object.keys(config.channels)), language)];
}
