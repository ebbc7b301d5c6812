import { createFramer, type Look } from "../framing/framer.ts";
import { latin1 } from "./lines.ts";
import type {
  ScaleCommand,
  ScaleMessage,
  ScaleProtocol,
  ScaleProtocolOptions,
  ScaleReading,
} from "./protocol.ts";
import { bad, reading, scaled, weighing } from "./reading.ts";

const stx = 0x02;
const cr = 0x0d;
/** STX, three status words, six digits, CR. */
const shortBytes = 11;
/** With six digits of tare. */
const longBytes = 17;
/** With its checksum, and the byte behind it that tells a checksum of 02 from the next frame's STX. */
const frameBytesMax = longBytes + 2;

/** Status word C, bits 0-2; 0 leaves it to kg/lb of status word B, 7 is a unit of the customer's own. */
const units: readonly (string | undefined)[] = [undefined, "g", "t", "oz", "ozt", "dwt", "ton"];

/** Single characters that a terminal takes on its continuous port; it sends no answer. */
const controls: { readonly [command in ScaleCommand]?: string } = {
  zero: "Z",
  tare: "T",
  "clear-tare": "C",
};

const heard: Readonly<Record<string, ScaleCommand>> = { Z: "zero", T: "tare", C: "clear-tare" };

/**
 * Mettler Toledo continuous output, with and without tare and checksum. Weights are digits without a point: the scaling
 * of status word A holds for them as they are sent, also when status word C marks them as expanded.
 */
export const toledoContinuous: ScaleProtocol = {
  name: "toledo",
  aliases: ["toledo-continuous", "mt-continuous", "mettler-continuous"],
  title: "Mettler Toledo continuous: 17 bytes or short, with or without checksum",
  serial: { baudRate: 9_600, dataBits: 7, parity: "even", stopBits: 1 },
  tcpPort: 1_702,
  modes: ["stream"],
  createFramer: ({ checksum }) =>
    createFramer({
      frameBytesMax,
      mayStart: (byte) => byte === stx,
      look: (bytes, isLast) => lookAt(bytes, isLast, checksum),
    }),
  parse: parseFrame,
  command: (command) => {
    const word = controls[command];
    return word === undefined ? undefined : Uint8Array.from(Buffer.from(word));
  },
  encode: frameOf,
  hear: (bytes) => {
    const said = /^[\r\n]*([ZTC])/.exec(latin1(bytes));
    const command = said === null ? undefined : heard[said[1] ?? ""];
    return said === null || command === undefined ? undefined : { command, length: said[0].length };
  },
  answer: () => undefined,
};

/** Two's complement of the seven low bits of the sum from STX through CR, itself of seven bits. */
export function toledoChecksum(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0x7f;
}

function lookAt(
  bytes: Uint8Array,
  isLast: boolean,
  checksum: ScaleProtocolOptions["checksum"],
): Look {
  const length = bytes[shortBytes - 1] === cr ? shortBytes : longBytes;
  for (let at = 1; at < Math.min(bytes.length, length); at += 1)
    if (!mayStand(bytes[at] ?? 0, at, length))
      return { is: "noise", reason: "not as continuous frames are" };
  if (bytes.length < length) return { is: "more" };
  if (checksum === "off") return { is: "frame", length };
  const expected = toledoChecksum(bytes.subarray(0, length));
  const sent = bytes[length];
  if (checksum === "on") {
    if (sent === undefined) return { is: "more" };
    if (sent !== expected) return { is: "noise", reason: "checksum" };
    return { is: "frame", length: length + 1 };
  }
  if (sent === undefined) return isLast ? { is: "frame", length } : { is: "more" };
  if (sent === stx && expected === stx) {
    const behind = bytes[length + 1];
    if (behind === undefined && !isLast) return { is: "more" };
    return { is: "frame", length: behind === undefined || behind === stx ? length + 1 : length };
  }
  if (sent === expected) return { is: "frame", length: length + 1 };
  return sent === stx ? { is: "frame", length } : { is: "noise", reason: "checksum" };
}

/** Status words have bit 5 set, A without bit 6; fields are printable; the CR stands where the fields end. */
function mayStand(byte: number, at: number, length: number): boolean {
  if (at === 1) return (byte & 0xe0) === 0x20;
  if (at <= 3) return (byte & 0xa0) === 0x20;
  return at === length - 1 ? byte === cr : byte >= 0x20 && byte < 0x7f;
}

function parseFrame(frame: Uint8Array): ScaleMessage {
  const [, a = 0, b = 0, c = 0] = frame;
  const isShort = frame[shortBytes - 1] === cr;
  if (frame.length < shortBytes || (!isShort && frame.length < longBytes)) return bad("too short");
  const isNegative = (b & 0x02) !== 0;
  const known = { unit: unitFor(b, c), stable: (b & 0x08) === 0, net: (b & 0x01) !== 0 };
  if ((b & 0x04) !== 0) return reading(isNegative ? "underload" : "overload", known);
  if ((b & 0x40) !== 0)
    return reading("zero-error", { ...known, reason: "not zeroed after power-up" });
  const decimals = (a & 0x07) - 2;
  const digits = digitsOf(frame.subarray(4, 10));
  const tare = isShort ? undefined : digitsOf(frame.subarray(10, 16));
  if (digits === undefined) return bad("no digits where the weight stands");
  return weighing({
    ...known,
    weight: scaled(isNegative ? -digits : digits, decimals),
    tare: tare === undefined ? undefined : scaled(tare, decimals),
  });
}

function unitFor(b: number, c: number): string | undefined {
  const code = c & 0x07;
  return code === 0 ? ((b & 0x10) === 0 ? "lb" : "kg") : units[code];
}

/** Right-aligned digits, padded with zeros or blanks; undefined when it is anything else. */
function digitsOf(field: Uint8Array): number | undefined {
  const text = latin1(field);
  return /^ *\d+$/.test(text) ? Number(text) : undefined;
}

function frameOf(weighed: ScaleReading): Uint8Array {
  const { status, weight = 0, tare = 0, unit = "kg", net, stable } = weighed;
  const decimals = decimalsFor([weight, tare]);
  const isOut = decimals === undefined || ["overload", "underload", "error"].includes(status);
  const places = decimals ?? 0;
  const bits =
    (net === true ? 0x01 : 0) |
    (weight < 0 || status === "underload" ? 0x02 : 0) |
    (isOut ? 0x04 : 0) |
    (stable === false || status === "unstable" ? 0x08 : 0) |
    (unit === "lb" ? 0 : 0x10) |
    (status === "zero-error" || status === "not-ready" ? 0x40 : 0);
  const digits = (value: number) =>
    String(isOut ? 0 : Math.round(scaled(Math.abs(value), -places))).padStart(6);
  const words = [0x28 | (places + 2), 0x20 | bits, 0x20 | codeFor(unit)];
  const text = `${digits(weight)}${digits(tare)}\r`;
  const body = Uint8Array.from([stx, ...words, ...Buffer.from(text)]);
  return Uint8Array.from([...body, toledoChecksum(body)]);
}

function codeFor(unit: string): number {
  if (unit === "kg" || unit === "lb") return 0;
  const code = units.indexOf(unit);
  return code < 0 ? 7 : code;
}

/** Decimals with which six digits hold all values, exactly where that is possible; undefined when they are too large. */
function decimalsFor(values: readonly number[]): number | undefined {
  const fitting = [0, 1, 2, 3, 4, 5, -1, -2].filter((decimals) =>
    values.every((value) => Math.round(scaled(Math.abs(value), -decimals)) <= 999_999),
  );
  const exact = fitting.find((decimals) =>
    values.every((value) => Number.isInteger(scaled(value, -decimals))),
  );
  return exact ?? (fitting.length === 0 ? undefined : Math.max(...fitting));
}
