import { X509Certificate } from "node:crypto";
import tls, { type ConnectionOptions, type PeerCertificate, type SecureContext } from "node:tls";
import type { Identity } from "./identity.ts";

export interface TlsIdentity {
  readonly secureContext: SecureContext;
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

/**
 * How the gateway shows its certificate, and checks central's: by `ca` of the configuration, else by what it was
 * enrolled with beside what the system trusts.
 */
export function tlsIdentity(identity: Identity, ca: string | undefined): TlsIdentity {
  const { certificatePem, key, centralPem } = identity;
  const own = {
    cert: certificatePem,
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
    minVersion: "TLSv1.2",
  } as const;
  if (ca !== undefined) return { secureContext: tls.createSecureContext({ ...own, ca }) };
  if (centralPem === undefined) return { secureContext: tls.createSecureContext(own) };
  const trusted = [...tls.getCACertificates("default"), centralPem];
  return {
    // A certificate that was pinned need not be an authority's.
    secureContext: tls.createSecureContext({ ...own, ca: trusted, allowPartialTrustChain: true }),
    checkServerIdentity: pinnedName(centralPem),
  };
}

/** A certificate that was compared by its fingerprint may bear whatever name. */
function pinnedName(pem: string): NonNullable<ConnectionOptions["checkServerIdentity"]> {
  const { fingerprint256 } = new X509Certificate(pem);
  return (host, certificate) =>
    certificate.fingerprint256 === fingerprint256
      ? undefined
      : tls.checkServerIdentity(host, certificate);
}
