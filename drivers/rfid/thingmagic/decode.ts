import { hexOf, toHex, wordAt } from "../../hex.ts";
import { type DecodedFrame, decodeWith, type Json } from "../../protocol.ts";
import { type DecodedTag, tagFrame } from "../decoded-tags.ts";
import { createMercuryFramer } from "./frame.ts";
import { mercuryOpcodes, readMercury } from "./message.ts";
import type { MercuryTag } from "./record.ts";
import { mercuryRegions } from "./regions.ts";
import { meaningOfStatus, mercuryStatus } from "./status.ts";

export function decodeMercury(bytes: Uint8Array): readonly DecodedFrame[] {
  return decodeWith(createMercuryFramer(), describe, bytes);
}

function describe(frame: Uint8Array): DecodedFrame {
  const message = readMercury(frame);
  switch (message.is) {
    case "command": {
      const { opcode, data } = message;
      return {
        ok: true,
        type: "command",
        ...named(opcode),
        data: toHex(data),
        ...asked(opcode, data),
      };
    }
    case "tags": {
      const tags = message.records.map(({ tag }) => decodedTag(tag));
      const doubted = message.records.find(({ doubt }) => doubt !== undefined);
      if (doubted?.doubt === undefined) return tagFrame(tags, named(message.opcode));
      const { tag, doubt } = doubted;
      return { ok: false, reason: doubt, type: "tag", epc: tag.epc, tags };
    }
    case "keep-alive":
      return notice("keep-alive", mercuryStatus.noTags);
    case "stream-end":
      return {
        ok: true,
        type: "notice",
        ...named(mercuryOpcodes.readMultiple),
        meaning: "stream ended",
      };
    case "health":
      return { ok: true, type: "health", ...named(message.opcode), ...message.health };
    case "error":
      return describeError(message);
    case "response": {
      const { opcode, data } = message;
      const fields = { data: toHex(data), ...answered(opcode, data) };
      return {
        ok: true,
        type: "response",
        ...named(opcode),
        status: "0000",
        meaning: "ok",
        ...fields,
      };
    }
    case "bad":
      return { ok: false, reason: message.reason, ...named(message.opcode) };
  }
}

const notices: ReadonlySet<number> = new Set([mercuryStatus.tooHot, mercuryStatus.returnLoss]);

function describeError({
  opcode,
  status,
  data,
}: {
  readonly opcode: number;
  readonly status: number;
  readonly data: Uint8Array;
}): DecodedFrame {
  if (opcode === mercuryOpcodes.readMultiple && notices.has(status))
    return notice("notice", status);
  const fields = { status: hexOf(status, 2), meaning: meaningOfStatus(status) };
  return { ok: true, type: "error", ...named(opcode), ...fields, data: toHex(data) };
}

function notice(type: string, status: number): DecodedFrame {
  const fields = { status: hexOf(status, 2), meaning: meaningOfStatus(status) };
  return { ok: true, type, ...named(mercuryOpcodes.readMultiple), ...fields };
}

function decodedTag({ rssiDbm, antenna, ...tag }: MercuryTag): DecodedTag {
  const { epc, ...rest } = tag;
  return { epc, rssi: rssiDbm ?? null, antenna: antenna ?? null, ...defined(rest) };
}

/** Optional fields without those that are absent, as JSON has no undefined. */
function defined(fields: Readonly<Record<string, Json | undefined>>): Record<string, Json> {
  const kept: Record<string, Json> = {};
  for (const [key, value] of Object.entries(fields)) if (value !== undefined) kept[key] = value;
  return kept;
}

type Fields = { readonly [field: string]: Json };

function named(opcode: number): Fields {
  const name = names[opcode];
  return name === undefined ? { command: hexOf(opcode) } : { command: hexOf(opcode), name };
}

function asked(opcode: number, data: Uint8Array): Fields {
  switch (opcode) {
    case mercuryOpcodes.setRegion:
      return { region: regionOf(data[0]) };
    case mercuryOpcodes.setPower:
      return { powerDbm: wordAt(data, 0) / 100 };
    case mercuryOpcodes.readSingle:
      return { timeoutMs: wordAt(data, 0) };
    case mercuryOpcodes.continuous:
      return { stream: data[2] === 2 ? "stop" : "start" };
    default:
      return {};
  }
}

function answered(opcode: number, data: Uint8Array): Fields {
  switch (opcode) {
    case mercuryOpcodes.boot:
    case mercuryOpcodes.version:
      return versionOf(data);
    case mercuryOpcodes.program:
      return { program: ((data[0] ?? 0) & 3) === 1 ? "bootloader" : "application" };
    case mercuryOpcodes.getRegion:
      return { region: regionOf(data[0]) };
    case mercuryOpcodes.getPower:
      return powerOf(data);
    case 0x63:
      return { airProtocol: wordAt(data, 0) };
    case 0x68:
      return { powerMode: data[0] ?? null };
    default:
      return {};
  }
}

/** An option first where one was asked for; then the power, and with option 1 its highest and lowest. */
function powerOf(data: Uint8Array): Fields {
  const values = data.subarray(data.length % 2);
  if (values.length < 2) return {};
  const powerDbm = wordAt(values, 0) / 100;
  if (values.length < 6) return { powerDbm };
  return { powerDbm, powerMaxDbm: wordAt(values, 2) / 100, powerMinDbm: wordAt(values, 4) / 100 };
}

function versionOf(data: Uint8Array): Fields {
  if (data.length < 20) return {};
  const part = (at: number) => [...data.subarray(at, at + 4)].map((byte) => hexOf(byte)).join(".");
  return {
    bootloader: part(0),
    hardware: part(4),
    firmwareDate: part(8),
    firmware: part(12),
    airProtocols: toHex(data.subarray(16, 20)),
  };
}

function regionOf(code: number | undefined): string | null {
  for (const [region, codes] of Object.entries(mercuryRegions))
    if (code !== undefined && codes.includes(code)) return region;
  return code === undefined ? null : hexOf(code);
}

const names: Readonly<Record<number, string>> = {
  3: "version",
  4: "boot firmware",
  6: "set baud rate",
  9: "boot bootloader",
  12: "current program",
  16: "hardware version",
  33: "read one tag",
  34: "read tags",
  35: "write EPC",
  36: "write tag memory",
  37: "lock tag",
  38: "kill tag",
  40: "read tag memory",
  41: "get tag buffer",
  42: "clear tag buffer",
  47: "continuous reading",
  97: "get antennas",
  98: "get read power",
  99: "get air protocol",
  100: "get write power",
  101: "get hop table",
  102: "get inputs",
  103: "get region",
  104: "get power mode",
  105: "get user mode",
  106: "get option",
  107: "get protocol option",
  108: "get statistics",
  112: "get air protocols",
  113: "get regions",
  114: "get temperature",
  145: "set antennas",
  146: "set read power",
  147: "set air protocol",
  148: "set write power",
  149: "set hop table",
  150: "set outputs",
  151: "set region",
  152: "set power mode",
  153: "set user mode",
  154: "set option",
  155: "set protocol option",
  157: "set autonomous mode",
};
