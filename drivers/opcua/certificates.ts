import { X509Certificate } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Where a server's certificate stands: accepted by a person, or met and not accepted. */
export type Trust = "trusted" | "rejected";

/** One certificate, for people. */
export interface CertificateInfo {
  readonly trust: Trust;
  readonly file: string;
  /** SHA-1 of the certificate in hex, by which OPC UA names it (OPC 10000-6, 6.2.2). */
  readonly thumbprint: string;
  readonly subject: string;
  readonly applicationUri: string | undefined;
  readonly validFrom: Date;
  readonly validTo: Date;
}

/** Certificates in one folder: servers send whatever they like, and each attempt may bring another. */
const certificatesMax = 1_000;

const folders: Readonly<Record<Trust, string>> = {
  trusted: join("trusted", "certs"),
  rejected: "rejected",
};

/** The folder of an installation's OPC UA certificates in its data folder. */
export function pkiFolder(dataDir: string): string {
  return join(dataDir, "opcua", "pki");
}

/** Certificates of servers that were met or accepted, in the order of their subjects. */
export async function listCertificates(pki: string): Promise<readonly CertificateInfo[]> {
  const lists = await Promise.all([listFolder(pki, "trusted"), listFolder(pki, "rejected")]);
  return lists.flat().sort((a, b) => a.subject.localeCompare(b.subject));
}

/**
 * Moves a certificate that was met between accepted and not accepted. Channels see it when they open next.
 * @param name its thumbprint or the beginning of it.
 * @returns what was moved; undefined when none or more than one goes by that name.
 */
export async function moveCertificate(
  pki: string,
  name: string,
  to: Trust,
): Promise<CertificateInfo | undefined> {
  const wanted = name.replaceAll(/[:\s]/g, "").toLowerCase();
  const known = await listCertificates(pki);
  const found = known.filter(({ thumbprint }) => wanted !== "" && thumbprint.startsWith(wanted));
  const [first] = found;
  const isOne = new Set(found.map(({ thumbprint }) => thumbprint)).size === 1;
  if (first === undefined || !isOne) return undefined;
  const there = found.find(({ trust }) => trust === to);
  for (const other of found.filter(({ trust }) => trust !== to)) {
    if (there === undefined) await moveFile(pki, other, to);
    else await rm(other.file);
  }
  return { ...first, trust: to };
}

async function moveFile(pki: string, info: CertificateInfo, to: Trust): Promise<void> {
  const folder = join(pki, folders[to]);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rename(info.file, join(folder, `${info.thumbprint}.pem`));
}

export function thumbprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint.replaceAll(":", "").toLowerCase();
}

async function listFolder(pki: string, trust: Trust): Promise<readonly CertificateInfo[]> {
  const folder = join(pki, folders[trust]);
  const names = await readdir(folder).catch(() => []);
  const infos = await Promise.all(
    names.slice(0, certificatesMax).map((name) => describeFile(join(folder, name), trust)),
  );
  return infos.filter((info) => info !== undefined);
}

async function describeFile(file: string, trust: Trust): Promise<CertificateInfo | undefined> {
  const certificate = await readCertificate(file);
  return certificate === undefined ? undefined : { trust, file, ...describe(certificate) };
}

/** A certificate of a file, PEM or DER; undefined when it is none. */
export async function readCertificate(file: string): Promise<X509Certificate | undefined> {
  try {
    return new X509Certificate(await readFile(file));
  } catch {
    return undefined;
  }
}

export function describe(certificate: X509Certificate) {
  return {
    thumbprint: thumbprintOf(certificate),
    subject: certificate.subject.replaceAll("\n", ", "),
    applicationUri: /URI:([^,]+)/.exec(certificate.subjectAltName ?? "")?.[1],
    validFrom: new Date(certificate.validFrom),
    validTo: new Date(certificate.validTo),
  };
}
