import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from "node:crypto";
import type { EpochMs } from "../../../drivers/contract.ts";
import { gatewayUri } from "../../../gateway/store/identity-file.ts";
import { keyName } from "../../identity/key-name.ts";
import { loadX509 } from "../../identity/x509.ts";
import { type KeyPlace, keyFile } from "./key-file.ts";

/** A stolen card is revoked within seconds; this bounds what a forgotten one is good for. Renewed at two thirds. */
export const certificateDays = 90;

const dayMs = 86_400_000;

/** Receivers of one central have clocks that differ a little. */
const earlierMs = 3_600_000;

/** The authority's own certificate is a trust anchor: only its key and name count, and it never has to be renewed. */
const authorityFrom = new Date("2024-01-01T00:00:00Z");
const authorityUntil = new Date("2074-01-01T00:00:00Z");

const signingAlgorithm = { name: "ECDSA", hash: "SHA-256" } as const;

/** A certificate that was made, and what is kept of it. */
export interface Issued {
  /** 32 hexadecimal digits in capitals, as Node tells it. */
  readonly serial: string;
  readonly pem: string;
  readonly notBefore: EpochMs;
  readonly notAfter: EpochMs;
  /** SPKI in PEM. */
  readonly key: string;
  readonly keyName: string;
}

/** Central's own authority for the certificates of its gateways. */
export interface Authority {
  readonly certificate: X509Certificate;
  /** For the gateway with this key (P-256). */
  issue(gateway: string, key: KeyObject, now: EpochMs): Promise<Issued>;
}

/**
 * Opens the authority, whose key is made at the first start. Its certificate is made of the key each time: all that
 * have the key are the same authority.
 * @throws RackwatchError `central/keys`
 */
export async function openAuthority(place: KeyPlace): Promise<Authority> {
  const made = () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  const secret = keyFile(place, "ca-key", "ec", made);
  const shown = createPublicKey(secret);
  const x509 = await loadX509();
  const [signingKey, publicKey] = await Promise.all([signer(secret), verifier(shown)]);
  const issuer = [{ CN: [`Rackwatch central ${keyName(shown)}`] }];
  const authorityId = await x509.SubjectKeyIdentifierExtension.create(publicKey);
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialOf(createHash("sha256").update(keyName(shown)).digest()),
    name: issuer,
    notBefore: authorityFrom,
    notAfter: authorityUntil,
    signingAlgorithm,
    keys: { privateKey: signingKey, publicKey },
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      authorityId,
    ],
  });
  return {
    certificate: new X509Certificate(own.toString("pem")),
    async issue(gateway, key, now) {
      const serial = serialOf(randomBytes(16));
      const notBefore = now - earlierMs;
      const notAfter = now + certificateDays * dayMs;
      const itsKey = await verifier(key);
      const made = await x509.X509CertificateGenerator.create({
        serialNumber: serial,
        subject: [{ CN: [gateway.slice(0, 64)] }],
        issuer,
        notBefore: new Date(notBefore),
        notAfter: new Date(notAfter),
        signingAlgorithm,
        publicKey: itsKey,
        signingKey,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
          new x509.SubjectAlternativeNameExtension([{ type: "url", value: gatewayUri(gateway) }]),
          await x509.SubjectKeyIdentifierExtension.create(itsKey),
          await x509.AuthorityKeyIdentifierExtension.create(publicKey),
        ],
      });
      const spki = key.export({ type: "spki", format: "pem" }).toString();
      const pem = `${made.toString("pem")}\n`;
      return { serial, pem, notBefore, notAfter, key: spki, keyName: keyName(key) };
    },
  };
}

const p256 = { name: "ECDSA", namedCurve: "P-256" } as const;

function signer(key: KeyObject): Promise<CryptoKey> {
  const pkcs8 = new Uint8Array(key.export({ type: "pkcs8", format: "der" }));
  return crypto.subtle.importKey("pkcs8", pkcs8, p256, false, ["sign"]);
}

function verifier(key: KeyObject): Promise<CryptoKey> {
  const spki = new Uint8Array(key.export({ type: "spki", format: "der" }));
  return crypto.subtle.importKey("spki", spki, p256, true, ["verify"]);
}

/** Positive and of one length, so that all who print it print the same. */
function serialOf(bytes: Buffer): string {
  const [first = 0, ...rest] = bytes.subarray(0, 16);
  return Buffer.from([0x40 | (first & 0x3f), ...rest])
    .toString("hex")
    .toUpperCase();
}
