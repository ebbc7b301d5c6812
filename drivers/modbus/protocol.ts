import { createFramer, type FrameShape, type Look } from "../framing/framer.ts";
import { toHex } from "../hex.ts";
import { type DecodedFrame, decodeWith, type Json, type Protocol } from "../protocol.ts";
import { exceptionNames } from "./failure.ts";
import { headerBytes, isCrcRight, rtuBytesMax } from "./frame.ts";

/** Modbus frames as they pass on a wire, requests and answers alike, for the decode tool. */
export const modbusDecoders: readonly Protocol[] = [
  {
    name: "modbus-rtu",
    aliases: ["modbus"],
    title: "Modbus RTU on a serial line",
    driver: "modbus",
    decode: (bytes) =>
      decodeWith(createFramer(rtuShape), (frame) => meaning(frame.subarray(0, -2)), bytes),
  },
  {
    name: "modbus-tcp",
    aliases: [],
    title: "Modbus TCP",
    driver: "modbus",
    decode: (bytes) => decodeWith(createFramer(tcpShape), tcpMeaning, bytes),
  },
];

/** Functions that a frame may carry; all else on a line is noise (application protocol 1.1b3, 6). */
const functions: Readonly<Record<number, string>> = {
  1: "read coils",
  2: "read discrete inputs",
  3: "read holding registers",
  4: "read input registers",
  5: "write single coil",
  6: "write single register",
  15: "write multiple coils",
  16: "write multiple registers",
};

const rtuShape: FrameShape = {
  frameBytesMax: rtuBytesMax,
  mayStart: (byte) => byte <= 247,
  look: lookAtRtu,
};

/** A frame carries neither its length nor whether it asks or answers: the CRC decides between the lengths it can have. */
function lookAtRtu(bytes: Uint8Array): Look {
  const code = bytes[1];
  if (code === undefined) return { is: "more" };
  if (functions[code & 0x7f] === undefined) return { is: "noise", reason: "no Modbus function" };
  const lengths = lengthsOf(code, bytes);
  for (const [index, length] of lengths.entries()) {
    if (length === undefined || bytes.length < length)
      return index === 0 ? { is: "more" } : { is: "more", reason: "crc" };
    if (isCrcRight(bytes.subarray(0, length))) return { is: "frame", length };
  }
  return { is: "noise", reason: "crc" };
}

/** In rising order; undefined: more bytes are needed to know it. */
function lengthsOf(code: number, bytes: Uint8Array): readonly (number | undefined)[] {
  if (code & 0x80) return [5];
  const withCount = (at: number, rest: number) => {
    const count = bytes[at];
    return count === undefined ? undefined : Math.min(count + rest, rtuBytesMax);
  };
  if (code === 5 || code === 6) return [8];
  const counted = code <= 4 ? withCount(2, 5) : withCount(6, 9);
  if (counted === undefined) return [8];
  return [8, counted].sort((a, b) => a - b);
}

const tcpShape: FrameShape = {
  frameBytesMax: headerBytes + rtuBytesMax - 2,
  mayStart: () => true,
  look: (bytes) => {
    if (bytes.length < headerBytes + 2) return { is: "more" };
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const length = view.getUint16(4);
    const isHeader = view.getUint16(2) === 0 && length >= 3 && length <= rtuBytesMax - 2;
    if (!isHeader) return { is: "noise", reason: "no Modbus TCP header" };
    if (functions[(bytes[headerBytes + 1] ?? 0) & 0x7f] === undefined)
      return { is: "noise", reason: "no Modbus function" };
    if (bytes.length < headerBytes + length) return { is: "more" };
    return { is: "frame", length: headerBytes + length };
  },
};

function tcpMeaning(frame: Uint8Array): DecodedFrame {
  const transaction = ((frame[0] ?? 0) << 8) | (frame[1] ?? 0);
  return { transaction, ...meaning(frame.subarray(headerBytes)) };
}

/** Unit, function and data, without CRC or header. */
function meaning(body: Uint8Array): DecodedFrame {
  const [unit = 0, code = 0] = body;
  const base = { unit, function: code & 0x7f, name: functions[code & 0x7f] ?? "" };
  if (code & 0x80) {
    const exception = body[2] ?? 0;
    return {
      ok: true,
      kind: "exception",
      ...base,
      exception,
      meaning: exceptionNames[exception] ?? "",
    };
  }
  const word = (at: number) => ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
  if (code <= 4 && body.length === (body[2] ?? 0) + 3)
    return { ok: true, kind: "answer", ...base, ...dataOf(code, body.subarray(3)) };
  if (code <= 4 && body.length === 6)
    return { ok: true, kind: "request", ...base, address: word(2), count: word(4) };
  if (code === 5 || code === 6)
    return { ok: true, kind: "request or answer", ...base, address: word(2), value: word(4) };
  if (code > 6 && body.length === 6)
    return { ok: true, kind: "answer", ...base, address: word(2), count: word(4) };
  if (code > 6 && body.length === (body[6] ?? 0) + 7) {
    const written = dataOf(code === 15 ? 1 : 3, body.subarray(7));
    return { ok: true, kind: "request", ...base, address: word(2), count: word(4), ...written };
  }
  return { ok: false, reason: "the length does not fit the function" };
}

function dataOf(code: number, data: Uint8Array): { readonly [field: string]: Json } {
  if (code <= 2)
    return {
      bits: [...data].flatMap((byte) => bitNumbers.map((bit) => ((byte >> bit) & 1) === 1)),
    };
  if (data.length % 2 !== 0) return { data: toHex(data) };
  const registers: number[] = [];
  for (let at = 0; at < data.length; at += 2)
    registers.push(((data[at] ?? 0) << 8) | (data[at + 1] ?? 0));
  return { registers };
}

const bitNumbers = [0, 1, 2, 3, 4, 5, 6, 7] as const;
