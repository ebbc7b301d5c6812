import { hexOf, toHex } from "../../hex.ts";
import { type DecodedFrame, decodeWith, type Json } from "../../protocol.ts";
import { type DecodedTag, tagFrame } from "../decoded-tags.ts";
import { createUhfReaderFramer } from "./frame.ts";
import { readInfo } from "./info.ts";
import type { UhfReport } from "./inventory.ts";
import {
  meaningOfUhfStatus,
  readUhfReader,
  type UhfHead,
  uhfCommands,
  uhfStatus,
} from "./message.ts";

export function decodeUhfReader(bytes: Uint8Array): readonly DecodedFrame[] {
  return decodeWith(createUhfReaderFramer(), describe, bytes);
}

function describe(frame: Uint8Array): DecodedFrame {
  const message = readUhfReader(frame);
  const head = headOf(message);
  switch (message.is) {
    case "command":
      return { ok: true, type: "command", ...head, data: toHex(message.data) };
    case "tags": {
      const { report } = message;
      const more = { ...head, ...statusOf(message.status), variant: report.variant };
      if (report.tags.length > 0) return tagFrame(tagsOf(report), more);
      return { ok: true, type: "response", ...more, antenna: report.antennas[0] ?? null, tags: [] };
    }
    case "response": {
      const { status, command, data } = message;
      const fields = { ...head, ...statusOf(status), data: toHex(data) };
      if (command === uhfCommands.inventory && status === uhfStatus.noTag)
        return { ok: true, type: "no-tag", ...fields, tags: [] };
      if (status === uhfStatus.antenna) return { ok: true, type: "error", ...fields };
      if (status === uhfStatus.heartbeat) return { ok: true, type: "notice", ...fields };
      const isError = status >= 0xf9 && status !== uhfStatus.noTag;
      return {
        ok: true,
        type: isError ? "error" : "response",
        ...fields,
        ...answered(command, data),
      };
    }
    case "bad":
      return { ok: false, reason: message.reason, ...head };
  }
}

type Fields = { readonly [field: string]: Json };

function headOf({ address, command }: UhfHead): Fields {
  const name = names[command];
  const named = name === undefined ? {} : { name };
  return { address, command: hexOf(command), ...named };
}

function statusOf(status: number): Fields {
  return { status: hexOf(status), meaning: meaningOfUhfStatus(status) };
}

function tagsOf({ antennas, tags }: UhfReport): readonly DecodedTag[] {
  const several = antennas.length > 1 ? { antennas } : {};
  return tags.map(({ epc, rssiRaw, tid }) => ({
    epc,
    rssi: rssiRaw ?? null,
    antenna: antennas[0] ?? null,
    ...several,
    ...(tid === undefined ? {} : { tid }),
  }));
}

function answered(command: number, data: Uint8Array): Fields {
  switch (command) {
    case uhfCommands.info: {
      const info = readInfo(data);
      if (info === undefined) return {};
      const { version, type, variant, region, powerDbm, scanTimeMs } = info;
      return { version, model: hexOf(type), variant, region: region ?? null, powerDbm, scanTimeMs };
    }
    case uhfCommands.temperature:
      return data.length === 2 ? { temperatureCel: temperatureOf(data) } : {};
    case uhfCommands.returnLoss:
      return data.length === 1 ? { returnLossDb: data[0] ?? 0 } : {};
    default:
      return {};
  }
}

/** Sign (0 is below zero) and degrees. */
export function temperatureOf(data: Uint8Array): number {
  const degrees = data[1] ?? 0;
  return data[0] === 0 ? -degrees : degrees;
}

const names: Readonly<Record<number, string>> = {
  1: "inventory",
  2: "read tag memory",
  3: "write tag memory",
  4: "write EPC",
  5: "kill tag",
  6: "lock tag",
  7: "erase block",
  15: "single-tag inventory",
  25: "mixed inventory",
  26: "inventory with EPC",
  27: "QT inventory",
  33: "reader information",
  34: "set band",
  36: "set address",
  37: "set scan time",
  40: "set baud rate",
  47: "set power",
  51: "light and beeper",
  53: "set work mode",
  54: "get work mode",
  63: "set antennas",
  64: "set beeper",
  70: "set outputs",
  71: "get inputs",
  76: "get serial number",
  102: "antenna check",
  114: "buffer",
  118: "work mode",
  119: "get work mode (realtime)",
  145: "return loss",
  146: "temperature",
  238: "realtime report",
};
