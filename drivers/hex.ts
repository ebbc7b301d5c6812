/** Bytes as upper-case hex without blanks. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex").toUpperCase();
}

/** One byte or a word as hex, padded to whole bytes. */
export function hexOf(value: number, bytes = 1): string {
  return value
    .toString(16)
    .toUpperCase()
    .padStart(2 * bytes, "0");
}

/** Hex without blanks to bytes. Expects whole bytes. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}

/** The unsigned big-endian word at `at`; bytes beyond the end count as 0. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

/** A byte as two's complement. */
export function signed(byte: number): number {
  return byte > 127 ? byte - 256 : byte;
}
