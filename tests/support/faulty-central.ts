import { zstdDecompressSync } from "node:zlib";
import {
  type AxiosAdapter,
  AxiosError,
  AxiosHeaders,
  type InternalAxiosRequestConfig,
} from "axios";
import type { FastifyInstance } from "fastify";
import { contentDigest } from "../../cloud-sync/uplinks/http.ts";

/** What a network or a server can do to one request. */
export const faults = [
  "ok",
  "500 before",
  "500 after",
  "429",
  "reset before",
  "reset after",
  "hang before",
  "hang after",
  "garbage",
  "html",
  "short body",
  "duplicate",
  "partial",
  "late",
  "swapped reply",
  "damaged",
] as const;
export type Fault = (typeof faults)[number];

export interface Question {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface Network {
  /** The fault of the next request. */
  nextFault(): Fault;
  /** A batch cut short, as from a central that stored only a part of it. */
  cut(body: Buffer): Buffer;
  /** A test of the test changes what goes over the wire here. */
  onQuestion?(question: Question): Promise<Question>;
  onReply?(question: Question, reply: Reply): Reply;
}

/** Stands where axios' own adapter stands: the uplink's and central's code are the real ones, only the wire is not. */
export function faultyAdapter(app: FastifyInstance, network: Network): AxiosAdapter {
  /** A request that arrives after the one behind it, and the last reply of each kind. */
  let late: Question | undefined;
  const replies = new Map<string, Reply>();
  return async (config) => {
    const fault = network.nextFault();
    const asked = questionOf(config);
    const question = (await network.onQuestion?.(asked)) ?? asked;
    const early = before(fault, config);
    if (early !== undefined) return respond(config, early);
    if (fault === "late") {
      late = question;
      throw new AxiosError("socket hang up", "ECONNRESET", config);
    }
    const reply = await ask(app, changed(fault, question, network));
    if (fault === "duplicate") await ask(app, (await network.onQuestion?.(asked)) ?? asked);
    if (late !== undefined) await ask(app, late);
    late = undefined;
    const kind = question.url;
    const other = replies.get(kind);
    if (reply.status === 200) replies.set(kind, reply);
    if (fault === "swapped reply" && other !== undefined) return respond(config, other);
    return respond(config, after(fault, config, network.onReply?.(question, reply) ?? reply));
  };
}

function changed(fault: Fault, question: Question, network: Network): Question {
  const { body } = question;
  if (body === undefined) return question;
  if (fault === "partial") {
    const cut = network.cut(body);
    return { ...question, body: cut, headers: redigested(question.headers, cut) };
  }
  if (fault !== "damaged") return question;
  const damaged = Buffer.from(body);
  damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] ?? 0) ^ 1;
  return { ...question, body: damaged };
}

/** Headers for a body that the test has changed. */
export function redigested(headers: Question["headers"], body: Uint8Array): Question["headers"] {
  const kept = Object.entries(headers).filter(
    ([name]) => !["content-digest", "content-length"].includes(name.toLowerCase()),
  );
  return { ...Object.fromEntries(kept), "content-digest": contentDigest(body) };
}

export function jsonOf(body: Buffer): unknown {
  return JSON.parse(zstdDecompressSync(body).toString("utf8"));
}

function questionOf(config: InternalAxiosRequestConfig): Question {
  const headers = AxiosHeaders.from(config.headers).toJSON();
  return {
    method: config.method === "post" ? "POST" : "GET",
    url: config.url ?? "",
    headers: Object.fromEntries(
      Object.entries(headers).map(([key, value]) => [key, String(value)]),
    ),
    body: Buffer.isBuffer(config.data) ? config.data : undefined,
  };
}

async function ask(app: FastifyInstance, { method, url, headers, body }: Question): Promise<Reply> {
  const response = await app.inject({
    method,
    url,
    headers,
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: response.statusCode, body: response.body };
}

function before(fault: Fault, config: InternalAxiosRequestConfig): Reply | undefined {
  if (fault === "500 before") return { status: 500, body: "oops" };
  if (fault === "429") return { status: 429, body: "" };
  if (fault === "html") return { status: 200, body: "<html>Please log in</html>" };
  if (fault === "reset before") throw new AxiosError("socket hang up", "ECONNRESET", config);
  if (fault === "hang before") throw new AxiosError("canceled", "ERR_CANCELED", config);
  return undefined;
}

function after(fault: Fault, config: InternalAxiosRequestConfig, reply: Reply): Reply {
  if (fault === "500 after") return { status: 500, body: "oops" };
  if (fault === "reset after") throw new AxiosError("socket hang up", "ECONNRESET", config);
  if (fault === "hang after") throw new AxiosError("canceled", "ERR_CANCELED", config);
  if (fault === "garbage") return { status: 200, body: '{"mark":' };
  if (fault === "short body") throw new AxiosError("aborted", "ERR_BAD_RESPONSE", config);
  return reply;
}

function respond(config: InternalAxiosRequestConfig, { status, body }: Reply) {
  return { data: body, status, statusText: "", headers: {}, config, request: undefined };
}
