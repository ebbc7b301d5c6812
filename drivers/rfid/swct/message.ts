import { toHex, wordAt } from "../../hex.ts";
import type { Region } from "../protocol.ts";
import { parseSwct } from "./frame.ts";

/** UHF RFID Reader User's Manual V2.0, chapter 4. */
export const swctCommands = {
  inventory: 0x01,
  systemInfo: 0x10,
  getParameter: 0x23,
  setParameter: 0x24,
  getFrequency: 0x3e,
  setFrequency: 0x3f,
  stopReading: 0x40,
  startReading: 0x41,
  report: 0x45,
  checkAntennas: 0xe1,
  heartbeat: 0xff,
} as const;

export const swctParameters = { workMode: 2, power: 5 } as const;
export const swctModes = ["answer", "active", "trigger"] as const;
export type SwctMode = (typeof swctModes)[number];

export interface SwctTag {
  readonly epc: string;
  readonly antenna: number;
  /** The reader's own number: no dBm is defined. */
  readonly rssiRaw: number;
  readonly tagType: number;
}

export interface SwctHead {
  readonly address: number;
  readonly command: number;
}

export type SwctMessage = SwctHead &
  (
    | { readonly is: "command"; readonly data: Uint8Array }
    | { readonly is: "tags"; readonly tags: readonly SwctTag[]; readonly serialNumber?: string }
    | { readonly is: "no-tag" }
    | { readonly is: "response"; readonly isDone: boolean; readonly data: Uint8Array }
    | { readonly is: "bad"; readonly reason: string }
  );

const serialNumberBytes = 7;

export function readSwct(frame: Uint8Array): SwctMessage {
  const { direction, address, command, data } = parseSwct(frame);
  const head = { address, command };
  if (direction === "command") return { ...head, is: "command", data };
  const [status = 0] = data;
  const body = data.subarray(1);
  if (command === swctCommands.inventory) {
    if (status === 0) return { ...head, is: "no-tag" };
    const tags = readTags(body.subarray(2), wordAt(body, 0));
    return tags === undefined ? bad(head) : { ...head, is: "tags", tags };
  }
  if (command === swctCommands.report && body.length > serialNumberBytes) {
    const tags = readTags(body.subarray(serialNumberBytes + 1), body[serialNumberBytes] ?? 0);
    const serialNumber = toHex(body.subarray(0, serialNumberBytes));
    return tags === undefined ? bad(head) : { ...head, is: "tags", tags, serialNumber };
  }
  return { ...head, is: "response", isDone: status === 1, data: body };
}

function bad(head: SwctHead): SwctMessage {
  return { ...head, is: "bad", reason: "length" };
}

/** Each: length of the rest, type, antenna, EPC, RSSI. */
function readTags(data: Uint8Array, count: number): readonly SwctTag[] | undefined {
  const tags: SwctTag[] = [];
  let at = 0;
  while (tags.length < count) {
    const length = data[at] ?? 0;
    const next = at + 1 + length;
    if (length < 4 || next > data.length) return undefined;
    const [tagType = 0, antenna = 0] = data.subarray(at + 1);
    const epc = toHex(data.subarray(at + 3, next - 1));
    tags.push({ epc, antenna, rssiRaw: data[next - 1] ?? 0, tagType });
    at = next;
  }
  return at === data.length ? tags : undefined;
}

/** What command 3F sets and 3E reads. Regions that share a band cannot be told apart by it. */
export const swctFrequencies: Readonly<Partial<Record<Region, number>>> = {
  US: 0x3180,
  EU: 0x4e00,
  IN: 0x4e00,
  CN: 0x2ca3,
  KR: 0x299d,
  JP: 0x299d,
};

/** Antennas by their bit, the lowest of the second byte for the first one. */
export function swctAntennas(data: Uint8Array, count = 4): Readonly<Record<number, boolean>> {
  const bits = wordAt(data, 0);
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return Object.fromEntries(numbers.map((number) => [number, ((bits >> (number - 1)) & 1) === 1]));
}
