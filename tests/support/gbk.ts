/** Text as GBK bytes: `TextEncoder` knows UTF-8 only. */
export function gbkOf(text: string): Uint8Array {
  const known = new Map<string, readonly number[]>();
  const decoder = new TextDecoder("gbk");
  for (let high = 0x81; high <= 0xfe; high += 1) {
    for (let low = 0x40; low <= 0xfe; low += 1) {
      if (low !== 0x7f) known.set(decoder.decode(Uint8Array.of(high, low)), [high, low]);
    }
  }
  const bytes = [...text].flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x80 ? [code] : (known.get(character) ?? [0x3f]);
  });
  return Uint8Array.from(bytes);
}
