import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { type KeyPlace, keyFile } from "./key-file.ts";

/** Central's voice: what it says to gateways is signed with it, whichever road it takes. Ed25519. */
export interface SigningKey {
  /** Its name in signatures: the first 16 hexadecimal digits of SHA-256 over the public key (SPKI, DER). */
  readonly key: string;
  readonly publicKeyPem: string;
  /** Over the UTF-8 bytes of a text, or over bytes; base64url, 86 characters. */
  sign(text: string | Uint8Array): string;
}

/**
 * Central's signing key, made at the first start.
 * @throws RackwatchError `central/keys`
 */
export function openSigningKey(place: KeyPlace): SigningKey {
  const made = () => generateKeyPairSync("ed25519").privateKey;
  const secret = keyFile(place, "signing-key", "ed25519", made);
  const shown = createPublicKey(secret);
  return {
    key: keyName(shown),
    publicKeyPem: shown.export({ type: "spki", format: "pem" }).toString(),
    sign: (text) => {
      const bytes = typeof text === "string" ? Buffer.from(text) : text;
      return sign(null, bytes, secret).toString("base64url");
    },
  };
}

/** How a public key is called in seals, signatures and `trust.json`. */
export function keyName(shown: KeyObject): string {
  const spki = shown.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 16);
}
