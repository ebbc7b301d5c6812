import type { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** The agent's folder with the gateway's own key, in its data folder: nobody else can read it (0700). */
export const identityFolder = "sync/identity";

export const identityFiles = {
  /** P-256, PKCS#8; 0400; never leaves. */
  key: "key.pem",
  certificate: "certificate.pem",
  /** Of central's authority for gateways. */
  authority: "authority.pem",
  /** What central's own certificate is checked by, when it was enrolled with `--ca` or `--fingerprint`. */
  central: "central.pem",
} as const;

/** What the agent says of it to the gateway, which cannot look into that folder. */
export const identityStateFile = "sync/identity.json";

export const identityStateSchema = z.object({
  gateway: z.string(),
  serial: z.string(),
  /** Milliseconds since 1970. */
  notAfter: z.number(),
  /** It ends soon and could not be renewed. */
  problem: z.object({ message: z.string(), todo: z.string() }).optional(),
});
export type IdentityState = z.infer<typeof identityStateSchema>;

/** Undefined: this gateway has no certificate, or the file cannot be read. */
export function readIdentityState(dataDir: string): IdentityState | undefined {
  try {
    const text = readFileSync(join(dataDir, identityStateFile), "utf8");
    return identityStateSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

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
