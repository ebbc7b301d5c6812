import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadX509 } from "../../cloud-sync/identity/x509.ts";

/** A certificate that is its own authority, for localhost, with dates as asked for; and its key, as PEM. */
export async function madeCertificate(notBefore: Date, notAfter: Date, name = "localhost") {
  const x509 = await loadX509();
  const p256 = { name: "ECDSA", namedCurve: "P-256" } as const;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const pkcs8 = new Uint8Array(privateKey.export({ type: "pkcs8", format: "der" }));
  const spki = new Uint8Array(publicKey.export({ type: "spki", format: "der" }));
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: `40${randomBytes(15).toString("hex")}`,
    name: [{ CN: [name] }],
    notBefore,
    notAfter,
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    keys: {
      privateKey: await crypto.subtle.importKey("pkcs8", pkcs8, p256, false, ["sign"]),
      publicKey: await crypto.subtle.importKey("spki", spki, p256, true, ["verify"]),
    },
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: name }])],
  });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { cert: `${certificate.toString("pem")}\n`, key };
}

/** The same as two files, as `--tls-cert` and `--tls-key` name them. */
export function writtenPair(folder: string, pair: { readonly cert: string; readonly key: string }) {
  const [certFile, keyFile] = [join(folder, "central.pem"), join(folder, "central.key")];
  writeFileSync(certFile, pair.cert);
  writeFileSync(keyFile, pair.key);
  return { certFile, keyFile };
}
