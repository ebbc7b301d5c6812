import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EpochMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  gatewayOfCertificate,
  identityFiles,
  identityFolder,
} from "../../gateway/store/identity-file.ts";

/** Where the next identity is made, until central has answered; kept, so that a lost answer can be asked for again. */
export const nextIdentityFolder = "sync/identity.new";

/** What this gateway shows central for itself. */
export interface Identity {
  readonly gateway: string;
  /** 32 hexadecimal digits in capitals. */
  readonly serial: string;
  readonly certificatePem: string;
  readonly key: KeyObject;
  readonly notBefore: EpochMs;
  readonly notAfter: EpochMs;
  /** Absent: central's certificate is checked as usual. */
  readonly centralPem: string | undefined;
}

/**
 * The identity of `rackwatch enroll`; undefined where there is none.
 * @throws RackwatchError `sync/certificate`: it is damaged, or this user may not read it.
 */
export function readIdentity(dataDir: string): Identity | undefined {
  const folder = join(dataDir, identityFolder);
  try {
    settle(dataDir);
    if (!existsSync(join(folder, identityFiles.certificate))) return undefined;
    const read = (name: string) => readFileSync(join(folder, name), "utf8");
    const certificatePem = read(identityFiles.certificate);
    const certificate = new X509Certificate(certificatePem);
    const key = createPrivateKey(read(identityFiles.key));
    const gateway = gatewayOfCertificate(certificate);
    if (gateway === undefined || !certificate.checkPrivateKey(key)) throw new Error("no pair");
    const hasCentral = existsSync(join(folder, identityFiles.central));
    return {
      gateway,
      serial: certificate.serialNumber,
      certificatePem,
      key,
      notBefore: certificate.validFromDate.getTime(),
      notAfter: certificate.validToDate.getTime(),
      centralPem: hasCentral ? read(identityFiles.central) : undefined,
    };
  } catch (cause) {
    throw new RackwatchError("sync/certificate", "the gateway's identity cannot be read", {
      where: folder,
      todo: "enrol it anew: `rackwatch central enroll-code GATEWAY`, then `rackwatch enroll CODE --again`",
      cause,
    });
  }
}

/** A power cut between the two renames of an enrolment left the whole new identity under its first name. */
function settle(dataDir: string): void {
  const [folder, next] = [join(dataDir, identityFolder), join(dataDir, nextIdentityFolder)];
  if (existsSync(folder) || !existsSync(join(next, identityFiles.certificate))) return;
  renameSync(next, folder);
}

/** The identity, read again whenever its certificate became another one: a renewal needs no restart. */
export class IdentityReader {
  readonly #dataDir: string;
  #known: { readonly stamp: string; readonly identity: Identity | undefined } | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** The same object until it changed. @throws RackwatchError `sync/certificate` */
  current(): Identity | undefined {
    const stamp = this.#stamp();
    if (this.#known?.stamp !== stamp) {
      this.#known = { stamp, identity: readIdentity(this.#dataDir) };
    }
    return this.#known.identity;
  }

  #stamp(): string {
    const file = join(this.#dataDir, identityFolder, identityFiles.certificate);
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats === undefined ? "" : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
  }
}
