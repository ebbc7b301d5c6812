import { rulesOf } from "../../config/rules-of.ts";
import type { Config } from "../../config/schema/config.ts";
import type { PointKey } from "../../drivers/contract.ts";
import { mktRules } from "../cold-chain/mkt-rules.ts";
import { healthRules, partsOf } from "../health/health-rules.ts";
import type { PointLabel } from "./describe.ts";
import type { Rule } from "./rule.ts";
import { ruleFromConfig } from "./rule-from-config.ts";

/**
 * The rules of the configuration, of its levels and storage profiles, and those by which the
 * gateway watches itself.
 */
export function configuredRules(
  config: Config,
  points: ReadonlyMap<PointKey, PointLabel>,
): readonly Rule[] {
  const { language, timezone } = config.gateway;
  const schedules = { timezone, byName: config.schedules };
  const own = rulesOf(config).map((rule) =>
    ruleFromConfig(rule, language, (point) => points.get(point), schedules),
  );
  return [
    ...own,
    ...mktRules(config),
    ...healthRules(partsOf(Object.keys(config.channels)), language, {
      annunciate: config.alarms.annunciate ?? annunciatorsHere(config),
      notify: config.alarms.notify,
    }),
  ];
}

/** What ails the gateway is shown where it can be mended; a guard's desk would get used to a lamp that it cannot help. */
function annunciatorsHere({ annunciators }: Pick<Config, "annunciators">): readonly string[] {
  return Object.entries(annunciators).flatMap(([id, { place }]) => (place === "here" ? [id] : []));
}
