import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SyncText } from "../../config/language/sync.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import type { Secret } from "../../drivers/secret.ts";
import { identityFiles, identityFolder } from "../../gateway/store/identity-file.ts";
import { IdentityReader } from "../identity/identity.ts";
import { UplinkError } from "./uplink.ts";

/** What is shown to a broker that asks for a certificate. */
export interface BrokerCertificate {
  /** PEM, with the authorities behind it. */
  readonly cert: string;
  /** PEM. */
  readonly key: string;
  /** For people. */
  readonly file: string;
  readonly notAfter: EpochMs;
}

/** Asked at each connection, so that one that was renewed needs no restart. @throws UplinkError `sync/certificate` */
export type BrokerCertificateSource = () => BrokerCertificate;

export interface CertificateSettings {
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly key?: Secret | undefined;
  readonly identity?: boolean | undefined;
}

/** Undefined: the broker is shown none. */
export function certificateFor(
  { certificateFile, keyFile, key, identity }: CertificateSettings,
  {
    road,
    dataDir,
    text,
  }: { readonly road: string; readonly dataDir: string; readonly text: SyncText },
): BrokerCertificateSource | undefined {
  if (identity === true) return ofIdentity(road, dataDir, text);
  if (certificateFile === undefined) return undefined;
  return () =>
    readPair(certificateFile, () => key?.reveal() ?? readFileSync(keyFile ?? "", "utf8"), text);
}

function ofIdentity(road: string, dataDir: string, text: SyncText): BrokerCertificateSource {
  const reader = new IdentityReader(dataDir);
  return () => {
    const found = reader.current();
    if (found === undefined) {
      const { message, todo } = text.notEnrolled(road);
      throw new UplinkError("sync/not-enrolled", message, { where: road, todo });
    }
    return {
      cert: found.certificatePem,
      key: found.key.export({ type: "pkcs8", format: "pem" }).toString(),
      file: join(dataDir, identityFolder, identityFiles.certificate),
      notAfter: found.notAfter,
    };
  };
}

/** @throws UplinkError `sync/certificate`: no such file, no certificate, no key, or one of another certificate. */
export function readPair(file: string, readKey: () => string, text: SyncText): BrokerCertificate {
  try {
    const cert = readFileSync(file, "utf8");
    const certificate = new X509Certificate(cert);
    const key = readKey();
    if (!certificate.checkPrivateKey(createPrivateKey(key))) {
      throw new Error("the key is of another certificate");
    }
    return { cert, key, file, notAfter: certificate.validToDate.getTime() };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const { message, todo } = text.brokerCertificate.unreadable(file, reason);
    throw new UplinkError("sync/certificate", message, { where: file, todo, cause });
  }
}

/** What TLS says of a certificate that the other side does not take (RFC 8446, 6.2), as Node names it. */
const alert = /^ERR_SSL.*ALERT_(\w+)$/;

/** Undefined: the broker found no fault with what it was shown. */
export function certificateAlert(code: string): string | undefined {
  return alert.exec(code)?.[1];
}

/** In the words of whoever has to mend it. */
export function certificateRefused(
  reason: string,
  where: string,
  shown: Pick<BrokerCertificate, "file" | "notAfter"> | undefined,
  text: SyncText,
) {
  const says = text.brokerCertificate;
  if (shown === undefined) return says.required(where);
  const { file, notAfter } = shown;
  if (reason === "CERTIFICATE_EXPIRED") {
    return says.expired(where, file, new Date(notAfter).toISOString());
  }
  if (reason === "UNKNOWN_CA") return says.unknownAuthority(where, file);
  return says.refused(where, file, reason.toLowerCase().replaceAll("_", " "));
}
