import { createFramer, type Framer, type Look } from "../../framing/framer.ts";
import { crcOfUhfReader } from "../crc.ts";

/** The length is one byte and does not count itself. */
const frameBytesMax = 256;

/** Address, command and CRC: the shortest command. */
const lengthMin = 4;

export interface UhfFrame {
  readonly address: number;
  readonly command: number;
  /** Behind the command; a response begins with its status. */
  readonly data: Uint8Array;
}

/** No frame begins with a mark: any byte may be a length, and only a right CRC makes a frame. */
export function createUhfReaderFramer(): Framer {
  return createFramer({ frameBytesMax, mayStart: (byte) => byte >= lengthMin, look });
}

function look(bytes: Uint8Array): Look {
  const length = (bytes[0] ?? 0) + 1;
  if (bytes.length < length) return { is: "more" };
  const crc = (bytes[length - 2] ?? 0) | ((bytes[length - 1] ?? 0) << 8);
  const isRight = crcOfUhfReader(bytes.subarray(0, length - 2)) === crc;
  return isRight ? { is: "frame", length } : { is: "noise", reason: "crc" };
}

export function parseUhfReader(frame: Uint8Array): UhfFrame {
  return { address: frame[1] ?? 0, command: frame[2] ?? 0, data: frame.subarray(3, -2) };
}

export function buildUhfReader(
  address: number,
  command: number,
  data: Uint8Array | readonly number[] = [],
): Uint8Array {
  const body = Uint8Array.of(data.length + lengthMin, address, command, ...data);
  const crc = crcOfUhfReader(body);
  return Uint8Array.of(...body, crc & 0xff, crc >> 8);
}
