import { decodeRegisters } from "./decode.ts";
import {
  type ModbusPoint,
  type Order,
  orders,
  type RegisterType,
  registersOf,
  registerTypes,
} from "./schema.ts";

/** The same bytes taken as one type in one order. */
export interface MatrixCell {
  readonly type: RegisterType;
  readonly order: Order;
  /** Absent where they are no value of that type. */
  readonly value?: number;
  readonly reason?: string;
  /** As the point's scale and offset make of it. */
  readonly scaled?: number;
  /** Whether it could be a measurement. */
  readonly isPlausible: boolean;
  readonly isConfigured: boolean;
}

type Configured = Pick<ModbusPoint, "type" | "order" | "scale" | "offset"> & {
  readonly range?: readonly [number, number] | undefined;
};

/** No measurement of a store or a rack is beyond these, and one so small is a wrong exponent. */
const plausible = { least: 1e-3, most: 1e6 };

/** Integers carry at most three decimals: what is larger is two registers in the wrong order, or text. */
const integerMost = 1e7;

/**
 * All types and orders that these registers have room for. `bytes` as on the wire, big-endian registers; `configured`
 * marks the cell that the point names, and its range and scale decide on what is plausible where it has a range.
 */
export function matrixOf(bytes: Uint8Array, configured: Configured = {}): readonly MatrixCell[] {
  return registerTypes.flatMap((type) => {
    const length = registersOf[type] * 2;
    if (bytes.length < length) return [];
    // One register has no words to swap.
    const possible = orders.filter((order) => length > 2 || order === "ABCD" || order === "BADC");
    return possible.map((order) => cellOf(bytes.subarray(0, length), type, order, configured));
  });
}

function cellOf(
  bytes: Uint8Array,
  type: RegisterType,
  order: Order,
  configured: Configured,
): MatrixCell {
  const { scale, offset, range } = configured;
  const isConfigured = configured.type === type && (configured.order ?? "ABCD") === order;
  const raw = decodeRegisters(bytes, { type }, order);
  const base = { type, order, isConfigured };
  if (raw.quality === "bad") return { ...base, reason: raw.reason, isPlausible: false };
  const value = Number(raw.value);
  const isScaled = scale !== undefined || offset !== undefined;
  const scaled = isScaled ? decodeRegisters(bytes, { type, scale, offset }, order) : raw;
  const measured = scaled.quality === "bad" ? Number.NaN : Number(scaled.value);
  return {
    ...base,
    value,
    ...(isScaled && Number.isFinite(measured) ? { scaled: measured } : {}),
    isPlausible: isLikely(type, value, measured, range),
  };
}

function isLikely(
  type: RegisterType,
  value: number,
  measured: number,
  range: Configured["range"],
): boolean {
  if (range !== undefined) return measured >= range[0] && measured <= range[1];
  if (value === 0) return true;
  const size = Math.abs(value);
  if (!type.startsWith("float")) return size <= integerMost;
  return size >= plausible.least && size <= plausible.most;
}
