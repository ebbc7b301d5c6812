import { hexOf, signed, toHex } from "../../hex.ts";
import { milliseconds, type Parameter, readParameters, u16, u32 } from "./parameter.ts";

/** One TagReportData (LLRP 1.0.1, 13.2.3). Times are by the reader's clock, in milliseconds. */
export interface TagReport {
  /** Upper-case hex, filled with zero bits to whole bytes. */
  readonly epc: string;
  readonly epcBits: number;
  readonly antenna?: number;
  readonly rssiDbm?: number;
  readonly channel?: number;
  readonly count?: number;
  readonly roSpecId?: number;
  readonly accessSpecId?: number;
  /** Since 1970. */
  readonly firstSeenMs?: number;
  readonly lastSeenMs?: number;
  /** Since the reader's start, where it has no clock. */
  readonly firstSeenUptimeMs?: number;
  readonly lastSeenUptimeMs?: number;
  /** Protocol control word and the tag's own CRC, upper-case hex. */
  readonly pc?: string;
  readonly crc?: string;
  /** Private enterprise numbers of makers who added something. */
  readonly vendors?: readonly number[];
}

const tagReportType = 240;
const epcDataType = 241;
const customType = 1023;

const readers: Readonly<Record<number, (bytes: Uint8Array) => Partial<TagReport>>> = {
  1: (bytes) => ({ antenna: u16(bytes) }),
  2: (bytes) => ({ firstSeenMs: milliseconds(bytes) }),
  3: (bytes) => ({ firstSeenUptimeMs: milliseconds(bytes) }),
  4: (bytes) => ({ lastSeenMs: milliseconds(bytes) }),
  5: (bytes) => ({ lastSeenUptimeMs: milliseconds(bytes) }),
  6: (bytes) => ({ rssiDbm: signed(bytes[0] ?? 0) }),
  7: (bytes) => ({ channel: u16(bytes) }),
  8: (bytes) => ({ count: u16(bytes) }),
  9: (bytes) => ({ roSpecId: u32(bytes) }),
  11: (bytes) => ({ crc: hexOf(u16(bytes), 2) }),
  12: (bytes) => ({ pc: hexOf(u16(bytes), 2) }),
  13: (bytes) => ({ epc: toHex(bytes), epcBits: 96 }),
  16: (bytes) => ({ accessSpecId: u32(bytes) }),
};

/** Every tag of an RO_ACCESS_REPORT, or what is wrong with one. */
export function readTags(parameters: readonly Parameter[]): readonly TagReport[] | string {
  const tags: TagReport[] = [];
  for (const { type, bytes } of parameters) {
    if (type !== tagReportType) continue;
    const tag = readTag(bytes);
    if (typeof tag === "string") return tag;
    tags.push(tag);
  }
  return tags;
}

function readTag(bytes: Uint8Array): TagReport | string {
  const parameters = readParameters(bytes);
  if ("fault" in parameters) return `tag report: ${parameters.fault}`;
  let tag: Partial<TagReport> = {};
  for (const parameter of parameters) {
    const part = partOf(parameter);
    if (typeof part === "string") return part;
    tag = { ...tag, ...part };
  }
  const { epc, epcBits } = tag;
  if (epc === undefined || epcBits === undefined) return "a tag report without EPC";
  const vendors = parameters
    .filter(({ type, bytes: content }) => type === customType && content.length >= 4)
    .map(({ bytes: content }) => u32(content));
  return { ...tag, epc, epcBits, ...(vendors.length === 0 ? {} : { vendors }) };
}

function partOf({ type, bytes }: Parameter): Partial<TagReport> | string {
  if (type !== epcDataType) return readers[type]?.(bytes) ?? {};
  const epcBits = u16(bytes);
  const epcBytes = Math.ceil(epcBits / 8);
  if (bytes.length < 2 || bytes.length !== 2 + epcBytes)
    return `an EPC of ${epcBits} bits in ${Math.max(0, bytes.length - 2)} bytes`;
  return { epc: toHex(bytes.subarray(2)), epcBits };
}
