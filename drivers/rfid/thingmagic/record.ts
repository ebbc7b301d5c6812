import { hexOf, signed, toHex, wordAt } from "../../hex.ts";
import { readIdentity } from "../tag-identity.ts";

/** What a module tells about one sighting; which of it comes is said by the metadata mask before it. */
export interface MercuryTag {
  readonly epc: string;
  readonly pc?: string;
  readonly tagCrc?: string;
  readonly count?: number;
  readonly rssiDbm?: number;
  /** Transmitting antenna, 1 is the first. */
  readonly antenna?: number;
  readonly rxAntenna?: number;
  readonly frequencyKhz?: number;
  /** Since the module's last keep-alive. */
  readonly sinceMs?: number;
  readonly phase?: number;
  /** 05 is Gen2. */
  readonly airProtocol?: string;
  /** Data of an operation that ran on the tag, hex. */
  readonly data?: string;
  readonly gpio?: string;
  readonly gen2Q?: number;
  readonly gen2Lf?: number;
  readonly gen2Target?: number;
  readonly brand?: string;
  readonly tagType?: number;
}

export interface TagRecord {
  readonly tag: MercuryTag;
  readonly doubt?: "tag-crc" | "pc-length";
  /** Bytes that the record takes. */
  readonly length: number;
}

interface Field {
  readonly bit: number;
  /** Bytes of the value. */
  readonly bytes: number;
  readonly read: (bytes: Uint8Array) => Partial<MercuryTag>;
}

/** The metadata in the order of their bits, which is the order on the wire. Bit 7, data, has a length of its own. */
const before: readonly Field[] = [
  { bit: 0x0001, bytes: 1, read: ([count = 0]) => ({ count }) },
  { bit: 0x0002, bytes: 1, read: ([rssi = 0]) => ({ rssiDbm: signed(rssi) }) },
  { bit: 0x0004, bytes: 1, read: ([ports = 0]) => antennasOf(ports) },
  { bit: 0x0008, bytes: 3, read: (bytes) => ({ frequencyKhz: numberOf(bytes) }) },
  { bit: 0x0010, bytes: 4, read: (bytes) => ({ sinceMs: numberOf(bytes) }) },
  { bit: 0x0020, bytes: 2, read: (bytes) => ({ phase: numberOf(bytes) }) },
  { bit: 0x0040, bytes: 1, read: (bytes) => ({ airProtocol: toHex(bytes) }) },
];
const dataBit = 0x0080;
const behind: readonly Field[] = [
  { bit: 0x0100, bytes: 1, read: (bytes) => ({ gpio: toHex(bytes) }) },
  { bit: 0x0200, bytes: 1, read: ([gen2Q = 0]) => ({ gen2Q }) },
  { bit: 0x0400, bytes: 1, read: ([gen2Lf = 0]) => ({ gen2Lf }) },
  { bit: 0x0800, bytes: 1, read: ([gen2Target = 0]) => ({ gen2Target }) },
  { bit: 0x1000, bytes: 2, read: (bytes) => ({ brand: toHex(bytes) }) },
  { bit: 0x2000, bytes: 1, read: ([tagType = 0]) => ({ tagType }) },
];

/** Length of embedded data that says: the operation failed, two bytes of error follow. */
const failedDataBits = 0x8000;

/** Metadata with the fields of `mask`, and how many bytes they took; undefined when there are too few. */
export function readMetadata(
  bytes: Uint8Array,
  mask: number,
): { readonly tag: Partial<MercuryTag>; readonly length: number } | undefined {
  let at = 0;
  let tag: Partial<MercuryTag> = {};
  const take = (fields: readonly Field[]) => {
    for (const field of fields) {
      if ((mask & field.bit) === 0) continue;
      tag = { ...tag, ...field.read(bytes.subarray(at, at + field.bytes)) };
      at += field.bytes;
    }
  };
  take(before);
  if ((mask & dataBit) !== 0) {
    const bits = wordAt(bytes, at);
    const dataBytes = bits === failedDataBits ? 2 : Math.ceil(bits / 8);
    const data = toHex(bytes.subarray(at + 2, at + 2 + dataBytes));
    if (data !== "") tag = { ...tag, data };
    at += 2 + dataBytes;
  }
  take(behind);
  return at > bytes.length ? undefined : { tag, length: at };
}

/** Air protocols whose tags send a PC word. Without the field it is Gen2, which is what the link sets. */
const gen2 = "05";

/** One record of a stream or of the tag buffer: metadata, bits of PC, EPC and CRC, and those themselves. */
export function readRecord(bytes: Uint8Array, mask: number): TagRecord | undefined {
  const metadata = readMetadata(bytes, mask);
  if (metadata === undefined) return undefined;
  const start = metadata.length + 2;
  const length = start + Math.ceil(wordAt(bytes, metadata.length) / 8);
  if (start > bytes.length || length > bytes.length || length < start + 2) return undefined;
  const { tag } = metadata;
  const identity = bytes.subarray(start, length);
  if (tag.airProtocol !== undefined && tag.airProtocol !== gen2) {
    const epc = toHex(identity.subarray(0, -2));
    return { tag: { ...tag, epc, tagCrc: toHex(identity.subarray(-2)) }, length };
  }
  const read = readIdentity(identity);
  if ("doubt" in read) return { tag: { ...tag, epc: read.epc }, doubt: read.doubt, length };
  return { tag: { ...tag, ...read }, length };
}

/** Upper half: transmitting port, lower half: receiving port; the sixteenth is 0. */
function antennasOf(ports: number): Partial<MercuryTag> {
  const antenna = ports >> 4 || 16;
  const rxAntenna = ports & 15 || 16;
  return { antenna, rxAntenna };
}

function numberOf(bytes: Uint8Array): number {
  return Number.parseInt(toHex(bytes) || "0", 16);
}

/** A record of a stream as a module writes it, for simulators: mask 01FF. */
export function writeRecord(sighting: {
  readonly identity: Uint8Array;
  readonly rssiDbm: number;
  readonly antenna: number;
  readonly sinceMs: number;
}): Uint8Array {
  const { identity, rssiDbm, antenna, sinceMs } = sighting;
  const port = (antenna & 15) * 0x11;
  const bits = 8 * identity.length;
  const head = `01${hexOf(rssiDbm & 0xff)}${hexOf(port)}0E1640${hexOf(sinceMs, 4)}00000500000F`;
  return Uint8Array.from([...Buffer.from(head + hexOf(bits, 2), "hex"), ...identity]);
}

export const recordMask = 0x01ff;
