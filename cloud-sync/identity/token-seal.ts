import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Seal, SealKeys } from "./seal.ts";
import { sealedBytes } from "./sealed-bytes.ts";

/** What gateway and central both have of a token: its SHA-256, which is all that central keeps. */
export function sealKeyOfToken(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

/**
 * Seals of a gateway with a token, the same on both sides: HMAC-SHA256 over gateway id, purpose and bytes, each with its
 * length (4 bytes, most significant first) before it.
 * @param key of `sealKeyOfToken`
 */
export function tokenSealKeys(gateway: string, key: Uint8Array): SealKeys {
  const name = `token:${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
  const mac = (purpose: string, bytes: Uint8Array): Buffer => {
    const hmac = createHmac("sha256", key);
    for (const part of sealedBytes(gateway, purpose, bytes)) hmac.update(part);
    return hmac.digest();
  };
  return {
    seal: (purpose, bytes): Seal => ({
      key: name,
      value: mac(purpose, bytes).toString("base64url"),
    }),
    verify: (purpose, bytes, { key: named, value }) => {
      const given = Buffer.from(value, "base64url");
      const right = mac(purpose, bytes);
      return named === name && given.length === right.length && timingSafeEqual(given, right);
    },
  };
}
