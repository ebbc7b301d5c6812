import { createFramer, type Framer, type Look } from "../../framing/framer.ts";

/** Highest length that the manual allows (UHF RFID Reader User's Manual V2.0, 3.1). */
const lengthMax = 1_024;

/** Mark and length, which does not count itself. */
const headBytes = 4;

/** Address, command and check of the shortest command; a response has a status too. */
const lengthMin = 3;

export interface SwctFrame {
  readonly direction: "command" | "response";
  readonly address: number;
  readonly command: number;
  /** Behind the command; a response begins with its status. */
  readonly data: Uint8Array;
}

/** `SW` from the host, `CT` from the reader. */
const marks = { command: [0x53, 0x57], response: [0x43, 0x54] } as const;

export function createSwctFramer(): Framer {
  return createFramer({
    frameBytesMax: lengthMax + headBytes,
    mayStart: (byte) => byte === marks.command[0] || byte === marks.response[0],
    look,
  });
}

function look(bytes: Uint8Array): Look {
  const direction = bytes[0] === marks.command[0] ? "command" : "response";
  const second = bytes[1];
  if (second === undefined) return { is: "more" };
  if (second !== marks[direction][1]) return { is: "noise", reason: "mark" };
  if (bytes.length < headBytes) return { is: "more" };
  const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  const least = direction === "command" ? lengthMin : lengthMin + 1;
  if (length < least || length > lengthMax) return { is: "noise", reason: "length" };
  const end = length + headBytes;
  if (bytes.length < end) return { is: "more" };
  if (sumOf(bytes.subarray(0, end)) !== 0) return { is: "noise", reason: "checksum" };
  return { is: "frame", length: end };
}

export function parseSwct(frame: Uint8Array): SwctFrame {
  return {
    direction: frame[0] === marks.command[0] ? "command" : "response",
    address: frame[4] ?? 0,
    command: frame[5] ?? 0,
    data: frame.subarray(6, -1),
  };
}

export function buildSwct(
  direction: "command" | "response",
  address: number,
  command: number,
  data: Uint8Array | readonly number[] = [],
): Uint8Array {
  const length = data.length + lengthMin;
  const bytes = Uint8Array.of(
    ...marks[direction],
    length >> 8,
    length & 0xff,
    address,
    command,
    ...data,
    0,
  );
  bytes[bytes.length - 1] = -sumOf(bytes) & 0xff;
  return bytes;
}

/** Low byte of the sum; the check makes it 0 over the whole frame. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum += byte;
  return sum & 0xff;
}
