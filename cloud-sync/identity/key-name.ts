import { createHash, type KeyObject } from "node:crypto";

/** How a public key is called in seals, signatures and `trust.json`: the first 16 hexadecimal digits of SHA-256 over SPKI. */
export function keyName(shown: KeyObject): string {
  const spki = shown.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 16);
}
