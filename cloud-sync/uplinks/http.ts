import { createHash } from "node:crypto";
import http from "node:http";
import https from "node:https";
import axios, { type AxiosAdapter, type AxiosInstance, type AxiosProxyConfig } from "axios";
import { type ZodType, z } from "zod";
import type { SyncText } from "../../config/language/sync.ts";
import type { Secret } from "../../drivers/secret.ts";
import { messageCharsMax } from "../../gateway/down/message.ts";
import type { Identity, IdentityReader } from "../identity/identity.ts";
import { tlsIdentity } from "../identity/tls-identity.ts";
import {
  type Ack,
  ackSchema,
  batchCompressedBytesMax,
  type GapDeclaration,
  type Hello,
  type Marks,
  marksSchema,
  type Noticed,
  noticedSchema,
  replyBytesMax,
  requestDeadlineMs,
  type Welcome,
  welcomeSchema,
} from "../protocol.ts";
import { type Inbox, inboxMessagesMax, inboxSchema } from "../protocol-down.ts";
import { type EnrolledAnswer, enrolledSchema } from "../protocol-identity.ts";
import { certificateReason, refusalError, retryAfterMs } from "./http-refusal.ts";
import { type FilePiece, type Parcel, type Uplink, UplinkError } from "./uplink.ts";

/** One request at a time, and one more while the old connection dies. */
const socketsMax = 2;

const pool = { keepAlive: true, maxSockets: socketsMax };

/** An answer with messages: one is full, and each of its characters may be written as six bytes. */
const inboxBytesMax = 6 * (messageCharsMax + inboxMessagesMax * 1_024) + replyBytesMax;

const receivedSchema = z.object({ received: z.number() });

/** What a request may take beyond the usual. */
interface MoreRoom {
  readonly longerMs?: number;
  readonly bytesMax?: number;
}

export interface HttpUplinkOptions {
  /** Base address as in `https://central.example.com`. */
  readonly central: string;
  readonly gatewayId: string;
  /** Absent: a certificate says who asks. */
  readonly credentials?: Secret;
  readonly identity?: IdentityReader;
  /** PEM text of the authority that central's certificate must come from, instead of the system's. */
  readonly ca?: string;
  readonly proxy?: string;
  readonly text: SyncText;
  /** A test shortens it. */
  readonly deadlineMs?: number;
  /** A test puts its own network here. */
  readonly adapter?: AxiosAdapter;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

const answerSchema = z.object({ status: z.number(), data: z.string() });
const failureSchema = z.object({ code: z.string().optional(), message: z.string().optional() });

/** Central over HTTP(S) with keep-alive. */
export class HttpUplink implements Uplink, Disposable {
  readonly #options: HttpUplinkOptions;
  readonly #where: string;
  readonly #base: string;
  readonly #client: AxiosInstance;
  readonly #httpAgent: http.Agent;
  #httpsAgent: https.Agent;
  /** Whose certificate the connections show. */
  #identity: Identity | undefined;

  constructor(options: HttpUplinkOptions) {
    this.#options = options;
    this.#where = new URL(options.central).origin;
    this.#base = `/v1/gateways/${encodeURIComponent(options.gatewayId)}`;
    const trust = options.ca === undefined ? {} : { ca: options.ca };
    this.#httpAgent = new http.Agent(pool);
    this.#httpsAgent = new https.Agent({ ...pool, ...trust, minVersion: "TLSv1.2" });
    this.#client = axios.create({
      baseURL: options.central.replace(/\/$/, ""),
      httpAgent: this.#httpAgent,
      // axios would take HTTP_PROXY from the environment, even for 127.0.0.1.
      proxy: options.proxy === undefined ? false : proxyOf(options.proxy),
      maxRedirects: 0,
      maxContentLength: replyBytesMax,
      maxBodyLength: batchCompressedBytesMax * 2,
      responseType: "text",
      transformResponse: (data: unknown) => data,
      validateStatus: () => true,
      ...(options.adapter === undefined ? {} : { adapter: options.adapter }),
    });
  }

  hello(hello: Hello, signal: AbortSignal): Promise<Welcome> {
    return this.#post(welcomeSchema, "hello", jsonBytes(hello), {}, signal);
  }

  marks(epoch: string, signal: AbortSignal): Promise<Marks> {
    const url = `${this.#base}/marks?epoch=${encodeURIComponent(epoch)}`;
    return this.#ask(marksSchema, "GET", url, undefined, {}, signal);
  }

  push({ body }: Parcel, signal: AbortSignal): Promise<Ack> {
    return this.#post(ackSchema, "batches", body, packed, signal);
  }

  declare(gaps: GapDeclaration, signal: AbortSignal): Promise<Ack> {
    return this.#post(ackSchema, "gaps", jsonBytes(gaps), {}, signal);
  }

  snapshot({ body }: Parcel, signal: AbortSignal): Promise<Noticed> {
    return this.#post(noticedSchema, "snapshot", body, packed, signal);
  }

  inbox(after: number, waitMs: number, signal: AbortSignal): Promise<Inbox> {
    const limits = { longerMs: waitMs, bytesMax: inboxBytesMax };
    const body = jsonBytes({ after, waitMs });
    return this.#ask(inboxSchema, "POST", `${this.#base}/inbox`, body, {}, signal, limits);
  }

  sendPiece({ id, offset, size, sha256, bytes }: FilePiece, signal: AbortSignal) {
    const url = `${this.#base}/files/${encodeURIComponent(id)}?offset=${offset}&size=${size}&sha256=${sha256}`;
    const headers = { "content-type": "application/octet-stream" };
    return this.#ask(receivedSchema, "POST", url, bytes, headers, signal);
  }

  /** The next certificate for the key of the one that this connection shows. */
  renewed(signal: AbortSignal): Promise<EnrolledAnswer> {
    return this.#post(enrolledSchema, "certificate", jsonBytes({}), {}, signal);
  }

  [Symbol.dispose](): void {
    this.#httpAgent.destroy();
    this.#httpsAgent.destroy();
  }

  #post<T>(
    schema: ZodType<T>,
    path: string,
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<T> {
    const digest = { "content-digest": contentDigest(body) };
    const url = `${this.#base}/${path}`;
    return this.#ask(schema, "POST", url, body, { ...headers, ...digest }, signal);
  }

  async #ask<T>(
    schema: ZodType<T>,
    method: "GET" | "POST",
    url: string,
    body: Uint8Array | undefined,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    room: MoreRoom = {},
  ): Promise<T> {
    const answer = await this.#send(method, url, body, headers, signal, room);
    if (answer.status !== 200) throw this.#refusal(answer);
    const reply = schema.safeParse(parseJson(answer.body));
    if (reply.success) return reply.data;
    throw new UplinkError("sync/not-central", ...this.#says("notCentral"));
  }

  async #send(
    method: "GET" | "POST",
    url: string,
    body: Uint8Array | undefined,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    { longerMs = 0, bytesMax = replyBytesMax }: MoreRoom,
  ): Promise<Answer> {
    // axios' own timeout does not end an answer that trickles; this signal ends connect, upload and answer together.
    const deadline = AbortSignal.timeout(
      (this.#options.deadlineMs ?? requestDeadlineMs) + longerMs,
    );
    try {
      const response = await this.#client.request<unknown>({
        method,
        url,
        ...(body === undefined ? {} : { data: Buffer.from(body) }),
        maxContentLength: bytesMax,
        headers: {
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
          ...this.#authorization(),
        },
        httpsAgent: this.#shownBy(),
        signal: AbortSignal.any([signal, deadline]),
      });
      const { status, data } = answerSchema.parse({ status: response.status, data: response.data });
      const retryAfter: unknown = response.headers["retry-after"];
      return {
        status,
        body: data,
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
      };
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failure(error, deadline.aborted);
    }
  }

  /** A certificate that was renewed is shown on connections of its own. */
  #shownBy(): https.Agent {
    const identity = this.#options.identity?.current();
    if (identity === undefined || identity === this.#identity) return this.#httpsAgent;
    this.#httpsAgent.destroy();
    this.#httpsAgent = new https.Agent({ ...pool, ...tlsIdentity(identity, this.#options.ca) });
    this.#identity = identity;
    return this.#httpsAgent;
  }

  #authorization(): Readonly<Record<string, string>> {
    const { credentials } = this.#options;
    return credentials === undefined ? {} : { authorization: `Bearer ${credentials.reveal()}` };
  }

  /** axios errors carry the request with its token: what is passed on is made of code and message alone. */
  #failure(error: unknown, deadlinePassed: boolean): UplinkError {
    const { code = "", message = "" } = failureSchema.safeParse(error).data ?? {};
    const cause = new Error(
      deadlinePassed ? "no whole answer in time" : `${code} ${message}`.trim(),
    );
    const reason = certificateReason(code, message);
    if (reason !== undefined) {
      const { text } = this.#options;
      const { message: said, todo } =
        code === "CERT_NOT_YET_VALID"
          ? text.notYetValid(this.#where, new Date().toISOString())
          : text.certificate(this.#where, reason);
      return new UplinkError("sync/certificate", said, { where: this.#where, todo, cause });
    }
    // axios gives a cut body and one over maxContentLength the same code; only the text tells them apart.
    const tooMuch = code === "ERR_BAD_RESPONSE" && message.startsWith("maxContentLength");
    const foreign = tooMuch || code === "EPROTO" || code.startsWith("HPE_");
    const [said, fields] = this.#says(foreign ? "notCentral" : "unreachable");
    const kind = foreign ? "sync/not-central" : "sync/unreachable";
    return new UplinkError(kind, said, { ...fields, cause, late: deadlinePassed });
  }

  #refusal({ status, body, retryAfter }: Answer): UplinkError {
    return refusalError(
      { status, body: parseJson(body), retryAfterMs: retryAfterMs(retryAfter, Date.now()) },
      this.#where,
      this.#options.text,
    );
  }

  #says(kind: "notCentral" | "unreachable"): [string, { where: string; todo: string }] {
    const { message, todo } = this.#options.text[kind](this.#where);
    return [message, { where: this.#where, todo }];
  }
}

const packed = { "content-encoding": "zstd" };

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** Of the body as it is sent (RFC 9530). */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An address as in `http://user:password@proxy:3128`, as axios wants it. */
export function proxyOf(address: string): AxiosProxyConfig {
  const { protocol, hostname, port, username, password } = new URL(address);
  const usual = protocol === "https:" ? 443 : 80;
  return {
    protocol: protocol.replace(":", ""),
    host: hostname,
    port: port === "" ? usual : Number(port),
    ...(username === ""
      ? {}
      : {
          auth: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
        }),
  };
}
