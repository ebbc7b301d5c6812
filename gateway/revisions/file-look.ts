import { statSync } from "node:fs";
import type { MonotonicMs } from "../../drivers/contract.ts";

/** How often the file is looked at: whoever edits it does not wait for long, and a card is not kept busy. */
export const lookEveryMs = 10_000;

/** Says when somebody has changed a file and it stands still again. */
export class FileLook {
  readonly #file: string;
  #known: string;
  /** As it looked when it was not the known one; empty: it was. */
  #moving = "";
  #at = Number.NEGATIVE_INFINITY;

  constructor(file: string) {
    this.#file = file;
    this.#known = signatureOf(file);
  }

  /** @param isUrgent whether to look now, however short ago the last look was. */
  isChanged(mono: MonotonicMs, isUrgent: boolean): boolean {
    if (!isUrgent && this.#moving === "" && mono - this.#at < lookEveryMs) return false;
    this.#at = mono;
    const signature = signatureOf(this.#file);
    // One that is being written looks otherwise at each look.
    const isStill = signature === this.#moving;
    this.#moving = isStill || signature === this.#known ? "" : signature;
    if (!isStill) return false;
    this.#known = signature;
    return true;
  }

  /** It was this program that changed it. */
  know(): void {
    this.#known = signatureOf(this.#file);
    this.#moving = "";
  }
}

function signatureOf(file: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(file, { throwIfNoEntry: false }) ?? {};
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    // A folder that may not be looked into: whoever reads the file says why.
    return "unreadable";
  }
}
