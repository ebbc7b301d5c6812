import { createFramer, type Framer, type Look } from "../../framing/framer.ts";
import { hexOf, toHex } from "../../hex.ts";
import { type DecodedFrame, decodeWith } from "../../protocol.ts";
import { tagFrame } from "../decoded-tags.ts";
import { isHexDigits } from "./ascii-hex.ts";

const stx = 0x02;
const etx = 0x03;

/** STX, 26 digits, XOR, inverted XOR, ETX. */
const frameBytes = 30;
const digitBytes = 26;

/** An animal or object tag of ISO 11784. */
export interface FdxBTag {
  /** Country (two bytes) and number (five bytes). */
  readonly epc: string;
  /** ISO 3166 number of the country, or 900 and above for a maker. */
  readonly country: number;
  /** Unique within the country, 38 bits. */
  readonly id: number;
  readonly hasData: boolean;
  readonly isAnimal: boolean;
}

/** WL-134 and kin: digits of each field are sent from the lowest to the highest. */
export function createFdxBFramer(): Framer {
  return createFramer({ frameBytesMax: frameBytes, mayStart: (byte) => byte === stx, look });
}

function look(bytes: Uint8Array): Look {
  const digits = bytes.subarray(1, 1 + digitBytes);
  if (!isHexDigits(digits)) return { is: "noise", reason: "digits" };
  if (bytes.length < frameBytes) return { is: "more" };
  if (bytes[frameBytes - 1] !== etx) return { is: "noise", reason: "tail" };
  let xor = 0;
  for (const digit of digits) xor ^= digit;
  const [check = 0, inverted = 0] = bytes.subarray(1 + digitBytes);
  const isRight = check === xor && inverted === (~xor & 0xff);
  return isRight ? { is: "frame", length: frameBytes } : { is: "noise", reason: "checksum" };
}

/** Number (10 digits), country (4), data block (1), animal (1), reserved (10). */
export function readFdxB(frame: Uint8Array): FdxBTag {
  const digits = Buffer.from(frame.subarray(1, 1 + digitBytes)).toString("latin1");
  const field = (at: number, length: number) =>
    Number.parseInt([...digits.slice(at, at + length)].reverse().join(""), 16);
  const id = field(0, 10);
  const country = field(10, 4);
  return {
    epc: hexOf(country, 2) + hexOf(id, 5),
    country,
    id,
    hasData: digits[14] === "1",
    isAnimal: digits[15] === "1",
  };
}

export function decodeFdxB(bytes: Uint8Array): readonly DecodedFrame[] {
  return decodeWith(createFdxBFramer(), describe, bytes);
}

function describe(frame: Uint8Array): DecodedFrame {
  const { epc, country, id, hasData, isAnimal } = readFdxB(frame);
  const printed = `${String(country).padStart(3, "0")}${String(id).padStart(12, "0")}`;
  return tagFrame([{ epc, rssi: null, antenna: null, country, id, printed, hasData, isAnimal }]);
}

/** Country and number (seven bytes) as a reader sends them, for simulators. */
export function writeFdxB(data: Uint8Array): Uint8Array {
  const hex = toHex(data);
  const reversed = (text: string) => [...text].reverse().join("");
  const digits = `${reversed(hex.slice(4))}${reversed(hex.slice(0, 4))}010000000000`;
  const bytes = Buffer.from(digits, "latin1");
  let xor = 0;
  for (const byte of bytes) xor ^= byte;
  return Uint8Array.of(stx, ...bytes, xor, ~xor & 0xff, etx);
}
