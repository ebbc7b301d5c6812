import { gatewayDevice } from "../../config/checks/subject.ts";
import { healthText } from "../../config/language/health.ts";
import type { Language } from "../../config/language/language.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { Rule } from "../rules/rule.ts";
import type { Part } from "./health.ts";
import { healthPoint } from "./health-book.ts";

const fixedParts: readonly Part[] = [
  "config",
  "store",
  "clock",
  "broker",
  "panel",
  "sync",
  "sms",
  "annunciators",
  "push",
  "audit",
  "records",
  "backup",
  "disk",
];

/** Every part of a gateway with these channels. */
export function partsOf(channels: Iterable<string>): readonly Part[] {
  return [...fixedParts, ...[...channels].map((channel): Part => `channel-${channel}`)];
}

type Fixed = Exclude<Part, `channel-${string}`>;

const priorities: Readonly<Record<Fixed, Priority>> = {
  config: "medium",
  store: "high",
  clock: "medium",
  broker: "low",
  panel: "medium",
  sync: "medium",
  sms: "high",
  annunciators: "high",
  push: "high",
  audit: "high",
  records: "high",
  backup: "low",
  disk: "high",
};

/** How long a part may be unwell before it is worth an alarm: a channel reopens, a modem looks for its network. */
const patienceMs: Readonly<Partial<Record<Fixed, number>>> & { readonly channel: number } = {
  channel: 30_000,
  sms: 120_000,
  annunciators: 30_000,
};

/**
 * The gateway's own alarms. Their ids hold a colon, which no configured id can. None is critical: a lamp shows them, a
 * buzzer calls for the high ones, no siren wakes the house for a modem.
 */
export function healthRules(
  parts: readonly Part[],
  language: Language,
  told: Pick<Rule, "annunciate" | "notify"> = {},
): readonly Rule[] {
  const text = healthText[language];
  return parts.map((part) => {
    const channel = part.startsWith("channel-") ? part.slice("channel-".length) : undefined;
    return {
      id: `gateway:${part}`,
      when: { is: "equal", point: healthPoint(part), value: false },
      onDelayMs: isFixed(part) ? (patienceMs[part] ?? 0) : patienceMs.channel,
      offDelayMs: 0,
      priority: isFixed(part) ? priorities[part] : "high",
      message: isFixed(part) ? text[part] : text.channel(channel ?? part),
      advise: text.advise,
      outputs: [],
      ...told,
    };
  });
}

/** Whether it is a part of the gateway that the rule watches. */
export function isHealthRule({ when }: Rule): boolean {
  return when.is === "equal" && when.point.startsWith(`${gatewayDevice}/`);
}

function isFixed(part: Part): part is Fixed {
  return Object.hasOwn(priorities, part);
}
