import { z } from "zod";
import type { PushText } from "../../config/language/push.ts";
import type { HttpAnswer, Verdict } from "./channel.ts";

export const delivered: Verdict = { is: "delivered" };

/**
 * What an HTTP status alone means. Busy and broken servers are asked again; where only the configuration is wrong
 * (address, token, redirect) rarely; a message that is refused as such is never taken later.
 */
export function statusVerdict(answer: HttpAnswer, text: PushText): Verdict {
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return delivered;
  const after = retryAfterMs === undefined ? {} : { afterMs: retryAfterMs };
  if (status === 408 || status === 425 || status >= 500) {
    return { is: "retry", why: text.status(status), ...after };
  }
  if (status === 429) return { is: "retry", why: text.busy, ...after };
  switch (status) {
    case 401:
    case 403:
    case 407:
      return { is: "retry", why: text.notAllowed(status), slow: true };
    case 404:
    case 405:
    case 410:
      return { is: "retry", why: text.wrongAddress(status), slow: true };
    default:
      if (status >= 300 && status < 400) {
        return { is: "retry", why: text.redirected(status), slow: true };
      }
      return { is: "dead", why: text.refused(status, said(answer.body)) };
  }
}

/** Characters of an answer that are shown: enough for a sentence, too few for a page. */
const saidCharsMax = 160;

/** The beginning of an answer on one line. */
export function said(body: string): string {
  return body.replace(/\s+/g, " ").trim().slice(0, saidCharsMax).toWellFormed();
}

/** The answer's JSON as the schema wants it; undefined when it is something else. */
export function answered<T>(schema: z.ZodType<T>, body: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}

/** What a provider's own code means: absent ones are tried again as any failure. */
export interface CodeMeaning {
  /** A person must repair the configuration. */
  readonly slow?: readonly number[];
  /** The message itself is refused. */
  readonly dead?: readonly number[];
  /** Too many messages, with the pause that the provider wants. */
  readonly throttled?: Readonly<Record<number, number>>;
}

/** Providers that answer 200 and say in a code whether they took it. */
export function codeVerdict(
  code: number,
  message: string,
  meaning: CodeMeaning,
  text: PushText,
): Verdict {
  if (code === 0) return delivered;
  const why = text.provider(code, said(message));
  const afterMs = meaning.throttled?.[code];
  if (afterMs !== undefined) return { is: "retry", why, afterMs };
  if (meaning.slow?.includes(code)) return { is: "retry", why, slow: true };
  if (meaning.dead?.includes(code)) return { is: "dead", why };
  return { is: "retry", why };
}

const errcodeSchema = z.object({ errcode: z.number(), errmsg: z.string().default("") });

/** DingTalk and WeCom: `errcode` 0 is the only success; an answer without it comes from somebody else. */
export function errcodeVerdict(answer: HttpAnswer, meaning: CodeMeaning, text: PushText): Verdict {
  const status = statusVerdict(answer, text);
  const reply = answered(errcodeSchema, answer.body);
  if (reply !== undefined && (status.is === "delivered" || reply.errcode !== 0)) {
    return codeVerdict(reply.errcode, reply.errmsg, meaning, text);
  }
  if (status.is !== "delivered") return status;
  return { is: "retry", why: text.notProvider(said(answer.body)), slow: true };
}
