import { coldChainText } from "../../config/language/cold-chain.ts";
import type { Config } from "../../config/schema/config.ts";
import type { PointKey } from "../../drivers/contract.ts";
import { formatDuration } from "../../drivers/quantity.ts";
import type { Rule } from "../rules/rule.ts";

/** A mean that hovers at its limit is one alarm: it returns when it is lower by so many degrees. */
const mktDeadband = 0.1;

/** The worst mean kinetic temperature of a location's probes: a point of the gateway's own, computed and not stored. */
export function mktPoint(location: string): PointKey {
  return `gateway/mkt-${location}`;
}

/** One rule, `<location>:mkt`, for each location whose profile limits the mean kinetic temperature. */
export function mktRules({
  locations,
  profiles,
  gateway,
}: Pick<Config, "locations" | "profiles" | "gateway">): readonly Rule[] {
  const text = coldChainText[gateway.language];
  return Object.entries(locations).flatMap(([id, location]): Rule[] => {
    const { profile, temperature = [], annunciate, notify, escalate } = location;
    const mkt = profile === undefined ? undefined : profiles[profile]?.mkt;
    if (profile === undefined || mkt === undefined || temperature.length === 0) return [];
    return [
      {
        id: `${id}:mkt`,
        when: {
          is: "above",
          point: mktPoint(id),
          limit: mkt.max,
          inclusive: false,
          deadband: mktDeadband,
        },
        onDelayMs: 0,
        offDelayMs: 0,
        priority: "medium",
        message: text.mkt(formatDuration(mkt.window), mkt.max),
        advise: text.mktAdvise,
        location: id,
        outputs: [],
        annunciate,
        notify,
        ...(escalate === undefined ? {} : { escalate }),
        profile: { id: profile, limit: "mkt", excursion: false },
      },
    ];
  });
}
