import { createHash, type Hash } from "node:crypto";
import { canonicalJson } from "../store/chain.ts";

/**
 * SHA-256 over rows as canonical JSON (keys sorted, no white space), each with a line feed. What a report rests on is
 * hashed, not its file: written again, or in another form, the same facts give the same hash.
 */
export class ContentHash {
  readonly #hash: Hash = createHash("sha256");

  add(row: unknown): void {
    this.#hash.update(`${canonicalJson(row)}\n`);
  }

  /** Hex. Nothing can be added after it. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}
