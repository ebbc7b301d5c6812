import { createFramer, type Framer, type Look } from "../../drivers/framing/framer.ts";

/**
 * `T12 +004.5 C*5E` CR LF: unit, probe, temperature, and the XOR of all before the asterisk (manual of the Thermo-4,
 * page 7). Dashes in the place of the digits: there is no probe.
 */
const pattern = /^T([1-9])([1-4]) ([+-]\d{3}\.\d|-{6}) C\*([0-9A-F]{2})\r\n$/;

const frameBytes = 17;
const checkedBytes = 12;
const firstByte = "T".charCodeAt(0);

/** What a thermometer says about one probe. */
export interface Reading {
  readonly unit: number;
  readonly probe: number;
  /** Absent: no probe is plugged in. */
  readonly celsius?: number;
}

export function createThermometerFramer(): Framer {
  return createFramer({
    frameBytesMax: frameBytes,
    mayStart: (byte) => byte === firstByte,
    look,
  });
}

function look(bytes: Uint8Array): Look {
  if (bytes.length < frameBytes) return { is: "more" };
  const [, , , , check] = pattern.exec(textOf(bytes)) ?? [];
  if (check === undefined) return { is: "noise", reason: "no reading" };
  return check === checkOf(bytes)
    ? { is: "frame", length: frameBytes }
    : { is: "noise", reason: "checksum" };
}

/** Of a frame that the framer let pass; undefined for other bytes. */
export function readingOf(frame: Uint8Array): Reading | undefined {
  const [, unit, probe, digits] = pattern.exec(textOf(frame)) ?? [];
  if (unit === undefined || probe === undefined || digits === undefined) return undefined;
  const place = { unit: Number(unit), probe: Number(probe) };
  return digits.startsWith("--") ? place : { ...place, celsius: Number(digits) };
}

export function question(unit: number, probe: number): Uint8Array {
  return Buffer.from(`?${unit}${probe}\r`, "latin1");
}

/** The device's side: what is asked for; undefined when it is no question. */
export function askedBy(line: string): Pick<Reading, "unit" | "probe"> | undefined {
  const [, unit, probe] = /^\?([1-9])([1-4])$/.exec(line) ?? [];
  return unit === undefined ? undefined : { unit: Number(unit), probe: Number(probe) };
}

/** The device's side: a reading in bytes. */
export function encodeReading({ unit, probe, celsius }: Reading): Uint8Array {
  const checked = Buffer.from(`T${unit}${probe} ${digitsOf(celsius)} C`, "latin1");
  return Buffer.concat([checked, Buffer.from(`*${checkOf(checked)}\r\n`, "latin1")]);
}

function digitsOf(celsius: number | undefined): string {
  if (celsius === undefined) return "------";
  return (celsius < 0 ? "-" : "+") + Math.abs(celsius).toFixed(1).padStart(5, "0");
}

function checkOf(bytes: Uint8Array): string {
  const xor = bytes.subarray(0, checkedBytes).reduce((sum, byte) => sum ^ byte, 0);
  return xor.toString(16).toUpperCase().padStart(2, "0");
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
