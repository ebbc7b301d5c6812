import type { ReceiverConfig } from "../../../config/schema/notify.ts";
import type { HttpChannel } from "../channel.ts";
import { type CodeMeaning, errcodeVerdict } from "../http-verdict.ts";
import { jsonHeaders, words } from "../words.ts";

type Config = NonNullable<ReceiverConfig["wecom"]>;

/** Of a text message; the platform counts bytes of UTF-8, not characters. */
const textBytesMax = 2_048;

const meaning: CodeMeaning = {
  // Key, address of the sender, or a robot that is gone.
  slow: [93_000, 93_004, 93_008, 60_020, 40_014],
  dead: [40_008, 40_035, 40_058, 44_004, 45_002],
  throttled: { 45009: 60_000, 45033: 60_000 },
};

/** WeCom's group robot: no signature, the key in its address is all. */
export const wecom: HttpChannel<Config> = {
  limits: [{ count: 18, perMs: 60_000 }],
  overflow: "digest",
  robot: ({ webhook }) => webhook.reveal(),
  signed: () => false,
  secrets: ({ webhook }) => [webhook.reveal(), ...new URL(webhook.reveal()).searchParams.values()],
  request({ push }, { webhook, mobiles }) {
    const text = { content: words(push, textBytesMax), mentioned_mobile_list: mobiles };
    const body = JSON.stringify({ msgtype: "text", text });
    return { url: webhook.reveal(), headers: jsonHeaders, body };
  },
  verdict: (answer, text) => errcodeVerdict(answer, meaning, text),
};
