import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { replaceFile, syncFolder } from "../../config/durable-file.ts";
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
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    replaceFile(file, pem, { mode: 0o400 });
    return privateKey;
  }

  /** Puts the next identity in place of what was there; whenever the power goes, one of the two is whole. */
  keep(certificatePem: string, authorityPem: string, centralPem: string | undefined): void {
    const folder = join(this.#dataDir, identityFolder);
    const next = join(this.#dataDir, nextIdentityFolder);
    const old = `${folder}.old`;
    replaceFile(join(next, identityFiles.authority), authorityPem, { mode: 0o600 });
    if (centralPem === undefined) rmSync(join(next, identityFiles.central), { force: true });
    else replaceFile(join(next, identityFiles.central), centralPem, { mode: 0o600 });
    replaceFile(join(next, identityFiles.certificate), certificatePem, { mode: 0o600 });
    rmSync(old, { recursive: true, force: true });
    if (existsSync(folder)) renameSync(folder, old);
    renameSync(next, folder);
    syncFolder(dirname(folder));
    rmSync(old, { recursive: true, force: true });
  }

  /** The next certificate for the same key. */
  replaceCertificate(certificatePem: string): void {
    replaceFile(join(this.#dataDir, identityFolder, identityFiles.certificate), certificatePem, {
      mode: 0o600,
    });
  }

  /** What the gateway may know of it (group). */
  tell(state: IdentityState): void {
    replaceFile(join(this.#dataDir, identityStateFile), `${JSON.stringify(state)}\n`, {
      mode: 0o640,
    });
  }

  /** Central's voice from now on, which the gateway reads (group). */
  trust({ key, publicKey }: SigningKey): void {
    const text = `${JSON.stringify({ [key]: publicKey }, null, 2)}\n`;
    replaceFile(join(this.#dataDir, trustFileName), text, { mode: 0o640 });
  }

  #own(path: string): void {
    if (this.#owner !== undefined) chownSync(path, this.#owner.uid, this.#owner.gid);
  }
}
