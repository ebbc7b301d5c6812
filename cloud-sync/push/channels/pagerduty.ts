import type { ReceiverConfig } from "../../../config/schema/notify.ts";
import type { Priority } from "../../../config/schema/rule.ts";
import type { Push } from "../../../gateway/push/push.ts";
import type { HttpChannel } from "../channel.ts";
import { cutChars } from "../cut.ts";
import { statusVerdict } from "../http-verdict.ts";
import { jsonHeaders } from "../words.ts";

type Config = NonNullable<ReceiverConfig["pagerduty"]>;

const summaryCharsMax = 1_024;
const dedupKeyCharsMax = 255;
const detailBytesMax = 16_384;

const severities: Readonly<Record<Priority, string>> = {
  critical: "critical",
  high: "error",
  medium: "warning",
  low: "info",
};

/** PagerDuty's Events API v2. */
export const pagerduty: HttpChannel<Config> = {
  limits: [{ count: 90, perMs: 60_000 }],
  // A resolve that went under in a digest would leave its incident open for ever.
  overflow: "wait",
  robot: ({ server, routingKey }) => `${server} ${routingKey.reveal()}`,
  signed: () => false,
  secrets: ({ routingKey }) => [routingKey.reveal()],
  request({ push, gateway, key }, { server, routingKey }) {
    const action = actionOf(push);
    const thread = push.alarm === undefined ? key : `${gateway}/${push.alarm}`;
    const event = {
      routing_key: routingKey.reveal(),
      event_action: action,
      dedup_key: cutChars(thread, dedupKeyCharsMax),
      ...(action === "trigger" ? { payload: payload(push, gateway) } : {}),
    };
    const url = new URL("/v2/enqueue", server).href;
    return { url, headers: jsonHeaders, body: JSON.stringify(event) };
  },
  // 202 is the success, 400 says that the event itself is wrong.
  verdict: statusVerdict,
};

function payload(push: Push, gateway: string) {
  return {
    summary: cutChars(push.title, summaryCharsMax),
    source: gateway,
    severity: severities[push.priority],
    timestamp: new Date(push.createdAt).toISOString(),
    custom_details: { ...push.fields, text: cutChars(push.text, detailBytesMax) },
    ...(push.link === undefined ? {} : { links: [{ href: push.link, text: push.short }] }),
  };
}

/** A reminder is of an alarm that somebody acknowledged: it must not page again. */
function actionOf({ alarm, kind }: Push): "trigger" | "acknowledge" | "resolve" {
  if (alarm === undefined) return "trigger";
  if (kind === "returned" || kind === "ended") return "resolve";
  return kind === "reminder" ? "acknowledge" : "trigger";
}
