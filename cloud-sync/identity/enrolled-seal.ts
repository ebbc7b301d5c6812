import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import type { SealKeys } from "./seal.ts";
import { sealedBytes } from "./sealed-bytes.ts";

/** ECDSA as two numbers of 32 bytes, which has one length, unlike DER. */
const dsaEncoding = "ieee-p1363";

/** Public keys by their names, SPKI as PEM. */
export type KeyRing = Readonly<Record<string, string>>;

/** A gateway's private key, and how seals call it. */
export interface OwnKey {
  readonly name: string;
  readonly key: KeyObject;
}

/** At the gateway: seals by its own key (ECDSA P-256), checks by central's (Ed25519). */
export function enrolledSealKeys(
  gateway: string,
  own: () => OwnKey,
  central: () => KeyRing,
): SealKeys {
  return {
    seal(purpose, bytes) {
      const text = Buffer.concat(sealedBytes(gateway, purpose, bytes));
      const { name, key } = own();
      const value = sign("sha256", text, { key, dsaEncoding });
      return { key: name, value: value.toString("base64url") };
    },
    verify(purpose, bytes, { key, value }) {
      const pem = keyOf(central(), key);
      const text = Buffer.concat(sealedBytes(gateway, purpose, bytes));
      return pem !== undefined && verify(null, text, pem, Buffer.from(value, "base64url"));
    },
  };
}

/** At central: the other way round. `signed` makes base64url of Ed25519. */
export function centralSealKeys(
  gateway: string,
  gatewayKeys: KeyRing,
  central: { readonly key: string; sign(bytes: Uint8Array): string },
): SealKeys {
  return {
    seal(purpose, bytes) {
      const text = Buffer.concat(sealedBytes(gateway, purpose, bytes));
      return { key: central.key, value: central.sign(text) };
    },
    verify(purpose, bytes, { key, value }) {
      const pem = keyOf(gatewayKeys, key);
      const text = Buffer.concat(sealedBytes(gateway, purpose, bytes));
      const signature = Buffer.from(value, "base64url");
      return pem !== undefined && verify("sha256", text, { key: pem, dsaEncoding }, signature);
    },
  };
}

function keyOf(ring: KeyRing, name: string): KeyObject | undefined {
  const pem = Object.hasOwn(ring, name) ? ring[name] : undefined;
  return pem === undefined ? undefined : createPublicKey(pem);
}
