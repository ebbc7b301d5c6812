import type { Value } from "../contract.ts";
import { shortestFloat32 } from "../float32.ts";
import { type ModbusPoint, type Order, type RegisterType, registersOf } from "./schema.ts";

/** What bytes on the wire mean: a sample without its point and its time. */
export type Reading =
  | { readonly quality: "good"; readonly value: Value }
  | { readonly quality: "uncertain"; readonly value: Value; readonly reason: string }
  | { readonly quality: "bad"; readonly reason: string };

type Decodable = Pick<
  ModbusPoint,
  "type" | "bit" | "bits" | "scale" | "offset" | "enum" | "unavailable"
>;

const bad = (reason: string): Reading => ({ quality: "bad", reason });

/**
 * Registers of one point, big-endian as on the wire, to its value. Whatever is not a measurement (wrong length, NaN,
 * Infinity, a code for "unavailable", an unknown enumeration value) is bad with a reason.
 * A 64-bit integer beyond 2^53 is uncertain: a double holds it only rounded.
 */
export function decodeRegisters(bytes: Uint8Array, point: Decodable, order: Order): Reading {
  const type = point.type === undefined || point.type === "bool" ? "uint16" : point.type;
  if (bytes.length !== registersOf[type] * 2) return bad("wrong length");
  const ordered = reorder(bytes, order);
  const view = new DataView(ordered.buffer, ordered.byteOffset, ordered.byteLength);
  const raw = readers[type](view);
  const code = point.unavailable?.find((candidate) => isCode(candidate, raw, view, type));
  if (code !== undefined) return bad(`unavailable code ${code}`);
  if (typeof raw === "number" && Number.isNaN(raw)) return bad("not a number");
  if (typeof raw === "number" && !Number.isFinite(raw)) return bad("infinite");
  if (point.bit !== undefined) return { quality: "good", value: field(raw, point.bit, 1) === 1 };
  const [low, high] = point.bits ?? [0, 0];
  return scaled(point.bits === undefined ? raw : field(raw, low, high - low + 1), point);
}

/** One coil or discrete input. */
export function decodeBit(isOn: boolean, point: Pick<ModbusPoint, "enum">): Reading {
  if (point.enum === undefined) return { quality: "good", value: isOn };
  return named(isOn ? 1 : 0, point.enum);
}

/** Brings bytes into ABCD order, or out of it: every order is its own inverse. */
export function reorder(bytes: Uint8Array, order: Order): Uint8Array {
  const words = bytes.length / 2;
  const isWordSwapped = order === "CDAB" || order === "DCBA";
  const isByteSwapped = order === "BADC" || order === "DCBA";
  return Uint8Array.from(bytes, (_, index) => {
    const word = Math.floor(index / 2);
    const from = (isWordSwapped ? words - 1 - word : word) * 2;
    return bytes[from + (isByteSwapped ? 1 - (index % 2) : index % 2)] ?? 0;
  });
}

const readers: Readonly<Record<RegisterType, (view: DataView) => number | bigint>> = {
  int16: (view) => view.getInt16(0),
  uint16: (view) => view.getUint16(0),
  int32: (view) => view.getInt32(0),
  uint32: (view) => view.getUint32(0),
  int64: (view) => view.getBigInt64(0),
  uint64: (view) => view.getBigUint64(0),
  float32: (view) => shortestFloat32(view.getFloat32(0)),
  float64: (view) => view.getFloat64(0),
};

/** A code is a value as decoded, or a bit pattern: 32768 and "0x8000" both name an int16 of 8000 hex. */
function isCode(
  code: number | string,
  raw: number | bigint,
  view: DataView,
  type: RegisterType,
): boolean {
  if (typeof code === "string" && /^nan$/i.test(code)) return Number.isNaN(Number(raw));
  if (typeof code === "string") return BigInt(code) === pattern(view);
  if (type === "float32") return Math.fround(code) === Math.fround(Number(raw));
  if (code === Number(raw)) return true;
  return type.startsWith("int") && code > 0 && BigInt(Math.trunc(code)) === pattern(view);
}

function pattern(view: DataView): bigint {
  if (view.byteLength === 2) return BigInt(view.getUint16(0));
  return view.byteLength === 4 ? BigInt(view.getUint32(0)) : view.getBigUint64(0);
}

function field(raw: number | bigint, low: number, count: number): number {
  return Number(BigInt.asUintN(count, BigInt(raw) >> BigInt(low)));
}

function scaled(raw: number | bigint, point: Decodable): Reading {
  if (point.enum !== undefined) return named(raw, point.enum);
  const { scale = 1, offset = 0 } = point;
  const number = Number(raw);
  const isExact = scale === 1 && offset === 0;
  // 15 digits take away the noise of binary fractions: 305 * 0.1 is 30.5, not 30.500000000000004.
  const value = isExact ? number : Number((number * scale + offset).toPrecision(15));
  if (!Number.isFinite(value)) return bad("infinite");
  if (typeof raw === "bigint" && !Number.isSafeInteger(number))
    return { quality: "uncertain", value, reason: "beyond 2^53, rounded" };
  return { quality: "good", value };
}

function named(raw: number | bigint, names: Readonly<Record<string, string>>): Reading {
  const code = String(raw);
  if (!Object.hasOwn(names, code)) return bad(`unknown code ${code}`);
  return { quality: "good", value: names[code] ?? code };
}
