import { createFramer, type Framer, type Look } from "../../framing/framer.ts";
import { toHex } from "../../hex.ts";
import { type DecodedFrame, decodeWith } from "../../protocol.ts";
import { tagFrame } from "../decoded-tags.ts";
import { asciiByte, isHexDigits } from "./ascii-hex.ts";

const stx = 0x02;
const etx = 0x03;

/** STX, ten digits of data, two of check, ETX. */
const plainBytes = 14;
/** The same with CR LF before ETX: ID-12LA and kin. */
const lineBytes = 16;
/** STX, length, type, number, check, ETX: readers that send bytes in place of digits. Mifare types have four bytes of number. */
const binaryLengths: ReadonlySet<number> = new Set([9, 10, 12]);

const dataDigits = 10;

export interface Em4100Tag {
  /** Version and number, five bytes. */
  readonly epc: string;
  /** First byte: version or customer. */
  readonly version: string;
  readonly number: number;
  /** Kind of card where the reader says it. */
  readonly cardType?: number;
}

/** RDM6300, ID-12LA and readers with the binary form: all three begin with STX and end with ETX and carry a XOR. */
export function createEm4100Framer(): Framer {
  return createFramer({ frameBytesMax: lineBytes, mayStart: (byte) => byte === stx, look });
}

function look(bytes: Uint8Array): Look {
  const length = bytes[1];
  if (length === undefined) return { is: "more" };
  if (binaryLengths.has(length)) return lookBinary(bytes, length);
  if (!isHexDigits(bytes.subarray(1, 1 + dataDigits + 2))) return { is: "noise", reason: "digits" };
  if (bytes.length < plainBytes) return { is: "more" };
  const isLine = bytes[13] === 0x0d;
  if (isLine && bytes.length < lineBytes) return { is: "more" };
  const end = isLine ? lineBytes : plainBytes;
  if (bytes[end - 1] !== etx || (isLine && bytes[14] !== 0x0a))
    return { is: "noise", reason: "tail" };
  const isRight = xorOf(dataOf(bytes)) === asciiByte(bytes, 1 + dataDigits);
  return isRight ? { is: "frame", length: end } : { is: "noise", reason: "checksum" };
}

function lookBinary(bytes: Uint8Array, length: number): Look {
  if (bytes.length < length) return { is: "more" };
  if (bytes[length - 1] !== etx) return { is: "noise", reason: "tail" };
  const isRight = xorOf(bytes.subarray(1, length - 2)) === bytes[length - 2];
  return isRight ? { is: "frame", length } : { is: "noise", reason: "checksum" };
}

/** Takes a whole frame apart. */
export function readEm4100(frame: Uint8Array): Em4100Tag {
  const isBinary = binaryLengths.has(frame[1] ?? 0);
  const data = isBinary ? frame.subarray(3, -2) : dataOf(frame);
  const tag = {
    epc: toHex(data),
    version: toHex(data.subarray(0, -4)),
    number: Buffer.from(data.subarray(-4)).readUInt32BE(),
  };
  return isBinary ? { ...tag, cardType: frame[2] ?? 0 } : tag;
}

export function decodeEm4100(bytes: Uint8Array): readonly DecodedFrame[] {
  return decodeWith(createEm4100Framer(), describe, bytes);
}

function describe(frame: Uint8Array): DecodedFrame {
  const { epc, version, number, cardType } = readEm4100(frame);
  const printed = String(number).padStart(10, "0");
  const more = { version, idHex: epc.slice(-8), idDec: number, printed };
  const card = cardType === undefined ? {} : { cardType };
  return tagFrame([{ epc, rssi: null, antenna: null, ...more, ...card }]);
}

/** Five bytes as a reader sends them, for simulators. */
export function writeEm4100(data: Uint8Array): Uint8Array {
  const digits = toHex(Uint8Array.of(...data, xorOf(data)));
  return Uint8Array.of(stx, ...Buffer.from(digits, "latin1"), etx);
}

function dataOf(frame: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: dataDigits / 2 }, (_, index) => asciiByte(frame, 1 + 2 * index));
}

function xorOf(bytes: Uint8Array): number {
  let xor = 0;
  for (const byte of bytes) xor ^= byte;
  return xor;
}
