import { createFramer, type Framer, type Look } from "../../framing/framer.ts";

/** Longest parameter: a read of a whole memory bank with PC and EPC stays far below. */
const parameterBytesMax = 512;

const overheadBytes = 7;

/** The wire carries BB and 7E; the manual R200 V2.3.3 prints AA and DD, and some firmware sends them. */
const tailOf: Readonly<Record<number, number>> = { 187: 0x7e, 170: 0xdd };

export type Direction = "command" | "response" | "notice";
const directions: readonly Direction[] = ["command", "response", "notice"];

export interface R200Frame {
  readonly direction: Direction;
  readonly command: number;
  readonly parameter: Uint8Array;
}

/** Cuts by the length in the frame, never by a delimiter: BB and 7E occur in data. */
export function createR200Framer(): Framer {
  return createFramer({
    frameBytesMax: parameterBytesMax + overheadBytes,
    mayStart: (byte) => tailOf[byte] !== undefined,
    look,
  });
}

function look(bytes: Uint8Array): Look {
  const type = bytes[1];
  if (type === undefined) return { is: "more" };
  if (type >= directions.length) return { is: "noise", reason: "type" };
  if (bytes.length < 5) return { is: "more" };
  const length = ((bytes[3] ?? 0) << 8) | (bytes[4] ?? 0);
  if (length > parameterBytesMax) return { is: "noise", reason: "length" };
  if (bytes.length < length + overheadBytes) return { is: "more" };
  if (bytes[length + 6] !== tailOf[bytes[0] ?? 0]) return { is: "noise", reason: "tail" };
  const sum = sumOf(bytes.subarray(1, length + 5));
  if (sum !== bytes[length + 5]) return { is: "noise", reason: "checksum" };
  return { is: "frame", length: length + overheadBytes };
}

/** Takes a whole frame apart. */
export function parseR200(frame: Uint8Array): R200Frame {
  return {
    direction: directions[frame[1] ?? 0] ?? "notice",
    command: frame[2] ?? 0,
    parameter: frame.subarray(5, -2),
  };
}

export function buildR200(
  direction: Direction,
  command: number,
  parameter: Uint8Array | readonly number[] = [],
): Uint8Array {
  const { length } = parameter;
  const body = [directions.indexOf(direction), command, length >> 8, length & 0xff, ...parameter];
  return Uint8Array.of(0xbb, ...body, sumOf(Uint8Array.from(body)), 0x7e);
}

/** The check: low byte of the sum from the type to the last parameter. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum & 0xff;
}
