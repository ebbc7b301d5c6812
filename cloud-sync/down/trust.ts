import { createPublicKey, verify } from "node:crypto";
import { join } from "node:path";
import { replaceFile } from "../../config/durable-file.ts";
import type { SyncText } from "../../config/language/sync.ts";
import type { Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { trustFileName } from "../../gateway/store/inbox-file.ts";
import { keyName } from "../identity/key-name.ts";
import { readTrust } from "../identity/trust.ts";
import type { SigningKey } from "../protocol-down.ts";
import type { Uplink } from "../uplinks/uplink.ts";

/** Central's keys that this gateway takes messages from. */
export type Keys = Readonly<Record<string, string>>;

/**
 * What becomes of the trusted keys when central says over a road that proves who speaks that it signs with this one. The first
 * key is believed; another one only when the one before it vouches for it. Undefined: it is not believed.
 */
export function trustAfter(trusted: Keys, said: SigningKey): Keys | undefined {
  const { key, publicKey, endorsed } = said;
  if (!isKey(key, publicKey)) return undefined;
  if (Object.hasOwn(trusted, key)) return trusted[key] === publicKey ? trusted : undefined;
  if (Object.keys(trusted).length === 0) return { [key]: publicKey };
  const voucher = endorsed !== undefined && Object.hasOwn(trusted, endorsed.key);
  const pem = voucher ? trusted[endorsed.key] : undefined;
  if (endorsed === undefined || pem === undefined) return undefined;
  const bytes = Buffer.from(`trust/${key}\n${publicKey}`);
  const holds = verify(null, bytes, pem, Buffer.from(endorsed.signature, "base64url"));
  return holds ? { ...trusted, [key]: publicKey } : undefined;
}

/** A key that is called as it is: two of one name there cannot be. */
function isKey(name: string, pem: string): boolean {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === "ed25519" && keyName(key) === name;
  } catch {
    return false;
  }
}

/** `sync/trust.json`. */
export class Trust {
  readonly #dataDir: string;
  readonly #log: Log;
  readonly #text: SyncText;
  #refused: string | undefined;

  constructor(options: { readonly dataDir: string; readonly log: Log; readonly text: SyncText }) {
    this.#dataDir = options.dataDir;
    this.#log = options.log;
    this.#text = options.text;
  }

  keys(): Keys {
    return readTrust(this.#dataDir);
  }

  /** Whether it is one of the trusted keys then. @throws RackwatchError `store/io`: it could not be written. */
  learn(said: SigningKey): boolean {
    const trusted = this.keys();
    const after = trustAfter(trusted, said);
    if (after === undefined) {
      if (this.#refused !== said.key) {
        const { message, todo } = this.#text.otherKey(said.key);
        this.#log.error("central's key is not trusted", { message, todo });
      }
      this.#refused = said.key;
      return false;
    }
    if (after !== trusted) this.#write(after);
    return true;
  }

  #write(keys: Keys): void {
    const file = join(this.#dataDir, trustFileName);
    try {
      replaceFile(file, `${JSON.stringify(keys, undefined, 2)}\n`);
    } catch (cause) {
      const { message, todo } = this.#text.state(file);
      throw new RackwatchError("store/io", message, { where: file, todo, cause });
    }
  }
}

/** The same road; what central says of its key in a welcome is learnt. */
export function learning<T extends Uplink>(uplink: T, trust: Trust, log: Log): T {
  return new Proxy(uplink, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name !== "hello") return value.bind(target);
      return async (...given: Parameters<Uplink["hello"]>) => {
        const welcome = await target.hello(...given);
        try {
          if (welcome.signingKey !== undefined) trust.learn(welcome.signingKey);
        } catch (error) {
          if (!(error instanceof RackwatchError)) throw error;
          // Rows go on; it is learnt with the next welcome.
          log.error("central's key not kept", { code: error.code, message: error.message });
        }
        return welcome;
      };
    },
  });
}
