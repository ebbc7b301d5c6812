import { hexOf, toHex, wordAt } from "../../hex.ts";
import { type DecodedFrame, decodeWith, type Json } from "../../protocol.ts";
import { tagFrame } from "../decoded-tags.ts";
import type { Region } from "../protocol.ts";
import { createR200Framer } from "./frame.ts";
import { r200Commands, readR200 } from "./message.ts";

export const r200Regions: Readonly<Record<number, Region>> = {
  1: "CN",
  2: "US",
  3: "EU",
  4: "CN1",
  6: "KR",
};

export function decodeR200(bytes: Uint8Array): readonly DecodedFrame[] {
  return decodeWith(createR200Framer(), describe, bytes);
}

function describe(frame: Uint8Array): DecodedFrame {
  const message = readR200(frame);
  switch (message.is) {
    case "tag": {
      const { epc, pc, tagCrc, rssiDbm } = message;
      return tagFrame([{ epc, rssi: rssiDbm, antenna: null, pc, tagCrc }]);
    }
    case "ghost":
      return { ok: false, reason: message.reason, type: "tag", epc: message.epc };
    case "bad":
      return { ok: false, reason: message.reason };
    case "no-tag":
      return {
        ok: true,
        type: "no-tag",
        status: "15",
        meaning: "no tag, or one that was unreadable",
      };
    case "error": {
      const { code, meaning, epc, pc } = message;
      const tag = epc === undefined || pc === undefined ? {} : { ...unplaced, epc, pc };
      return { ok: true, type: "error", status: hexOf(code), meaning, ...tag };
    }
    case "command":
    case "response":
    case "notice": {
      const { is, command, parameter } = message;
      const name = names[command];
      const named = name === undefined ? {} : { name };
      const fields = is === "command" ? commandFields : responseFields;
      return {
        ok: true,
        type: is,
        command: hexOf(command),
        ...named,
        ...fields(command, parameter),
      };
    }
  }
}

type Fields = { readonly [field: string]: Json };

const infoKinds: Readonly<Record<number, string>> = { 0: "hardware", 1: "software", 2: "maker" };

function commandFields(command: number, parameter: Uint8Array): Fields {
  const data = { data: toHex(parameter) };
  switch (command) {
    case r200Commands.info:
      return { ...data, kind: infoKinds[parameter[0] ?? -1] ?? null };
    case r200Commands.inventories:
      return { ...data, rounds: wordAt(parameter, 1) };
    case r200Commands.setRegion:
      return { ...data, region: regionOf(parameter) };
    case r200Commands.setQuery:
      return { ...data, ...queryFields(parameter) };
    case r200Commands.setPower:
      return { ...data, powerDbm: wordAt(parameter, 0) / 100 };
    default:
      return data;
  }
}

function responseFields(command: number, parameter: Uint8Array): Fields {
  const data = { data: toHex(parameter) };
  switch (command) {
    case r200Commands.info: {
      const text = Buffer.from(parameter.subarray(1)).toString("latin1");
      return { ...data, kind: infoKinds[parameter[0] ?? -1] ?? null, text };
    }
    case r200Commands.getRegion:
      return { ...data, region: regionOf(parameter) };
    case r200Commands.getQuery:
      return { ...data, ...queryFields(parameter) };
    case r200Commands.getPower:
      return { ...data, powerDbm: wordAt(parameter, 0) / 100 };
    default:
      return { ...data, ...accessFields(command, parameter) };
  }
}

/** Read, write, lock, kill: what was done to which tag. Other commands are confirmed with one byte. */
function accessFields(command: number, parameter: Uint8Array): Fields {
  if (parameter.length === 1) return { status: hexOf(parameter[0] ?? 0) };
  const length = parameter[0] ?? 0;
  if (!tagOperations.has(command) || length < 2 || parameter.length < length + 1) return {};
  const tag = parameter.subarray(1, length + 1);
  const rest = parameter.subarray(length + 1);
  const result = command === 0x39 ? { memory: toHex(rest) } : { status: toHex(rest) };
  return { ...unplaced, pc: toHex(tag.subarray(0, 2)), epc: toHex(tag.subarray(2)), ...result };
}

/** Only an inventory tells how strong a tag was; one antenna is all there is. */
const unplaced = { rssi: null, antenna: null };

const tagOperations: ReadonlySet<number> = new Set([0x39, 0x49, 0x65, 0x82, 0xd3]);

function regionOf(parameter: Uint8Array): string | null {
  return r200Regions[parameter[0] ?? -1] ?? null;
}

/** DR, M, TRext, Sel, Session, Target and Q from the highest bit down. */
function queryFields(parameter: Uint8Array): Fields {
  if (parameter.length !== 2) return {};
  const query = wordAt(parameter, 0);
  return {
    session: (query >> 8) & 3,
    target: (query >> 7) & 1 ? "B" : "A",
    q: (query >> 3) & 15,
  };
}

const names: Readonly<Record<number, string>> = {
  3: "module information",
  4: "idle mode",
  7: "set region",
  8: "get region",
  11: "get select",
  12: "set select",
  13: "get query",
  14: "set query",
  17: "set baud rate",
  18: "select mode",
  23: "sleep",
  29: "idle sleep time",
  34: "single inventory",
  39: "inventory rounds",
  40: "stop inventory",
  57: "read tag memory",
  73: "write tag memory",
  101: "kill tag",
  130: "lock tag",
  169: "insert channels",
  170: "get channel",
  171: "set channel",
  173: "frequency hopping",
  176: "continuous wave",
  182: "set power",
  183: "get power",
  211: "block permalock",
  240: "set demodulator",
  241: "get demodulator",
  242: "test blocking signal",
  243: "test channel signal",
};
