/** The protocol control word that stands before the EPC on a Gen2 tag (TDS 1.13, 9.3). */
export interface ProtocolControl {
  /** Length of the EPC in words of 16 bits. */
  readonly words: number;
  /** The tag has user memory with something in it. */
  readonly hasUserMemory: boolean;
  /** The word is followed by an extension (XPC). */
  readonly isExtended: boolean;
  /** By the toggle bit: an EPC, or an ISO 15961 application whose family identifier (AFI) is `attributes`. */
  readonly isIso: boolean;
  /** Attribute bits of an EPC, AFI of an ISO application. */
  readonly attributes: number;
}

/** `pc` is the word as a number, 0 to 0xFFFF. */
export function decodePc(pc: number): ProtocolControl {
  return {
    words: (pc >> 11) & 0x1f,
    hasUserMemory: (pc & 0x400) !== 0,
    isExtended: (pc & 0x200) !== 0,
    isIso: (pc & 0x100) !== 0,
    attributes: pc & 0xff,
  };
}

/** What of a PC word an EPC URI shows: `[att=x01][umi=1]`, empty for most tags (TDS 1.13, 15.2.4; no XPC). */
export function controlFields({ attributes, hasUserMemory, isIso }: ProtocolControl): string {
  const shown = isIso || attributes === 0 ? "" : `[att=x${hex2(attributes)}]`;
  return shown + (hasUserMemory ? "[umi=1]" : "");
}

/** The CRC that a Gen2 tag sends behind PC and EPC: CRC-16/GENIBUS over both (EPC UHF Gen2, annex F). */
export function tagCrc(pcAndEpc: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of pcAndEpc) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1)
      crc = (crc & 0x8000) === 0 ? (crc << 1) & 0xffff : ((crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc ^ 0xffff;
}

export function hex2(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
