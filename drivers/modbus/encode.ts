import type { Value } from "../contract.ts";
import { reorder } from "./decode.ts";
import { type ModbusPoint, type Order, type RegisterType, registersOf } from "./schema.ts";

type Encodable = Pick<ModbusPoint, "type" | "scale" | "offset" | "enum">;

/** Why a value cannot be written, in the words of a person. */
export interface Misfit {
  readonly misfit: string;
}

/** Inverse of `decodeRegisters`: a value to registers, high byte first as on the wire. Rounds to whole raw steps. */
export function encodeRegisters(
  value: Value,
  point: Encodable,
  order: Order,
): readonly number[] | Misfit {
  const type = point.type === undefined || point.type === "bool" ? "uint16" : point.type;
  const raw = rawOf(value, point, type);
  if (typeof raw === "object") return raw;
  const bytes = new Uint8Array(registersOf[type] * 2);
  writers[type](new DataView(bytes.buffer), raw);
  const ordered = reorder(bytes, order);
  return Array.from({ length: registersOf[type] }, (_, index) => {
    return ((ordered[index * 2] ?? 0) << 8) | (ordered[index * 2 + 1] ?? 0);
  });
}

/** A value to a coil. */
export function encodeBit(value: Value, point: Pick<ModbusPoint, "enum">): boolean | Misfit {
  const code = point.enum === undefined ? value : codeOf(value, point.enum);
  if (typeof code === "boolean") return code;
  if (code === 0 || code === 1) return code === 1;
  return { misfit: `a coil takes true or false, not ${JSON.stringify(value)}` };
}

const ranges: Readonly<Record<RegisterType, readonly [number, number]>> = {
  int16: [-32_768, 32_767],
  uint16: [0, 65_535],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [-(2 ** 53 - 1), 2 ** 53 - 1],
  uint64: [0, 2 ** 53 - 1],
  float32: [-3.402_823_466_385_288_6e38, 3.402_823_466_385_288_6e38],
  float64: [-Number.MAX_VALUE, Number.MAX_VALUE],
};

function rawOf(value: Value, point: Encodable, type: RegisterType): number | Misfit {
  const wanted = point.enum === undefined ? value : codeOf(value, point.enum);
  const number = typeof wanted === "boolean" ? Number(wanted) : wanted;
  if (typeof number !== "number" || !Number.isFinite(number))
    return { misfit: `${JSON.stringify(value)} is no value of this point` };
  const { scale = 1, offset = 0 } = point.enum === undefined ? point : {};
  const exact = (number - offset) / scale;
  const raw = type.startsWith("float") ? exact : Math.round(exact);
  const [lowest, highest] = ranges[type];
  if (raw >= lowest && raw <= highest) return raw;
  return { misfit: `${value} does not fit into ${type}` };
}

function codeOf(value: Value, names: Readonly<Record<string, string>>): Value {
  const found = Object.entries(names).find(([, name]) => name === value);
  return found === undefined ? value : Number(found[0]);
}

const writers: Readonly<Record<RegisterType, (view: DataView, raw: number) => void>> = {
  int16: (view, raw) => view.setInt16(0, raw),
  uint16: (view, raw) => view.setUint16(0, raw),
  int32: (view, raw) => view.setInt32(0, raw),
  uint32: (view, raw) => view.setUint32(0, raw),
  int64: (view, raw) => view.setBigInt64(0, BigInt(raw)),
  uint64: (view, raw) => view.setBigUint64(0, BigInt(raw)),
  float32: (view, raw) => view.setFloat32(0, raw),
  float64: (view, raw) => view.setFloat64(0, raw),
};
