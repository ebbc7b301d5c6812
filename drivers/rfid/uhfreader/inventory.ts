import { toHex } from "../../hex.ts";

/** One tag of a report. */
export interface UhfTag {
  readonly epc: string;
  /** The reader's own number: larger is nearer, no dBm is defined. */
  readonly rssiRaw?: number;
  /** TID behind the EPC, where the reader was told to send it (FastID). */
  readonly tid?: string;
}

export interface UhfReport {
  /** 18: without antenna and RSSI. 288: with both. */
  readonly variant: 18 | 288;
  /** Antennas that saw it, 1 is the first; empty for 18. */
  readonly antennas: readonly number[];
  readonly tags: readonly UhfTag[];
}

/** Bit of a tag's length: twelve bytes of TID follow the EPC (UHFReader288MP manual 1.14, 8.2.1). */
const withTid = 0x80;
const tidBytes = 12;

/**
 * Tags of an inventory's answer. Both generations use the same commands, and nothing in the frame says which it is:
 * only one of the two readings uses up all bytes. Undefined when neither does.
 */
export function readInventory(data: Uint8Array): UhfReport | undefined {
  if (data.length === 0) return { variant: 18, antennas: [], tags: [] };
  const antennas = antennasOf(data[0] ?? 0);
  const tags = readTags(data.subarray(1), true);
  if (tags !== undefined) return { variant: 288, antennas, tags };
  const plain = readTags(data, false);
  return plain === undefined ? undefined : { variant: 18, antennas: [], tags: plain };
}

/** Number of tags, then length, EPC and (288) RSSI of each. */
function readTags(data: Uint8Array, hasRssi: boolean): readonly UhfTag[] | undefined {
  const [count] = data;
  if (count === undefined) return undefined;
  const tags: UhfTag[] = [];
  let at = 1;
  while (tags.length < count) {
    const length = data[at];
    if (length === undefined) return undefined;
    const bytes = hasRssi ? length & ~withTid : length;
    // An EPC has whole words: else a report of zeros could be read both ways.
    if (bytes === 0 || bytes % 2 !== 0) return undefined;
    const next = at + 1 + bytes + (hasRssi ? 1 : 0);
    if (next > data.length) return undefined;
    tags.push(readTag(data.subarray(at, next), hasRssi));
    at = next;
  }
  return at === data.length ? tags : undefined;
}

function readTag(bytes: Uint8Array, hasRssi: boolean): UhfTag {
  if (!hasRssi) return { epc: toHex(bytes.subarray(1)) };
  const body = bytes.subarray(1, -1);
  const rssiRaw = bytes.at(-1) ?? 0;
  if (((bytes[0] ?? 0) & withTid) === 0 || body.length <= tidBytes)
    return { epc: toHex(body), rssiRaw };
  return { epc: toHex(body.subarray(0, -tidBytes)), rssiRaw, tid: toHex(body.subarray(-tidBytes)) };
}

/** A report that a reader in realtime or scan mode sends unasked: antenna, length, EPC, RSSI; 18 sends the EPC alone. */
export function readRealtime(data: Uint8Array): UhfReport | undefined {
  const [antenna = 0, length = 0] = data;
  if (data.length === (length & ~withTid) + 3) {
    const tag = readTag(data.subarray(1), true);
    return { variant: 288, antennas: antennasOf(antenna), tags: [tag] };
  }
  if (data.length < 2 || data.length % 2 !== 0) return undefined;
  return { variant: 18, antennas: [], tags: [{ epc: toHex(data) }] };
}

/** One bit for each antenna, the lowest for the first. */
export function antennasOf(bits: number): readonly number[] {
  return [1, 2, 3, 4, 5, 6, 7, 8].filter((antenna) => (bits >> (antenna - 1)) & 1);
}
