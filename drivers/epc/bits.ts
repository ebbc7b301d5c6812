/** Reads the bits of a hexadecimal number from the front. */
export class BitReader {
  readonly #value: bigint;
  /** Bits that nobody read yet. */
  left: number;

  /** `hex` must hold hexadecimal digits only. */
  constructor(hex: string) {
    this.#value = hex === "" ? 0n : BigInt(`0x${hex}`);
    this.left = 4 * hex.length;
  }

  /** The next `count` bits as a number; undefined when there are fewer. */
  take(count: number): bigint | undefined {
    if (count > this.left) return undefined;
    this.left -= count;
    return BigInt.asUintN(count, this.#value >> BigInt(this.left));
  }
}

/** Puts bits behind one another. */
export class BitWriter {
  #value = 0n;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `value` must fit into `count` bits. */
  put(value: bigint, count: number): void {
    this.#value = (this.#value << BigInt(count)) | value;
    this.#length += count;
  }

  /** Filled with zero bits to whole 16-bit words, as tags hold them. */
  toHex(): string {
    const padding = (16 - (this.#length % 16)) % 16;
    const digits = (this.#length + padding) / 4;
    const hex = (this.#value << BigInt(padding)).toString(16);
    return digits === 0 ? "" : hex.padStart(digits, "0").toUpperCase();
  }
}
