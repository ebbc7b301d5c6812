import { createFramer, type Framer, type FrameShape, type Look } from "../../framing/framer.ts";
import { wordAt } from "../../hex.ts";
import { crcOfMercury } from "../crc.ts";

/** Longest data field of a message (Autonomous Configuration Tool user guide, table 5), with room for later modules. */
const dataBytesMax = 250;

/** FF, length, opcode, CRC. */
const commandOverheadBytes = 5;
/** The same and a status word. */
const responseOverheadBytes = 7;

export interface MercuryCommand {
  readonly direction: "command";
  readonly opcode: number;
  readonly data: Uint8Array;
}

export interface MercuryResponse {
  readonly direction: "response";
  readonly opcode: number;
  readonly status: number;
  readonly data: Uint8Array;
}

const heads = { frameBytesMax: dataBytesMax + responseOverheadBytes, mayStart: isHead };

/**
 * Commands and responses differ in the status word only, so their check decides: a response is taken for a command
 * once in 65,536. Live links listen to one side and use the framer of that side.
 */
export function createMercuryFramer(side: "both" | "response" | "command" = "both"): Framer {
  return createFramer({ ...heads, look: looks[side] });
}

const looks: Readonly<Record<"both" | "response" | "command", FrameShape["look"]>> = {
  both: (bytes) => {
    const command = lookAs(bytes, commandOverheadBytes);
    return command.is === "noise" && command.reason === "crc"
      ? lookAs(bytes, responseOverheadBytes)
      : command;
  },
  response: (bytes) => lookAs(bytes, responseOverheadBytes),
  command: (bytes) => lookAs(bytes, commandOverheadBytes),
};

function isHead(byte: number): boolean {
  return byte === 0xff;
}

/** FF occurs in data: only a right CRC makes a frame. */
function lookAs(bytes: Uint8Array, overheadBytes: number): Look {
  const length = bytes[1];
  if (length === undefined) return { is: "more" };
  if (length > dataBytesMax) return { is: "noise", reason: "length" };
  const end = length + overheadBytes;
  if (bytes.length < end) return { is: "more" };
  return isRight(bytes, end) ? { is: "frame", length: end } : { is: "noise", reason: "crc" };
}

function isRight(bytes: Uint8Array, end: number): boolean {
  return crcOfMercury(bytes.subarray(1, end - 2)) === wordAt(bytes, end - 2);
}

/** Takes a whole frame apart; its length tells its direction. */
export function parseMercury(frame: Uint8Array): MercuryCommand | MercuryResponse {
  const opcode = frame[2] ?? 0;
  if (frame.length === (frame[1] ?? 0) + commandOverheadBytes)
    return { direction: "command", opcode, data: frame.subarray(3, -2) };
  const status = wordAt(frame, 3);
  return { direction: "response", opcode, status, data: frame.subarray(5, -2) };
}

export function buildMercury(
  opcode: number,
  data: Uint8Array | readonly number[] = [],
  status?: number,
): Uint8Array {
  const word = status === undefined ? [] : [status >> 8, status & 0xff];
  const body = Uint8Array.of(data.length, opcode, ...word, ...data);
  const crc = crcOfMercury(body);
  return Uint8Array.of(0xff, ...body, crc >> 8, crc & 0xff);
}
