import { z } from "zod";
import type { ReceiverConfig } from "../../../config/schema/notify.ts";
import type { HttpChannel } from "../channel.ts";
import { cutChars } from "../cut.ts";
import { answered, delivered, said, statusVerdict } from "../http-verdict.ts";
import { jsonHeaders, words } from "../words.ts";

type Config = NonNullable<ReceiverConfig["telegram"]>;

/** Counted in UTF-16 code units. */
const textCharsMax = 4_096;

const replySchema = z.object({
  ok: z.boolean(),
  error_code: z.number().optional(),
  description: z.string().default(""),
  parameters: z.object({ retry_after: z.number().optional() }).optional(),
});

/** Telegram's Bot API, `sendMessage`. */
export const telegram: HttpChannel<Config> = {
  // A group takes 20 a minute of one bot.
  limits: [
    { count: 1, perMs: 1_000 },
    { count: 18, perMs: 60_000 },
  ],
  overflow: "digest",
  robot: ({ token, chat }) => `${token.reveal()} ${chat}`,
  signed: () => false,
  secrets: ({ token }) => [token.reveal()],
  request({ push }, { server, token, chat }) {
    const url = `${server.replace(/\/+$/, "")}/bot${encodeURI(token.reveal())}/sendMessage`;
    // Never more bytes than four to a code unit: only the count in code units cuts here.
    const text = cutChars(words(push, textCharsMax * 4), textCharsMax);
    return { url, headers: jsonHeaders, body: JSON.stringify({ chat_id: chat, text }) };
  },
  verdict(answer, text) {
    const reply = answered(replySchema, answer.body);
    if (reply?.ok === true) return delivered;
    const status = statusVerdict(answer, text);
    if (reply === undefined) {
      if (status.is !== "delivered") return status;
      return { is: "retry", why: text.notProvider(said(answer.body)), slow: true };
    }
    const code = reply.error_code ?? answer.status;
    const why = text.provider(code, said(reply.description));
    const pause = reply.parameters?.retry_after;
    if (pause !== undefined) return { is: "retry", why, afterMs: pause * 1_000 };
    if (code >= 500 || code === 429) return { is: "retry", why };
    // "message is too long" and "can't parse" will not get better; a chat that is not found or left may.
    if (code === 413 || /too long|parse|is empty/.test(reply.description)) {
      return { is: "dead", why };
    }
    return { is: "retry", why, slow: true };
  },
};
