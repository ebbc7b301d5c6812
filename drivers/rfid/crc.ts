const forward = table((value) => {
  let crc = value << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  return crc & 0xffff;
});

const reflected = table((value) => {
  let crc = value;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  return crc;
});

/** CRC-16 over a Gen2 tag's PC and EPC as the tag stores it: polynomial 1021, start FFFF, inverted (ISO 18000-63, annex F). */
export function crcOfTag(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (forward[(crc >> 8) ^ byte] ?? 0);
  return crc ^ 0xffff;
}

/**
 * The check of ThingMagic frames: polynomial 1021, start FFFF, data shifted in at the low end and nothing after them.
 * It is no CCITT CRC: the value 1D0F that is often given as its start is wrong.
 */
export function crcOfMercury(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = (((crc << 8) | byte) & 0xffff) ^ (forward[crc >> 8] ?? 0);
  return crc;
}

/** CRC-16/MCRF4XX: polynomial 8408 reflected, start FFFF. UHFReader frames send it low byte first. */
export function crcOfUhfReader(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (reflected[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

function table(entry: (value: number) => number): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, value) => entry(value));
}
