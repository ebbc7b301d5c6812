import type { X509Certificate } from "node:crypto";

const prefix = "urn:rackwatch:gateway:";

/** How a certificate names its gateway: the one URI among its alternative names. */
export function gatewayUri(gateway: string): string {
  return `${prefix}${gateway}`;
}

/** Whose certificate it is; undefined where it is of something else. Ids have no comma or quote (`idSchema`). */
export function gatewayOfCertificate({ subjectAltName }: X509Certificate): string | undefined {
  const found = new RegExp(`^URI:${prefix}([\\w.-]{1,128})$`).exec(subjectAltName ?? "");
  return found?.[1];
}
