import { X509Certificate } from "node:crypto";
import http, { type ClientRequest } from "node:http";
import net, { type Socket } from "node:net";
import tls, { type TLSSocket } from "node:tls";
import type { IdentityText } from "../../config/language/identity.ts";
import type { Language } from "../../config/language/language.ts";
import { syncText } from "../../config/language/sync.ts";
import { type ErrorCode, RackwatchError } from "../../drivers/errors.ts";
import { certificateReason } from "../uplinks/http-refusal.ts";
import { peerCertificate } from "./peer-certificate.ts";

/** An answer holds two certificates and a key: more than this is not central's. */
const answerBytesMax = 65_536;

/** Connection, question and answer together. */
const deadlineMs = 30_000;

/** A clock before this was never set: no certificate can be checked by it. */
const clockSetFrom = Date.parse("2025-01-01T00:00:00Z");

export interface EnrolPeer {
  readonly central: URL;
  /** PEM of the authority that central's certificate is from. */
  readonly ca: string | undefined;
  /** SHA-256 of central's certificate, 64 hexadecimal digits in small letters. */
  readonly fingerprint: string | undefined;
  readonly text: IdentityText;
  readonly language: Language;
  readonly now: () => number;
}

export interface EnrolAnswer {
  readonly status: number;
  readonly body: unknown;
  /** What answered; undefined without TLS. */
  readonly peerPem: string | undefined;
}

/**
 * One question before this gateway is known. Nothing is sent before the other side's certificate was checked.
 * @throws RackwatchError `sync/certificate`, `sync/unreachable`, `sync/not-central`
 */
export async function askEnrolment(peer: EnrolPeer, question: object): Promise<EnrolAnswer> {
  const where = peer.central.origin;
  try {
    const socket = await connectTo(peer);
    const peerPem =
      socket instanceof tls.TLSSocket ? peerCertificate(socket)?.toString() : undefined;
    const url = new URL(`${peer.central.href.replace(/\/$/, "")}/v1/enroll`);
    const answer = await post(url, socket, JSON.stringify(question));
    return { ...answer, peerPem };
  } catch (error) {
    if (error instanceof RackwatchError) throw error;
    throw failureOf(error, peer, where);
  }
}

async function connectTo(peer: EnrolPeer): Promise<Socket> {
  const { central, ca, fingerprint, text } = peer;
  const host = central.hostname.replace(/^\[|\]$/g, "");
  if (central.protocol === "http:") {
    const socket = net.connect({ host, port: Number(central.port) || 80 });
    await once(socket, "connect");
    return socket;
  }
  const options = { host, port: Number(central.port) || 443, minVersion: "TLSv1.2" } as const;
  const named = net.isIP(host) === 0 ? { servername: host } : {};
  if (fingerprint === undefined) {
    const trust = ca === undefined ? {} : { ca };
    const socket = tls.connect({ ...options, ...named, ...trust });
    await once(socket, "secureConnect");
    return socket;
  }
  // Whatever its dates and its name: somebody compared it. The one place where they are not looked at.
  const socket = tls.connect({ ...options, ...named, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const shown = fingerprintOf(socket);
  if (shown === fingerprint) return socket;
  socket.destroy();
  const { message, todo } = text.fingerprint(central.origin, shown);
  throw new RackwatchError("sync/certificate", message, { where: central.origin, todo });
}

function fingerprintOf(socket: TLSSocket): string {
  return normalFingerprint(peerCertificate(socket)?.fingerprint256 ?? "") ?? "";
}

/** 64 hexadecimal digits in small letters; undefined: it is none. Colons, blanks and `SHA256 Fingerprint=` may be there. */
export function normalFingerprint(typed: string): string | undefined {
  const digits = typed.replace(/^.*=/, "").replace(/[:\s]/g, "").toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
}

/** True for a certificate that can stand as an authority, or be pinned: any that is one. */
export function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).fingerprint256 !== "";
  } catch {
    return false;
  }
}

function once(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.setTimeout(deadlineMs, () => socket.destroy(new Error("no answer in time")));
    socket.once("error", reject);
    socket.once(event, () => {
      socket.off("error", reject);
      socket.setTimeout(0);
      resolve();
    });
  });
}

function post(
  url: URL,
  socket: Socket,
  body: string,
): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const request: ClientRequest = http.request({
      method: "POST",
      host: url.hostname,
      path: url.pathname,
      createConnection: () => socket,
      headers: {
        host: url.host,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
        connection: "close",
      },
      signal: AbortSignal.timeout(deadlineMs),
    });
    request.once("error", reject);
    request.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > answerBytesMax) request.destroy(new Error("the answer is too long"));
      });
      response.once("error", reject);
      response.once("end", () => {
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, body: parsed(text) });
      });
    });
    request.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failureOf(error: unknown, peer: EnrolPeer, where: string): RackwatchError {
  const { text, language } = peer;
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const fail = (kind: ErrorCode, says: { readonly message: string; readonly todo: string }) =>
    new RackwatchError(kind, says.message, { where, todo: says.todo, cause: error });
  const reason = certificateReason(code, message);
  if (reason === undefined) {
    const isForeign = code === "EPROTO" || code.startsWith("HPE_") || code.startsWith("ERR_SSL");
    const said = syncText[language];
    return isForeign
      ? fail("sync/not-central", said.notCentral(where))
      : fail("sync/unreachable", said.unreachable(where));
  }
  const now = peer.now();
  if (code === "CERT_NOT_YET_VALID" || now < clockSetFrom) {
    return fail("sync/certificate", text.clock(where, new Date(now).toISOString()));
  }
  return fail("sync/certificate", text.unknownAuthority(where, reason));
}
