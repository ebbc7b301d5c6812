import { signed, toHex, wordAt } from "../../hex.ts";
import { parseMercury } from "./frame.ts";
import { type MercuryTag, readMetadata, readRecord, type TagRecord } from "./record.ts";
import { mercuryStatus } from "./status.ts";

export const mercuryOpcodes = {
  version: 0x03,
  boot: 0x04,
  program: 0x0c,
  readSingle: 0x21,
  readMultiple: 0x22,
  tagBuffer: 0x29,
  continuous: 0x2f,
  getAntennas: 0x61,
  getPower: 0x62,
  getRegion: 0x67,
  getTemperature: 0x72,
  setAntennas: 0x91,
  setPower: 0x92,
  setProtocol: 0x93,
  setRegion: 0x97,
  setOption: 0x9a,
  setProtocolOption: 0x9b,
} as const;

/** Health of the module as a stream or an answer reports it. */
export interface MercuryHealth {
  readonly temperatureCel?: number;
  readonly returnLossDb?: number;
  readonly antennas?: Readonly<Record<number, boolean>>;
}

export type MercuryMessage =
  | { readonly is: "command"; readonly opcode: number; readonly data: Uint8Array }
  | { readonly is: "tags"; readonly opcode: number; readonly records: readonly TagRecord[] }
  /** Each second of a stream in which no tag was seen. */
  | { readonly is: "keep-alive" }
  | { readonly is: "stream-end" }
  | { readonly is: "health"; readonly opcode: number; readonly health: MercuryHealth }
  | {
      readonly is: "error";
      readonly opcode: number;
      readonly status: number;
      readonly data: Uint8Array;
    }
  | { readonly is: "response"; readonly opcode: number; readonly data: Uint8Array }
  | { readonly is: "bad"; readonly opcode: number; readonly reason: string };

/** Option bit: the metadata mask stands in the message. */
const metadataOption = 0x10;

export function readMercury(frame: Uint8Array): MercuryMessage {
  const message = parseMercury(frame);
  const { opcode, data } = message;
  if (message.direction === "command") return { is: "command", opcode, data };
  const { status } = message;
  const { readMultiple, readSingle, tagBuffer, getTemperature, getAntennas } = mercuryOpcodes;
  if (opcode === readMultiple && status === mercuryStatus.noTags && data.length === 0)
    return { is: "keep-alive" };
  if (status !== mercuryStatus.ok) return { is: "error", opcode, status, data };
  switch (opcode) {
    case readMultiple:
      return readStream(opcode, data);
    case readSingle:
      return readSingleTag(opcode, data);
    case tagBuffer:
      return readBuffer(opcode, data);
    case getTemperature:
      if (data.length !== 1) return { is: "response", opcode, data };
      return { is: "health", opcode, health: { temperatureCel: signed(data[0] ?? 0) } };
    case getAntennas:
      return readAntennas(opcode, data);
    default:
      return { is: "response", opcode, data };
  }
}

/** Option, search flags, metadata mask (with its option bit), kind of record, record. */
function readStream(opcode: number, data: Uint8Array): MercuryMessage {
  const hasMask = ((data[0] ?? 0) & metadataOption) !== 0;
  const kindAt = hasMask ? 5 : 3;
  // The answer to a read that is no stream: option, search flags, and how many tags wait in the buffer.
  if (data.length <= kindAt || (!hasMask && data.length <= 7))
    return { is: "response", opcode, data };
  const body = data.subarray(kindAt + 1);
  switch (data[kindAt]) {
    case 0:
      return { is: "stream-end" };
    case 1: {
      const record = hasMask ? readRecord(body, wordAt(data, 3)) : undefined;
      if (record === undefined || record.length !== body.length) return bad(opcode, "length");
      return { is: "tags", opcode, records: [record] };
    }
    case 2:
      return { is: "health", opcode, health: { ...plainStatus(data), ...readStatus(body) } };
    default: {
      const health = plainStatus(data);
      return "temperatureCel" in health ? { is: "health", opcode, health } : bad(opcode, "record");
    }
  }
}

const statusBytes = 10;

/** The temperature status of autonomous modules: ten bytes, the last one in degrees (Autonomous Configuration Tool, table 6). */
function plainStatus(data: Uint8Array): MercuryHealth {
  if (data.length !== statusBytes) return {};
  return { temperatureCel: signed(data.at(-1) ?? 0) };
}

/** The flag of the temperature in statistics (256, in groups of seven bits). */
const temperatureFlag = 0x100;

/**
 * Two forms. Statistics: flags in groups of seven bits, then flag, length and value of each. Status: a word of flags,
 * then kHz (2), degrees (4) and antenna ports (8) in this order.
 */
function readStatus(body: Uint8Array): MercuryHealth {
  if (((body[0] ?? 0) & 0x80) === 0) {
    const flags = wordAt(body, 0);
    const at = flags & 2 ? 5 : 2;
    const temperature = body[at];
    if ((flags & 4) === 0 || temperature === undefined) return {};
    return { temperatureCel: signed(temperature) };
  }
  let at = groupsOf(body, 0).next;
  while (at < body.length) {
    const flag = groupsOf(body, at);
    const length = body[flag.next] ?? 0;
    const value = body[flag.next + 1];
    if (flag.value === temperatureFlag && length === 1 && value !== undefined)
      return { temperatureCel: signed(value) };
    at = flag.next + 1 + length;
  }
  return {};
}

/** A number in groups of seven bits, each but the last with its highest bit set. */
function groupsOf(
  bytes: Uint8Array,
  start: number,
): { readonly value: number; readonly next: number } {
  let at = start;
  let value = 0;
  while (at < bytes.length) {
    const byte = bytes[at] ?? 0;
    value = value * 128 + (byte & 0x7f);
    at += 1;
    if (byte < 0x80) break;
  }
  return { value, next: at };
}

/** Bare, EPC and CRC. With metadata: option, mask, metadata, EPC, CRC. There is no PC, so the tag's CRC proves nothing. */
function readSingleTag(opcode: number, data: Uint8Array): MercuryMessage {
  const hasMask = data[0] === metadataOption && data.length > 5;
  const metadata = hasMask ? readMetadata(data.subarray(3), wordAt(data, 1)) : undefined;
  const rest = data.subarray(metadata === undefined ? 0 : 3 + metadata.length);
  if (rest.length < 4) return bad(opcode, "length");
  const tag: MercuryTag = {
    ...metadata?.tag,
    epc: toHex(rest.subarray(0, -2)),
    tagCrc: toHex(rest.subarray(-2)),
  };
  return { is: "tags", opcode, records: [{ tag, length: rest.length }] };
}

/** Mask, option, count, records. Modules that know no metadata answer in another form, which stays a response. */
function readBuffer(opcode: number, data: Uint8Array): MercuryMessage {
  const mask = wordAt(data, 0);
  const count = data[3] ?? 0;
  const records: TagRecord[] = [];
  let at = 4;
  while (records.length < count) {
    const record = readRecord(data.subarray(at), mask);
    if (record === undefined) return { is: "response", opcode, data };
    records.push(record);
    at += record.length;
  }
  if (at !== data.length) return { is: "response", opcode, data };
  return { is: "tags", opcode, records };
}

const detectedOption = 5;
const returnLossOption = 6;

/** Option 5: port and whether an antenna is there. Option 6: port and its return loss in dB, of which the least counts. */
function readAntennas(opcode: number, data: Uint8Array): MercuryMessage {
  const pairs: (readonly [number, number])[] = [];
  for (let at = 1; at + 1 < data.length; at += 2) pairs.push([data[at] ?? 0, data[at + 1] ?? 0]);
  if (data[0] === detectedOption) {
    const antennas = Object.fromEntries(pairs.map(([port, is]) => [port, is === 1]));
    return { is: "health", opcode, health: { antennas } };
  }
  if (data[0] === returnLossOption && pairs.length > 0) {
    const returnLossDb = Math.min(...pairs.map(([, loss]) => loss));
    return { is: "health", opcode, health: { returnLossDb } };
  }
  return { is: "response", opcode, data };
}

function bad(opcode: number, reason: string): MercuryMessage {
  return { is: "bad", opcode, reason };
}
