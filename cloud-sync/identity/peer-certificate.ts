import { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";

/** What the other side showed; undefined: nothing. Not `getPeerX509Certificate`: that of Node 24 answers once a socket. */
export function peerCertificate(socket: TLSSocket): X509Certificate | undefined {
  const raw: unknown = socket.getPeerCertificate()?.raw;
  return raw instanceof Uint8Array ? new X509Certificate(raw) : undefined;
}
