const hashedPattern = /^ni:\/\/\/sha-256;([0-9a-f]{64})\?ver=CBV2\.0$/;

const hashBytes = 32;

/** Before an identity that is not a hash as usual. */
const plain = Buffer.from([0]);

/** An identity as it is stored: 32 bytes in place of 90 characters, in every row and its index. */
export function idBytes(id: string): Buffer {
  const hex = hashedPattern.exec(id)?.[1];
  if (hex === undefined) {
    const bytes = Buffer.concat([plain, Buffer.from(id)]);
    // One byte more, so that it is not taken for a hash.
    return bytes.length === hashBytes ? Buffer.concat([bytes, plain]) : bytes;
  }
  return Buffer.from(hex, "hex");
}

export function idText(bytes: Buffer): string {
  if (bytes.length === hashBytes) {
    return `ni:///sha-256;${bytes.toString("hex")}?ver=CBV2.0`;
  }
  const end = bytes.length === hashBytes + 1 && bytes.at(-1) === 0 ? -1 : undefined;
  return bytes.subarray(1, end).toString();
}
