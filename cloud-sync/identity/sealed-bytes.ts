/** Gateway id, purpose and bytes, each with its length (4 bytes, most significant first) before it. */
export function sealedBytes(
  gateway: string,
  purpose: string,
  bytes: Uint8Array,
): readonly Uint8Array[] {
  return [Buffer.from(gateway), Buffer.from(purpose), bytes].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
}
