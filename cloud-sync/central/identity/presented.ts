import { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";
import { TLSSocket } from "node:tls";
import { RackwatchError } from "../../../drivers/errors.ts";
import { peerCertificate } from "../../identity/peer-certificate.ts";
import { bearerToken } from "../access.ts";

/** The header in which a proxy that ends TLS hands on the certificate that it was shown (RFC 9440). */
export const certificateHeader = "client-cert";

/** Characters of that header: a certificate of this central has 1,000. */
const headerCharsMax = 8_192;

/** What a request shows for itself. */
export type Presented =
  | { readonly is: "token"; readonly token: string }
  | { readonly is: "certificate"; readonly certificate: X509Certificate }
  | { readonly is: "nothing" };

/** A token goes before a certificate: who sends one means it. */
export function presentedBy(request: IncomingMessage, proxies: TrustedProxies): Presented {
  const token = bearerToken(request.headers.authorization);
  if (token !== undefined) return { is: "token", token };
  const { socket } = request;
  const own = socket instanceof TLSSocket ? peerCertificate(socket) : undefined;
  if (own !== undefined) return { is: "certificate", certificate: own };
  if (!proxies.has(socket.remoteAddress)) return { is: "nothing" };
  const handed = certificateOfHeader(request.headers[certificateHeader]);
  return handed === undefined ? { is: "nothing" } : { is: "certificate", certificate: handed };
}

/** As RFC 9440 writes it (`:base64 of DER:`), or PEM with percent signs, which nginx makes. */
function certificateOfHeader(
  header: string | readonly string[] | undefined,
): X509Certificate | undefined {
  if (typeof header !== "string" || header.length > headerCharsMax) return undefined;
  try {
    const der = /^:([A-Za-z0-9+/=]+):$/.exec(header)?.[1];
    if (der !== undefined) return new X509Certificate(Buffer.from(der, "base64"));
    return new X509Certificate(decodeURIComponent(header));
  } catch {
    return undefined;
  }
}

/** Addresses from which the header of a proxy is believed. */
export class TrustedProxies {
  readonly #list = new BlockList();

  /**
   * @param addresses as in `10.0.0.5`, `fd00::5`, `10.0.0.0/24`
   * @throws RackwatchError `config/invalid`
   */
  constructor(addresses: readonly string[] = []) {
    for (const given of addresses) {
      const [address = "", bits] = given.split("/");
      const kind = isIP(address) === 6 ? "ipv6" : "ipv4";
      const width = bits === undefined ? undefined : Number(bits);
      const widthMax = kind === "ipv6" ? 128 : 32;
      const isWidth =
        width === undefined || (Number.isInteger(width) && width >= 0 && width <= widthMax);
      if (isIP(address) === 0 || !isWidth) {
        throw new RackwatchError("config/invalid", "the address of a trusted proxy is none", {
          where: given,
          todo: "give addresses or networks, as in --trusted-proxy 10.0.0.5 or 10.0.0.0/24",
        });
      }
      if (width === undefined) this.#list.addAddress(address, kind);
      else this.#list.addSubnet(address, width, kind);
    }
  }

  has(address: string | undefined): boolean {
    const bare = (address ?? "").replace(/^::ffff:(?=\d+\.)/i, "");
    const version = isIP(bare);
    return version !== 0 && this.#list.check(bare, version === 6 ? "ipv6" : "ipv4");
  }
}
