import type { ReceiverConfig } from "../../../config/schema/notify.ts";
import type { HttpChannel } from "../channel.ts";
import { type CodeMeaning, errcodeVerdict } from "../http-verdict.ts";
import { dingtalkSignature } from "../signature.ts";
import { jsonHeaders, words } from "../words.ts";

type Config = NonNullable<ReceiverConfig["dingtalk"]>;

/** Longer messages are refused; the whole body may have 20 KB. */
const textBytesMax = 18_000;

/** Who exceeds 20 in a minute is not heard for ten minutes. */
const throttledMs = 600_000;

const meaning: CodeMeaning = {
  // 310000: signature, keyword or address of the sender does not fit the robot's security settings.
  slow: [310_000, 300_001, 300_005, 400_101, 400_102, 400_106, 40_014],
  dead: [40_035, 43_004, 400_105, 460_101, 460_102, 460_103],
  throttled: { 130101: throttledMs, 130102: throttledMs, 410100: throttledMs },
};

/** DingTalk's custom robot. */
export const dingtalk: HttpChannel<Config> = {
  // The robot allows 20; an attempt whose answer was lost may have counted there.
  limits: [{ count: 18, perMs: 60_000 }],
  overflow: "digest",
  robot: ({ webhook }) => webhook.reveal(),
  signed: ({ secret }) => secret !== undefined,
  secrets: ({ webhook, secret }) => [
    webhook.reveal(),
    ...new URL(webhook.reveal()).searchParams.values(),
    ...(secret === undefined ? [] : [secret.reveal()]),
  ],
  request({ push, now }, { webhook, secret, mobiles }) {
    const url = new URL(webhook.reveal());
    if (secret !== undefined) {
      url.searchParams.set("timestamp", String(now));
      url.searchParams.set("sign", dingtalkSignature(secret.reveal(), now));
    }
    const mentions = mobiles.map((mobile) => ` @${mobile}`).join("");
    const content = words(push, textBytesMax) + mentions;
    const body = { msgtype: "text", text: { content }, at: { atMobiles: mobiles, isAtAll: false } };
    return { url: url.href, headers: jsonHeaders, body: JSON.stringify(body) };
  },
  verdict: (answer, text) => errcodeVerdict(answer, meaning, text),
};
