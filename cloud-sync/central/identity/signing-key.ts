import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { keyName } from "../../identity/key-name.ts";
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
