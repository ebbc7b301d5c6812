import { parseUhfReader } from "./frame.ts";
import type { UhfReport } from "./inventory.ts";
import { readInventory, readRealtime } from "./inventory.ts";

export const uhfCommands = {
  inventory: 0x01,
  inventorySingle: 0x0f,
  inventoryMixed: 0x19,
  info: 0x21,
  setBand: 0x22,
  setPower: 0x2f,
  getWorkMode: 0x36,
  workMode: 0x76,
  returnLoss: 0x91,
  temperature: 0x92,
  realtime: 0xee,
} as const;

export const uhfStatus = {
  ok: 0x00,
  finished: 0x01,
  timeout: 0x02,
  more: 0x03,
  full: 0x04,
  statistics: 0x26,
  heartbeat: 0x28,
  antenna: 0xf8,
  noTag: 0xfb,
  length: 0xfd,
  unknown: 0xfe,
  parameter: 0xff,
} as const;

export interface UhfHead {
  readonly address: number;
  readonly command: number;
}

export type UhfMessage = UhfHead &
  (
    | { readonly is: "command"; readonly data: Uint8Array }
    | { readonly is: "tags"; readonly status: number; readonly report: UhfReport }
    | { readonly is: "response"; readonly status: number; readonly data: Uint8Array }
    | { readonly is: "bad"; readonly reason: string }
  );

const inventories: ReadonlySet<number> = new Set([
  uhfCommands.inventory,
  uhfCommands.inventorySingle,
  0x10,
  0x1a,
  0x1b,
]);

/** Statuses with which an inventory brings tags. */
const tagStatuses: ReadonlySet<number> = new Set([
  uhfStatus.finished,
  uhfStatus.timeout,
  uhfStatus.more,
  uhfStatus.full,
]);

/** `side` is known on a live link; without it the content decides, as nothing else in a frame tells its direction. */
export function readUhfReader(frame: Uint8Array, side?: "command" | "response"): UhfMessage {
  const { address, command, data } = parseUhfReader(frame);
  const head = { address, command };
  if ((side ?? sideOf(address, command, data)) === "command")
    return { ...head, is: "command", data };
  const [status] = data;
  if (status === undefined) return { ...head, is: "bad", reason: "length" };
  const body = data.subarray(1);
  const isReport = command === uhfCommands.realtime && status === uhfStatus.ok;
  if (!isReport && !(inventories.has(command) && tagStatuses.has(status)))
    return { ...head, is: "response", status, data: body };
  const report = isReport ? readRealtime(body) : readInventory(body);
  return report === undefined
    ? { ...head, is: "bad", reason: "length" }
    : { ...head, is: "tags", status, report };
}

const broadcast = 0xff;

function sideOf(address: number, command: number, data: Uint8Array): "command" | "response" {
  const [status] = data;
  if (command === uhfCommands.realtime) return "response";
  if (status === undefined || address === broadcast) return "command";
  if (lengthOfCommand[command] === data.length && !mayBeStatusOnly(data)) return "command";
  if (!inventories.has(command)) return meanings[status] === undefined ? "command" : "response";
  if (!tagStatuses.has(status)) return meanings[status] === undefined ? "command" : "response";
  const report = readInventory(data.subarray(1));
  // Status 04, memory full, without a tag makes no sense: these are Q 4 and a session.
  const isEmptyFull = status === uhfStatus.full && report?.tags.length === 0;
  if (report !== undefined) return isEmptyFull ? "command" : "response";
  return isRequest(data) ? "command" : "response";
}

/** Q and session, the same with a range of TID, or all up to target, antenna (80 and up) and scan time. */
function isRequest(data: Uint8Array): boolean {
  if (data.length === 2 || data.length === 4) return true;
  const [target = 0xff, antenna = 0] = data.subarray(-3);
  return data.length >= 5 && target <= 1 && (antenna & 0xf0) === 0x80;
}

/** Bytes of data of commands that could else be taken for answers. */
const lengthOfCommand: Readonly<Record<number, number>> = {
  34: 2,
  36: 1,
  37: 1,
  40: 1,
  47: 1,
  53: 6,
  118: 1,
  145: 5,
};

/** One byte that is a usual status is more often an answer than a setting. */
function mayBeStatusOnly(data: Uint8Array): boolean {
  return data.length === 1 && (data[0] === uhfStatus.ok || (data[0] ?? 0) >= 0xf9);
}

export function meaningOfUhfStatus(status: number): string {
  return meanings[status] ?? `status ${status.toString(16).toUpperCase().padStart(2, "0")}`;
}

/** UHFReader18 manual 2.0 and UHFReader288MP manual 1.14, chapter 5. */
const meanings: Readonly<Record<number, string>> = {
  0: "ok",
  1: "inventory finished",
  2: "inventory ended by its time",
  3: "more frames follow",
  4: "the reader's memory is full",
  5: "wrong access password",
  9: "wrong kill password",
  10: "kill password must not be zero",
  11: "command that the tag lacks",
  12: "access password must not be zero",
  13: "read protection is set already",
  14: "read protection is not set",
  16: "bytes are locked",
  17: "locking failed",
  18: "locked already",
  19: "setting could not be stored",
  20: "adjustment failed",
  21: "inventory finished (6B)",
  22: "inventory ended by its time (6B)",
  23: "more frames follow (6B)",
  24: "the reader's memory is full (6B)",
  25: "no alarm of a tag",
  38: "statistics of an inventory",
  40: "heartbeat",
  248: "antenna error",
  249: "command failed",
  250: "tag too weak",
  251: "no tag",
  252: "error of the tag",
  253: "wrong length of the command",
  254: "unknown command",
  255: "wrong parameter",
};
