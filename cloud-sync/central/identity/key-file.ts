import { createPrivateKey, type KeyObject } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { RackwatchError } from "../../../drivers/errors.ts";

/** Where central's keys are. */
export interface KeyPlace {
  /** 0700; made when the first key is. */
  readonly folder: string;
  /** Of systemd: a key that is there goes before one in the folder. */
  readonly credentialsDir?: string | undefined;
}

/**
 * The private key of that name, made at the first call. Of several that make one at once all get the same.
 * @throws RackwatchError `central/keys`: it cannot be read or made, or is not of that kind.
 */
export function keyFile(
  { folder, credentialsDir }: KeyPlace,
  name: string,
  kind: "ec" | "ed25519",
  make: () => KeyObject,
): KeyObject {
  const given = credentialsDir === undefined ? undefined : join(credentialsDir, name);
  const own = join(folder, `${name}.pem`);
  try {
    const text = (given && read(given)) ?? read(own) ?? keep(own, folder, make());
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === kind) return key;
  } catch (cause) {
    throw new RackwatchError("central/keys", `central's key ${name} cannot be read or made`, {
      where: own,
      todo: "give a folder that belongs to central's user with --keys DIR, and keep a copy of it",
      cause,
    });
  }
  throw new RackwatchError("central/keys", `central's key ${name} is not of kind ${kind}`, {
    where: own,
    todo: "put the right file back; without it every gateway must be enrolled anew",
  });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** A link fails where the name is taken: whoever comes second reads the first one's key. */
function keep(file: string, folder: string, key: KeyObject): string {
  makeFolder(folder);
  const pem = key.export({ type: "pkcs8", format: "pem" }).toString();
  const part = `${file}.${process.pid}`;
  const descriptor = openSync(part, "w", 0o600);
  try {
    writeSync(descriptor, pem);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  try {
    linkSync(part, file);
    return pem;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    return readFileSync(file, "utf8");
  } finally {
    rmSync(part, { force: true });
  }
}

/** With those around it, 0700. By hand: where a file system answers ENOENT below a folder that is there, as /proc does, Node's `recursive` turns for ever. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Of several that start at once one made it.
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
