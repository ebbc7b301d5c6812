import { createFramer, type Look } from "../framing/framer.ts";
import { latin1 } from "./lines.ts";
import type { ScaleMessage, ScaleProtocol, ScaleReading } from "./protocol.ts";
import { bad, fitted, numberOf, weighing } from "./reading.ts";

const stx = 0x02;
const etx = 0x03;
const digitsCount = 7;
/** STX, sign, seven digits, two hexadecimal characters of their XOR, ETX. */
const frameBytes = 12;

/** Keli D2008 continuous output: whole kilograms, no flag of motion, net or overload. */
export const keli: ScaleProtocol = {
  name: "keli",
  aliases: ["keli d2008", "keli d2008 stx..etx", "d2008"],
  title: "Keli D2008 truck scale indicator: STX, weight, XOR, ETX",
  serial: { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 },
  modes: ["stream"],
  createFramer: () =>
    createFramer({ frameBytesMax: frameBytes, mayStart: (byte) => byte === stx, look: lookAt }),
  parse: parseFrame,
  command: () => undefined,
  encode: frameOf,
  hear: () => undefined,
  answer: () => undefined,
};

function lookAt(bytes: Uint8Array): Look {
  const text = latin1(bytes.subarray(1));
  const isBeginning = /^[+-]?[ \d]{0,7}$/.test(text.slice(0, 1 + digitsCount));
  if (!isBeginning || /^[ \d]/.test(text)) return { is: "noise", reason: "no sign and digits" };
  if (bytes.length < frameBytes) return { is: "more" };
  if (bytes[frameBytes - 1] !== etx) return { is: "noise", reason: "no end where it should be" };
  const sent = text.slice(1 + digitsCount, 3 + digitsCount);
  const isRight = sent.toUpperCase() === xorOf(bytes.subarray(1, 2 + digitsCount));
  return isRight ? { is: "frame", length: frameBytes } : { is: "noise", reason: "checksum" };
}

function xorOf(bytes: Uint8Array): string {
  const xor = bytes.reduce((all, byte) => all ^ byte, 0);
  return xor.toString(16).toUpperCase().padStart(2, "0");
}

function parseFrame(frame: Uint8Array): ScaleMessage {
  if (frame.length !== frameBytes) return bad("not 12 bytes");
  return weighing({ weight: numberOf(latin1(frame.subarray(1, 2 + digitsCount))), unit: "kg" });
}

/** The language knows nothing but weights: a scale that cannot weigh sends nothing. */
function frameOf({ status, weight }: ScaleReading): Uint8Array {
  const isWeight = status === "ok" || status === "unstable";
  const value =
    weight === undefined ? undefined : fitted(Math.abs(Math.round(weight)), digitsCount);
  if (!isWeight || value === undefined) return new Uint8Array(0);
  const sign = (weight ?? 0) < 0 ? "-" : "+";
  const body = Buffer.from(`${sign}${value.padStart(digitsCount, "0")}`);
  return Uint8Array.from([stx, ...body, ...Buffer.from(xorOf(body)), etx]);
}
