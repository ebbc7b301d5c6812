import http from "node:http";
import https from "node:https";
import axios, { type AxiosInstance } from "axios";
import { z } from "zod";
import type { PushText } from "../../config/language/push.ts";
import { proxyOf } from "../uplinks/http.ts";
import { certificateReason, retryAfterMs } from "../uplinks/http-refusal.ts";
import type { HttpAnswer, HttpRequest, Verdict } from "./channel.ts";

/** A provider that takes longer is as good as away; the next address is not kept waiting. */
export const pushDeadlineMs = 15_000;

/** Providers answer in some hundred bytes; a login page of a captive network is larger than anything read. */
export const pushAnswerBytesMax = 64 * 1_024;

/** Above what any channel makes: 20 KB of text, escaped, with its fields. */
const requestBytesMax = 256 * 1_024;

const answerSchema = z.object({ status: z.number(), data: z.string() });
const failureSchema = z.object({ code: z.string().optional(), message: z.string().optional() });

export type Posted =
  | { readonly answer: HttpAnswer; readonly date?: number }
  | { readonly verdict: Verdict };

export interface HttpSenderOptions {
  readonly text: PushText;
  readonly proxy?: string;
  /** A test shortens it. */
  readonly deadlineMs?: number;
}

/** Posts what a channel made. Follows no redirect: a message and its token go to the configured host or nowhere. */
export class HttpSender {
  readonly #text: PushText;
  readonly #deadlineMs: number;
  readonly #client: AxiosInstance;

  constructor({ text, proxy, deadlineMs = pushDeadlineMs }: HttpSenderOptions) {
    this.#text = text;
    this.#deadlineMs = deadlineMs;
    this.#client = axios.create({
      // Pushes are rare: a connection that is kept would be dead by the next.
      httpAgent: new http.Agent({ keepAlive: false }),
      httpsAgent: new https.Agent({ keepAlive: false, minVersion: "TLSv1.2" }),
      // axios would take HTTP_PROXY from the environment, even for 127.0.0.1.
      proxy: proxy === undefined ? false : proxyOf(proxy),
      maxRedirects: 0,
      maxContentLength: pushAnswerBytesMax,
      maxBodyLength: requestBytesMax,
      responseType: "text",
      transformResponse: (data: unknown) => data,
      validateStatus: () => true,
    });
  }

  /** Throws only when the signal was aborted. */
  async post({ url, headers, body }: HttpRequest, signal: AbortSignal): Promise<Posted> {
    // axios' own timeout does not end an answer that trickles.
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    try {
      const response = await this.#client.request<unknown>({
        method: "POST",
        url,
        headers: { ...headers, accept: "application/json" },
        data: Buffer.from(body),
        signal: AbortSignal.any([signal, deadline]),
      });
      const { status, data } = answerSchema.parse({ status: response.status, data: response.data });
      const { date: said, "retry-after": pause } = response.headers;
      const date = typeof said === "string" ? Date.parse(said) : Number.NaN;
      const now = Number.isNaN(date) ? Date.now() : date;
      const afterMs = retryAfterMs(typeof pause === "string" ? pause : undefined, now);
      return {
        answer: {
          status,
          body: data,
          ...(afterMs === undefined ? {} : { retryAfterMs: afterMs }),
        },
        ...(Number.isNaN(date) ? {} : { date }),
      };
    } catch (error) {
      signal.throwIfAborted();
      return { verdict: this.#failure(error, deadline.aborted) };
    }
  }

  /** Of an axios error only code and certificate are told: the rest holds the request with its token. */
  #failure(error: unknown, deadlinePassed: boolean): Verdict {
    const text = this.#text;
    if (deadlinePassed) return { is: "retry", why: text.noAnswer };
    const { code = "", message = "" } = failureSchema.safeParse(error).data ?? {};
    const reason = certificateReason(code, message);
    if (reason !== undefined) return { is: "retry", why: text.certificate(code), slow: true };
    if (code === "ERR_BAD_RESPONSE" && message.startsWith("maxContentLength")) {
      return { is: "retry", why: text.tooMuch, slow: true };
    }
    if (/^ERR_INVALID_(URL|CHAR|PROTOCOL)$/.test(code)) {
      return { is: "retry", why: text.badAddress, slow: true };
    }
    return { is: "retry", why: text.unreachable(code === "" ? "?" : code) };
  }
}
