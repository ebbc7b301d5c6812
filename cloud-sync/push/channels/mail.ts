import { readFileSync } from "node:fs";
import { z } from "zod";
import type { PushText } from "../../../config/language/push.ts";
import type { Config } from "../../../config/schema/config.ts";
import { certificateReason } from "../../uplinks/http-refusal.ts";
import type { ChannelTraits, Sending, Verdict } from "../channel.ts";
import { cutBytes } from "../cut.ts";
import { delivered, said } from "../http-verdict.ts";
import { words } from "../words.ts";

export type MailConfig = NonNullable<Config["mail"]>;

/** Servers that look up names or greet slowly, to stop spam, take some seconds. */
export interface MailTimes {
  readonly connectMs: number;
  /** Without a byte. */
  readonly silentMs: number;
  /** For all of it. */
  readonly wholeMs: number;
}
export const mailTimes: MailTimes = { connectMs: 10_000, silentMs: 20_000, wholeMs: 60_000 };

export const mailTraits: ChannelTraits = {
  limits: [{ count: 30, perMs: 60_000 }],
  overflow: "digest",
};

const textBytesMax = 64 * 1_024;
const subjectBytesMax = 250;

/** What is sent; pure. Ids are the same for each attempt, so that mail programs show a repetition once. */
export function mailOf({ push, gateway, key }: Sending, from: string, to: string) {
  const thread = push.alarm === undefined ? undefined : `<${idPart(push.alarm)}.alarm@${gateway}>`;
  return {
    from,
    to,
    subject: cutBytes(push.title.replace(/\s+/g, " "), subjectBytesMax),
    text: `${words(push, textBytesMax)}\n`,
    messageId: `<${idPart(key)}@${gateway}>`,
    date: new Date(push.createdAt),
    ...(thread === undefined ? {} : { inReplyTo: thread, references: [thread] }),
    // Out-of-office replies stay away (RFC 3834).
    headers: { "Auto-Submitted": "auto-generated" },
    ...(push.priority === "critical" ? { priority: "high" as const } : {}),
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

/** The characters that RFC 5322 allows between dots of an id; others as %XX. */
function idPart(text: string): string {
  return encodeURIComponent(text).replaceAll("(", "%28").replaceAll(")", "%29");
}

const failureSchema = z.object({
  code: z.string().default(""),
  /** Node's own, where nodemailer put `ESOCKET` in its place. */
  originalCode: z.string().optional(),
  responseCode: z.number().optional(),
  response: z.string().default(""),
});

/** What an error of nodemailer means. A 4yz reply is tried again, a 5yz to the message is final (RFC 5321, 4.2.1). */
export function mailVerdict(error: unknown, text: PushText): Verdict {
  const failure = failureSchema.safeParse(error).data ?? failureSchema.parse({});
  const { code, originalCode = code, responseCode, response } = failure;
  const reply = said(response);
  if (code === "EAUTH" || responseCode === 530 || responseCode === 535) {
    return { is: "retry", why: text.mailLogin(reply), slow: true };
  }
  if (code === "ETLS") return { is: "retry", why: text.mailSecurity(code), slow: true };
  if (certificateReason(originalCode, "") !== undefined) {
    return { is: "retry", why: text.certificate(originalCode), slow: true };
  }
  if (responseCode !== undefined && responseCode >= 500 && code !== "ECONNECTION") {
    if (code === "EENVELOPE" || code === "EMESSAGE") {
      return { is: "dead", why: text.mailRefused(responseCode, reply) };
    }
    return { is: "retry", why: text.mailRefused(responseCode, reply), slow: true };
  }
  if (responseCode !== undefined && responseCode >= 400) {
    return { is: "retry", why: text.mailBusy(responseCode, reply) };
  }
  if (code === "ETIMEDOUT") return { is: "retry", why: text.noAnswer };
  return { is: "retry", why: text.unreachable(originalCode === "" ? "?" : originalCode) };
}

/** Sends one mail over a connection of its own. Throws only when the signal was aborted. */
export async function sendMail(
  sending: Sending,
  mail: MailConfig,
  to: string,
  text: PushText,
  signal: AbortSignal,
  times: MailTimes = mailTimes,
): Promise<Verdict> {
  const { host, port, security, user, password, from, caFile } = mail;
  let ca: string | undefined;
  try {
    ca = caFile === undefined ? undefined : readFileSync(caFile, "utf8");
  } catch {
    return { is: "retry", why: text.certificate("mail.caFile"), slow: true };
  }
  // 1 MB of memory that only gateways with mail need.
  const { createTransport } = await import("nodemailer");
  const transport = createTransport({
    host,
    port,
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    ...(user === undefined ? {} : { auth: { user, pass: password?.reveal() ?? "" } }),
    tls: { minVersion: "TLSv1.2", ...(ca === undefined ? {} : { ca }) },
    connectionTimeout: times.connectMs,
    greetingTimeout: times.connectMs,
    dnsTimeout: times.connectMs,
    socketTimeout: times.silentMs,
  });
  const whole = AbortSignal.any([signal, AbortSignal.timeout(times.wholeMs)]);
  try {
    await untilAborted(transport.sendMail(mailOf(sending, from, to)), whole);
    return delivered;
  } catch (error) {
    signal.throwIfAborted();
    if (whole.aborted) return { is: "retry", why: text.noAnswer };
    return mailVerdict(error, text);
  } finally {
    transport.close();
  }
}

async function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    // What is left of it ends by its own timeouts, and is no news.
    work.catch(() => undefined);
  }
}
