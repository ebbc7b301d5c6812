import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import {
  type IdentityState,
  identityFiles,
  identityFolder,
  identityStateFile,
} from "../../gateway/store/identity-file.ts";
import { trustFileName } from "../../gateway/store/inbox-file.ts";
import type { SigningKey } from "../protocol-down.ts";
import { nextIdentityFolder } from "./identity.ts";

/** Files that belong to the agent, also where root makes them. */
export class IdentityKeeper {
  readonly #dataDir: string;
  readonly #owner: { readonly uid: number; readonly gid: number } | undefined;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    const sync = join(dataDir, dirname(identityFolder));
    mkdirSync(sync, { recursive: true, mode: 0o750 });
    this.#owner = process.getuid?.() === 0 ? statSync(sync) : undefined;
  }

  /** The key of the next identity: made here, and the same until `keep` was called, whatever came of the request. */
  nextKey(): KeyObject {
    const folder = join(this.#dataDir, nextIdentityFolder);
    const file = join(folder, identityFiles.key);
    if (existsSync(file)) return createPrivateKey(readFileSync(file, "utf8"));
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#own(folder);
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    this.#write(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString(), 0o400);
    return privateKey;
  }

  /** Puts the next identity in place of what was there; whenever the power goes, one of the two is whole. */
  keep(certificatePem: string, authorityPem: string, centralPem: string | undefined): void {
    const folder = join(this.#dataDir, identityFolder);
    const next = join(this.#dataDir, nextIdentityFolder);
    const old = `${folder}.old`;
    this.#write(join(next, identityFiles.authority), authorityPem, 0o600);
    if (centralPem === undefined) rmSync(join(next, identityFiles.central), { force: true });
    else this.#write(join(next, identityFiles.central), centralPem, 0o600);
    this.#write(join(next, identityFiles.certificate), certificatePem, 0o600);
    rmSync(old, { recursive: true, force: true });
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(next, folder);
    syncFolder(dirname(folder));
    rmSync(old, { recursive: true, force: true });
  }

  /** The next certificate for the same key. */
  replaceCertificate(certificatePem: string): void {
    this.#write(
      join(this.#dataDir, identityFolder, identityFiles.certificate),
      certificatePem,
      0o600,
    );
  }

  /** What the gateway may know of it (group). */
  tell(state: IdentityState): void {
    this.#write(join(this.#dataDir, identityStateFile), `${JSON.stringify(state)}\n`, 0o640);
  }

  /** Central's voice from now on, which the gateway reads (group). */
  trust({ key, publicKey }: SigningKey): void {
    const text = `${JSON.stringify({ [key]: publicKey }, null, 2)}\n`;
    this.#write(join(this.#dataDir, trustFileName), text, 0o640);
  }

  /** Whole or not at all. */
  #write(file: string, text: string, mode: number): void {
    const part = `${file}.part`;
    rmSync(part, { force: true });
    const descriptor = openSync(part, "wx", mode);
    try {
      writeSync(descriptor, text);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    this.#own(part);
    renameSync(part, file);
    syncFolder(dirname(file));
  }

  #own(path: string): void {
    if (this.#owner !== undefined) chownSync(path, this.#owner.uid, this.#owner.gid);
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
