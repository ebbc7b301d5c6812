import { createHash } from "node:crypto";

/**
 * Text -> a whole number, 12 bytes an entry: what a million rows of a file have been seen with. Keys are 64 bits of
 * SHA-256; that two of a million are taken for one has the probability 3e-8.
 */
export class HashTable {
  #high = new Uint32Array(1_024);
  #low = new Uint32Array(1_024);
  /** 0: free. */
  #values = new Uint32Array(1_024);
  #used = 0;

  get(text: string): number | undefined {
    const [high, low] = hashOf(text);
    const value = this.#values[this.#slot(high, low)] ?? 0;
    return value === 0 ? undefined : value;
  }

  /** `value` is 1 or more. */
  set(text: string, value: number): void {
    if (this.#used * 2 >= this.#values.length) this.#grow();
    const [high, low] = hashOf(text);
    this.#put(high, low, value);
  }

  #put(high: number, low: number, value: number): void {
    const at = this.#slot(high, low);
    if (this.#values[at] === 0) this.#used += 1;
    this.#high[at] = high;
    this.#low[at] = low;
    this.#values[at] = value;
  }

  #slot(high: number, low: number): number {
    const mask = this.#values.length - 1;
    let at = low & mask;
    while (this.#values[at] !== 0 && (this.#high[at] !== high || this.#low[at] !== low))
      at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [high, low, values] = [this.#high, this.#low, this.#values];
    const size = values.length * 2;
    this.#high = new Uint32Array(size);
    this.#low = new Uint32Array(size);
    this.#values = new Uint32Array(size);
    this.#used = 0;
    values.forEach((value, at) => {
      if (value !== 0) this.#put(high[at] ?? 0, low[at] ?? 0, value);
    });
  }
}

function hashOf(text: string): readonly [number, number] {
  const digest = createHash("sha256").update(text).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
