import { hexOf, signed, toHex } from "../../hex.ts";
import { readIdentity } from "../tag-identity.ts";
import { parseR200 } from "./frame.ts";

/** What a frame says. `R200 user protocol` V2.3.3 and `Communication user Protocol` V2.1. */
export type R200Message =
  | {
      readonly is: "tag";
      readonly epc: string;
      readonly pc: string;
      readonly tagCrc: string;
      readonly rssiDbm: number;
    }
  | { readonly is: "ghost"; readonly reason: "tag-crc" | "pc-length"; readonly epc: string }
  /** A round without a tag, or with a tag that could not be read; comes between notices all the time. */
  | { readonly is: "no-tag" }
  | {
      readonly is: "error";
      readonly code: number;
      readonly meaning: string;
      readonly epc?: string;
      readonly pc?: string;
    }
  | {
      readonly is: "command" | "response" | "notice";
      readonly command: number;
      readonly parameter: Uint8Array;
    }
  | { readonly is: "bad"; readonly reason: string };

export const r200Commands = {
  info: 0x03,
  setRegion: 0x07,
  getRegion: 0x08,
  getQuery: 0x0d,
  setQuery: 0x0e,
  inventory: 0x22,
  inventories: 0x27,
  stop: 0x28,
  setPower: 0xb6,
  getPower: 0xb7,
  failure: 0xff,
} as const;

export const r200Errors = { command: 0x17, hopping: 0x20, inventory: 0x15 } as const;

/** RSSI, PC and CRC of a notice that has a tag without an EPC. */
const tagBytesMin = 5;

export function readR200(frame: Uint8Array): R200Message {
  const { direction, command, parameter } = parseR200(frame);
  if (direction === "notice" && command === r200Commands.inventory) return readTag(parameter);
  if (direction === "response" && command === r200Commands.failure) return readFailure(parameter);
  return { is: direction, command, parameter };
}

function readTag(parameter: Uint8Array): R200Message {
  if (parameter.length < tagBytesMin) return { is: "bad", reason: "length" };
  const identity = readIdentity(parameter.subarray(1));
  if ("doubt" in identity) return { is: "ghost", reason: identity.doubt, epc: identity.epc };
  return { is: "tag", ...identity, rssiDbm: signed(parameter[0] ?? 0) };
}

/** The code, and where a tag was known: length of what follows, PC, EPC. */
function readFailure(parameter: Uint8Array): R200Message {
  const [code, length = 0] = parameter;
  if (code === undefined) return { is: "bad", reason: "length" };
  if (code === r200Errors.inventory) return { is: "no-tag" };
  const failure = { is: "error", code, meaning: meaningOf(code) } as const;
  if (parameter.length < 4 || length < 2) return failure;
  const tag = parameter.subarray(2, 2 + length);
  return { ...failure, pc: toHex(tag.subarray(0, 2)), epc: toHex(tag.subarray(2)) };
}

const meanings: Readonly<Record<number, string>> = {
  9: "read failed: no answer of the tag",
  16: "write failed: no answer of the tag",
  18: "kill failed: no answer of the tag",
  19: "lock failed: no answer of the tag",
  20: "block permalock failed: no answer of the tag",
  22: "access failed: wrong password",
  23: "unknown command or wrong parameter",
  26: "change of configuration failed",
  27: "reset of read protection failed",
  29: "no alarm of a tag",
  32: "no free channel",
  42: "read protection failed",
  46: "QT command failed",
};

const operations: Readonly<Record<number, string>> = {
  10: "read",
  11: "write",
  12: "lock",
  13: "kill",
  14: "block permalock",
};

/** Errors that the tag itself gives (EPC Gen2, annex I). */
const tagErrors: Readonly<Record<number, string>> = {
  0: "other error",
  3: "no such memory",
  4: "memory locked",
  11: "not enough power",
  15: "no reason given",
};

function meaningOf(code: number): string {
  const operation = operations[code >> 4];
  if (operation === undefined) return meanings[code] ?? `error ${hexOf(code)}`;
  return `${operation} refused by the tag: ${tagErrors[code & 15] ?? `error ${code & 15}`}`;
}
