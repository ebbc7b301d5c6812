import { hexOf, toHex, wordAt } from "../../hex.ts";
import { type DecodedFrame, decodeWith, type Json } from "../../protocol.ts";
import { tagFrame } from "../decoded-tags.ts";
import { createSwctFramer } from "./frame.ts";
import { readSwct, swctAntennas, swctCommands, swctModes, swctParameters } from "./message.ts";

export function decodeSwct(bytes: Uint8Array): readonly DecodedFrame[] {
  return decodeWith(createSwctFramer(), describe, bytes);
}

function describe(frame: Uint8Array): DecodedFrame {
  const message = readSwct(frame);
  const { address, command } = message;
  const name = names[command];
  const head = { address, command: hexOf(command), ...(name === undefined ? {} : { name }) };
  switch (message.is) {
    case "command":
      return {
        ok: true,
        type: "command",
        ...head,
        data: toHex(message.data),
        ...asked(command, message.data),
      };
    case "tags": {
      const { serialNumber } = message;
      const tags = message.tags.map(({ epc, antenna, rssiRaw, tagType }) => ({
        epc,
        rssi: rssiRaw,
        antenna,
        tagType,
      }));
      const more = {
        ...head,
        status: "01",
        ...(serialNumber === undefined ? {} : { serialNumber }),
      };
      return tagFrame(tags, more);
    }
    case "no-tag":
      return { ok: true, type: "no-tag", ...head, status: "00", meaning: "no tag", tags: [] };
    case "response": {
      const { isDone, data } = message;
      const state = isDone ? { status: "01", meaning: "ok" } : { status: "00", meaning: "failed" };
      const fields = { ...head, ...state, data: toHex(data), ...answered(command, data) };
      const isNotice = command === swctCommands.heartbeat;
      const type = isNotice ? "notice" : isDone ? "response" : "error";
      return { ok: true, type, ...fields };
    }
    case "bad":
      return { ok: false, reason: message.reason, ...head };
  }
}

type Fields = { readonly [field: string]: Json };

function asked(command: number, data: Uint8Array): Fields {
  return command === swctCommands.setParameter ? parameterOf(data) : {};
}

function answered(command: number, data: Uint8Array): Fields {
  switch (command) {
    case swctCommands.systemInfo:
      if (data.length < 9) return {};
      return {
        software: versionOf(data[0] ?? 0),
        hardware: versionOf(data[1] ?? 0),
        serialNumber: toHex(data.subarray(2, 9)),
      };
    case swctCommands.getParameter:
      return parameterOf(data);
    case swctCommands.getFrequency:
      return { frequency: hexOf(wordAt(data, 0), 2) };
    case swctCommands.heartbeat:
      return { serialNumber: toHex(data) };
    case swctCommands.checkAntennas:
      return {
        antennas: Object.entries(swctAntennas(data)).flatMap(([n, is]) => (is ? [Number(n)] : [])),
      };
    default:
      return {};
  }
}

/** One digit before and one behind the point. */
function versionOf(byte: number): string {
  return `${byte >> 4}.${byte & 15}`;
}

function parameterOf(data: Uint8Array): Fields {
  const [address = 0, value = 0] = data;
  if (data.length !== 2) return {};
  if (address === swctParameters.workMode) return { mode: swctModes[value] ?? null };
  if (address === swctParameters.power) return { powerDbm: value };
  return { parameter: address, value };
}

const names: Readonly<Record<number, string>> = {
  1: "inventory",
  2: "read tag memory",
  3: "write tag memory",
  16: "system information",
  32: "get parameters",
  33: "set parameters",
  34: "default parameters",
  35: "get parameter",
  36: "set parameter",
  38: "get network parameters",
  39: "set network parameters",
  40: "default network parameters",
  43: "get time",
  44: "set time",
  46: "get special parameters",
  47: "set special parameters",
  62: "get frequency",
  63: "set frequency",
  64: "stop reading",
  65: "start reading",
  69: "tag report",
  133: "close relay",
  134: "release relay",
  224: "check module",
  225: "check antennas",
  255: "heartbeat",
};
