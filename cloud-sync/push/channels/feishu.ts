import { z } from "zod";
import type { ReceiverConfig } from "../../../config/schema/notify.ts";
import type { HttpChannel } from "../channel.ts";
import { answered, type CodeMeaning, codeVerdict, said, statusVerdict } from "../http-verdict.ts";
import { feishuSignature } from "../signature.ts";
import { jsonHeaders, words } from "../words.ts";

type Config = NonNullable<ReceiverConfig["feishu"]>;

/** The whole body may have 20 KB, and JSON may double what a text holds of line ends and quotes. */
const textBytesMax = 9_000;

/** The platform is throttled at full and half hours, when everybody reports: half a minute is past the crowd. */
const throttledMs = 30_000;

const meaning: CodeMeaning = {
  // 19001 token, 19021 signature or time, 19022 address of the sender, 19024 keyword.
  slow: [19_001, 19_021, 19_022, 19_024],
  dead: [9_499, 19_002],
  throttled: { 11232: throttledMs, 99991400: throttledMs },
};

// Two spellings of the same reply exist, and some robots send both.
const replySchema = z.object({
  code: z.number().optional(),
  StatusCode: z.number().optional(),
  msg: z.string().optional(),
  StatusMessage: z.string().optional(),
});

/** The custom bot of Feishu and Lark. */
export const feishu: HttpChannel<Config> = {
  limits: [
    { count: 4, perMs: 1_000 },
    { count: 90, perMs: 60_000 },
  ],
  overflow: "digest",
  robot: ({ webhook }) => webhook.reveal(),
  signed: ({ secret }) => secret !== undefined,
  secrets: ({ webhook, secret }) => [
    webhook.reveal(),
    // The last step of the path is the token.
    ...new URL(webhook.reveal()).pathname.split("/").slice(-1),
    ...(secret === undefined ? [] : [secret.reveal()]),
  ],
  request({ push, now }, { webhook, secret }) {
    const seconds = Math.floor(now / 1_000);
    const signed =
      secret === undefined
        ? {}
        : { timestamp: String(seconds), sign: feishuSignature(secret.reveal(), seconds) };
    const content = { text: words(push, textBytesMax) };
    const body = JSON.stringify({ ...signed, msg_type: "text", content });
    return { url: webhook.reveal(), headers: jsonHeaders, body };
  },
  verdict(answer, text) {
    const status = statusVerdict(answer, text);
    const reply = answered(replySchema, answer.body);
    const code = reply?.code ?? reply?.StatusCode;
    if (code !== undefined && (code !== 0 || status.is === "delivered")) {
      return codeVerdict(code, reply?.msg ?? reply?.StatusMessage ?? "", meaning, text);
    }
    if (status.is !== "delivered") return status;
    return { is: "retry", why: text.notProvider(said(answer.body)), slow: true };
  },
};
