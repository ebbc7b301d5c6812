import type { Value } from "../contract.ts";

type Encoded = { readonly value: unknown } | { readonly misfit: string };

/** Least and greatest value of the integer types, by their numbers (OPC 10000-6, 5.1.2). */
const integers: Readonly<Record<number, readonly [bigint, bigint]>> = {
  2: [-(2n ** 7n), 2n ** 7n - 1n],
  3: [0n, 2n ** 8n - 1n],
  4: [-(2n ** 15n), 2n ** 15n - 1n],
  5: [0n, 2n ** 16n - 1n],
  6: [-(2n ** 31n), 2n ** 31n - 1n],
  7: [0n, 2n ** 32n - 1n],
  8: [-(2n ** 63n), 2n ** 63n - 1n],
  9: [0n, 2n ** 64n - 1n],
};

const booleanType = 1;
const floatType = 10;
const doubleType = 11;
const stringType = 12;
const int64Type = 8;

/** A point's value in the form of a node's built-in data type, or why it does not fit. */
export function encodeValue(
  given: Value,
  dataType: number,
  names: Readonly<Record<string, string>> | undefined,
): Encoded {
  const value = names === undefined ? given : codeOf(given, names);
  if (value === undefined) return { misfit: `"${given}" is none of its values` };
  if (dataType === booleanType) return booleanOf(value);
  if (dataType === stringType) return { value: String(value) };
  const number = typeof value === "boolean" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number))
    return { misfit: `"${given}" is no number` };
  if (dataType === floatType || dataType === doubleType) return { value: number };
  const range = integers[dataType];
  if (range === undefined) return { misfit: "the node's data type cannot be written" };
  if (!Number.isInteger(number)) return { misfit: `${number} is no whole number` };
  const whole = BigInt(number);
  if (whole < range[0] || whole > range[1])
    return { misfit: `${number} is not within ${range[0]} to ${range[1]}` };
  return { value: dataType < int64Type ? number : wide(whole) };
}

function codeOf(given: Value, names: Readonly<Record<string, string>>): Value | undefined {
  const code = Object.entries(names).find(([, name]) => name === given)?.[0];
  return code === undefined ? undefined : Number(code);
}

function booleanOf(value: Value): Encoded {
  if (typeof value === "boolean") return { value };
  if (value === 0 || value === 1) return { value: value === 1 };
  return { misfit: `"${value}" is neither on nor off` };
}

/** node-opcua holds 64 bits as two numbers, the higher first. */
function wide(whole: bigint): readonly [number, number] {
  const bits = BigInt.asUintN(64, whole);
  return [Number(bits >> 32n), Number(bits & 0xffff_ffffn)];
}
