import { createHash } from "node:crypto";
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { RackwatchError } from "../../drivers/errors.ts";

/** Bytes that are written together: readings are short, and each write costs a call of the kernel. */
const bufferBytes = 65_536;

/** Where the bytes of a report go, in order; what is read from the store waits for them. */
export class ReportOutput implements Disposable {
  readonly #fd: number;
  readonly #file: { readonly path: string; readonly partial: string } | undefined;
  readonly #hash = createHash("sha256");
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #open = true;

  /**
   * @param path `-`: standard output. A file has its name only when it is whole.
   * @throws RackwatchError `config/unreadable` when it cannot be written.
   */
  constructor(path: string) {
    if (path === "-") {
      this.#fd = 1;
      return;
    }
    this.#file = { path, partial: `${path}.${process.pid}.part` };
    try {
      this.#fd = openSync(this.#file.partial, "w", 0o640);
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new RackwatchError("config/unreadable", message, { where: path, cause });
    }
  }

  write(part: string | Uint8Array): void {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes >= bufferBytes) this.#flush();
  }

  /** @returns SHA-256 of what was written, hex. */
  end(): string {
    this.#flush();
    this.#open = false;
    if (this.#file !== undefined) {
      closeSync(this.#fd);
      renameSync(this.#file.partial, this.#file.path);
    }
    return this.#hash.digest("hex");
  }

  /** Leaves nothing behind of a report that did not come to its end. */
  [Symbol.dispose](): void {
    if (!this.#open || this.#file === undefined) return;
    closeSync(this.#fd);
    rmSync(this.#file.partial, { force: true });
  }

  #flush(): void {
    const all = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    this.#hash.update(all);
    for (let at = 0; at < all.length; ) at += writeSync(this.#fd, all, at);
  }
}
