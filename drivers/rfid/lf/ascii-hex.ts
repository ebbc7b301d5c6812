/** Whether all of these bytes are hex digits in ASCII. */
export function isHexDigits(bytes: Uint8Array): boolean {
  return bytes.every(
    (byte) =>
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x46) ||
      (byte >= 0x61 && byte <= 0x66),
  );
}

/** Two digits at `at` as one byte. */
export function asciiByte(bytes: Uint8Array, at: number): number {
  return Number.parseInt(String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0), 16);
}
