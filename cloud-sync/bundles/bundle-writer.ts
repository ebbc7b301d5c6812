import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SealKeys } from "../identity/seal.ts";
import {
  type BundledLetter,
  type BundleHead,
  bundleName,
  encodeHead,
  encodeLetter,
  headBytes,
} from "./bundle-format.ts";

/** What is said of a bundle besides what its content tells. */
export type BundleAbout = Omit<
  BundleHead,
  "rackwatch" | "version" | "letters" | "bytes" | "sha256"
>;

/**
 * One bundle being written: under another name until it is whole and forced to the medium, so that whoever pulls the stick
 * leaves no half of one behind under its name.
 */
export class BundleWriter implements AsyncDisposable {
  readonly #folder: string;
  readonly #part: string;
  readonly #file: FileHandle;
  readonly #hash = createHash("sha256");
  #bytes = 0;
  #letters = 0;
  #open = true;

  private constructor(folder: string, part: string, file: FileHandle) {
    this.#folder = folder;
    this.#part = part;
    this.#file = file;
  }

  static async begin(folder: string, gateway: string): Promise<BundleWriter> {
    const part = join(folder, `.${gateway}.part`);
    const file = await open(part, "w", 0o640);
    try {
      await file.write(Buffer.alloc(headBytes, " "), 0, headBytes, 0);
    } catch (error) {
      await file.close();
      await rm(part, { force: true });
      throw error;
    }
    return new BundleWriter(folder, part, file);
  }

  get bytes(): number {
    return headBytes + this.#bytes;
  }

  async add(letter: BundledLetter): Promise<void> {
    const bytes = encodeLetter(letter);
    await writeAll(this.#file, bytes, this.bytes);
    this.#hash.update(bytes);
    this.#bytes += bytes.length;
    this.#letters += 1;
  }

  /** Seals it and gives it its name, under which a shorter one may stand already. */
  async finish(about: BundleAbout, keys: SealKeys): Promise<{ name: string; head: BundleHead }> {
    const head: BundleHead = {
      ...{ rackwatch: "bundle", version: 1, ...about },
      ...{ letters: this.#letters, bytes: this.#bytes, sha256: this.#hash.digest("hex") },
    };
    const name = bundleName(head);
    await writeAll(this.#file, encodeHead(head, keys), 0);
    await this.#file.sync();
    this.#open = false;
    await this.#file.close();
    await rename(this.#part, join(this.#folder, name));
    await forceFolder(this.#folder);
    return { name, head };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close().catch(() => undefined);
    await rm(this.#part, { force: true }).catch(() => undefined);
  }
}

async function writeAll(file: FileHandle, bytes: Uint8Array, from: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, from + done);
    done += bytesWritten;
  }
}

/** A file's new name is on the medium only with its folder; FAT and some shares know no such thing. */
export async function forceFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
