import { argon2 as argon2Callback, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { argon2 } from "./limits.ts";

const derive = promisify(argon2Callback);

const saltBytes = 16;
const algorithm = "argon2id";

/** `$argon2id$v=19$m=...,t=...,p=...$salt$hash`, the usual text form: the parameters travel with the hash. */
const hashPattern =
  /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

interface Parameters {
  readonly memoryKib: number;
  readonly passes: number;
  readonly lanes: number;
}

/** Takes about 50 ms of another thread on a server's core, some hundred on a Pi. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const tag = await compute(password, salt, argon2, argon2.tagBytes);
  const { memoryKib, passes, lanes } = argon2;
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`;
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const match = hashPattern.exec(hash);
  if (match === null) return false;
  const [, memoryKib, passes, lanes, salt = "", tag = ""] = match;
  const expected = Buffer.from(tag, "base64");
  const parameters = {
    memoryKib: Number(memoryKib),
    passes: Number(passes),
    lanes: Number(lanes),
  };
  const computed = await compute(
    password,
    Buffer.from(salt, "base64"),
    parameters,
    expected.length,
  );
  return timingSafeEqual(computed, expected);
}

/** Whether a hash was made with other parameters than those of today. */
export function isOutdated(hash: string): boolean {
  const { memoryKib, passes, lanes } = argon2;
  return !hash.startsWith(`$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$`);
}

function compute(
  password: string,
  salt: Buffer,
  { memoryKib, passes, lanes }: Parameters,
  tagBytes: number,
): Promise<Buffer> {
  return derive(algorithm, {
    // One person's keyboard composes an accented letter, another's does not.
    message: password.normalize("NFKC"),
    nonce: salt,
    parallelism: lanes,
    memory: memoryKib,
    passes,
    tagLength: tagBytes,
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
