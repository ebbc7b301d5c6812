import { toHex, wordAt } from "../hex.ts";
import { crcOfTag } from "./crc.ts";

/** What a Gen2 tag has sent of itself. */
export interface TagIdentity {
  readonly epc: string;
  readonly pc: string;
  readonly tagCrc: string;
}

/** Why a tag's own bytes are not believed. */
export interface TagDoubt {
  readonly doubt: "tag-crc" | "pc-length";
  readonly epc: string;
}

/** Bit of the protocol control word: an extended word stands between it and the EPC. */
const extendedBit = 0x0200;

/**
 * Checks PC, EPC and CRC of one tag. The upper five bits of PC count the EPC's words, and the CRC covers PC and EPC
 * (EPC Gen2 6.3.2.1.2). One damaged bit shows in at least one of the two.
 */
export function readIdentity(bytes: Uint8Array): TagIdentity | TagDoubt {
  const pc = wordAt(bytes, 0);
  const behind = bytes.subarray(2, -2);
  const epcBytes = 2 * (pc >>> 11);
  const extended = behind.length - epcBytes;
  const isExtended = (pc & extendedBit) !== 0 && (extended === 2 || extended === 4);
  const epc = toHex(isExtended ? behind.subarray(extended) : behind);
  if (bytes.length < 4 || (extended !== 0 && !isExtended)) return { doubt: "pc-length", epc };
  const crc = wordAt(bytes, bytes.length - 2);
  if (crcOfTag(bytes.subarray(0, -2)) !== crc) return { doubt: "tag-crc", epc };
  return { epc, pc: toHex(bytes.subarray(0, 2)), tagCrc: toHex(bytes.subarray(-2)) };
}

/** Bit of the protocol control word: an ISO application whose family identifier (AFI) follows, no EPC. */
const isoBit = 0x0100;

/** PC, EPC and CRC as a tag sends them, for simulators. Whole words only. */
export function writeIdentity(epc: Uint8Array, isDamaged = false, afi?: number): Uint8Array {
  const bytes = new Uint8Array(epc.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ((epc.length / 2) << 11) | (afi === undefined ? 0 : isoBit | afi));
  bytes.set(epc, 2);
  const crc = crcOfTag(bytes.subarray(0, -2));
  view.setUint16(bytes.length - 2, isDamaged ? crc ^ 1 : crc);
  return bytes;
}
