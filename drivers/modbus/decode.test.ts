import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBit, decodeRegisters } from "./decode.ts";
import { encodeBit, encodeRegisters } from "./encode.ts";
import {
  type ModbusPoint,
  orders,
  type RegisterType,
  registersOf,
  registerTypes,
} from "./schema.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const good = (value: unknown) => ({ quality: "good", value });
const bad = (reason: string) => ({ quality: "bad", reason });

test.each([
  ["int16", "FF33", -205],
  ["uint16", "FF33", 65_331],
  ["int32", "FFFFFFFE", -2],
  ["uint32", "FFFFFFFE", 4_294_967_294],
  ["int64", "FFFFFFFFFFFFFFFE", -2],
  ["uint64", "001FFFFFFFFFFFFF", 9_007_199_254_740_991],
  ["float32", "41F47AE1", 30.56],
  ["float64", "403E8F5C28F5C28F", 30.56],
] as const)("%s of %s is %d", (type, hex, value) => {
  expect(decodeRegisters(bytes(hex), { type }, "ABCD")).toEqual(good(value));
});

test.each([
  ["ABCD", "41F47AE1"],
  ["CDAB", "7AE141F4"],
  ["BADC", "F441E17A"],
  ["DCBA", "E17AF441"],
] as const)("order %s of 30.56 is %s", (order, hex) => {
  expect(decodeRegisters(bytes(hex), { type: "float32" }, order)).toEqual(good(30.56));
});

test.each([
  ["ABCD", "0102030405060708"],
  ["CDAB", "0708050603040102"],
  ["BADC", "0201040306050807"],
  ["DCBA", "0807060504030201"],
] as const)("order %s holds for four registers as well", (order, hex) => {
  expect(decodeRegisters(bytes(hex), { type: "uint64" }, order)).toMatchObject({
    value: Number(0x0102030405060708n),
  });
});

test("a whole number beyond 2^53 is uncertain, because a double rounds it", () => {
  expect(decodeRegisters(bytes("0020000000000001"), { type: "uint64" }, "ABCD")).toEqual({
    quality: "uncertain",
    value: 9_007_199_254_740_992,
    reason: "beyond 2^53, rounded",
  });
});

describe("no code becomes a number", () => {
  const codes: readonly (readonly [RegisterType, string, Partial<ModbusPoint>, string])[] = [
    ["float32", "7FC00000", {}, "not a number"],
    ["float32", "7F800000", {}, "infinite"],
    ["float32", "FF800000", {}, "infinite"],
    ["float64", "7FF8000000000000", {}, "not a number"],
    ["float64", "7FF0000000000000", {}, "infinite"],
    ["float64", "7FE0000000000000", { scale: 1e10 }, "infinite"],
    ["int16", "8000", { unavailable: [0x8000] }, "unavailable code 32768"],
    ["int16", "8000", { unavailable: ["0x8000"] }, "unavailable code 0x8000"],
    ["int16", "8000", { unavailable: [-32_768] }, "unavailable code -32768"],
    ["int32", "80000000", { unavailable: [0x80000000] }, "unavailable code 2147483648"],
    [
      "int64",
      "8000000000000000",
      { unavailable: ["0x8000000000000000"] },
      "unavailable code 0x8000000000000000",
    ],
    ["float32", "C61C3C00", { unavailable: [-9_999] }, "unavailable code -9999"],
    ["float32", "7FC00000", { unavailable: ["NaN"] }, "unavailable code NaN"],
    ["float32", "FFFFFFFF", { unavailable: ["0xFFFFFFFF"] }, "unavailable code 0xFFFFFFFF"],
    ["uint16", "0007", { enum: { "1": "open" } }, "unknown code 7"],
    ["uint16", "0007", { enum: { toString: "open" } }, "unknown code 7"],
  ];

  test.each(codes)("%s %s with %j", (type, hex, point, reason) => {
    const reading = decodeRegisters(bytes(hex), { type, ...point }, "ABCD");
    expect(reading).toEqual(bad(reason));
  });

  test("bytes of a wrong length are bad for every type", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...registerTypes),
        fc.uint8Array({ maxLength: 12 }),
        (type, raw) => {
          fc.pre(raw.length !== registersOf[type] * 2);
          expect(decodeRegisters(raw, { type }, "ABCD")).toEqual(bad("wrong length"));
        },
      ),
    );
  });

  test("whatever the bytes, a value is finite or there is none", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (raw) => {
        const reading = decodeRegisters(raw, { type: "float64", scale: 7 }, "CDAB");
        if (reading.quality !== "bad") expect(Number.isFinite(reading.value)).toBe(true);
      }),
    );
  });
});

test("scale and offset leave no noise of binary fractions", () => {
  expect(decodeRegisters(bytes("0131"), { type: "int16", scale: 0.1 }, "ABCD")).toEqual(good(30.5));
  const point = { type: "uint16", scale: 0.01, offset: -40 } as const;
  expect(decodeRegisters(bytes("1B5B"), point, "ABCD")).toEqual(good(30.03));
});

test("bits, bit fields and enumerations", () => {
  const type = "uint16" as const;
  expect(decodeRegisters(bytes("8001"), { type, bit: 15 }, "ABCD")).toEqual(good(true));
  expect(decodeRegisters(bytes("8001"), { type, bit: 1 }, "ABCD")).toEqual(good(false));
  expect(decodeRegisters(bytes("A5F0"), { type, bits: [4, 11] }, "ABCD")).toEqual(good(0x5f));
  const state = { type, bits: [0, 1] as [number, number], enum: { "0": "closed", "2": "open" } };
  expect(decodeRegisters(bytes("FFFE"), state, "ABCD")).toEqual(good("open"));
  expect(decodeRegisters(bytes("80000000"), { type: "uint32", bit: 31 }, "ABCD")).toEqual(
    good(true),
  );
  expect(decodeRegisters(bytes("80000000"), { type: "int32", bit: 31 }, "ABCD")).toEqual(
    good(true),
  );
  expect(decodeBit(true, {})).toEqual(good(true));
  expect(decodeBit(true, { enum: { "0": "closed", "1": "open" } })).toEqual(good("open"));
});

const values: Readonly<Record<RegisterType, fc.Arbitrary<number>>> = {
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  uint16: fc.integer({ min: 0, max: 65_535 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int64: fc.maxSafeInteger(),
  uint64: fc.maxSafeNat(),
  float32: fc.float({ noNaN: true, noDefaultInfinity: true }),
  float64: fc.double({ noNaN: true, noDefaultInfinity: true }),
};

test.each(registerTypes)("what is written as %s reads the same in every order", (type) => {
  fc.assert(
    fc.property(values[type], fc.constantFrom(...orders), (value, order) => {
      const registers = encodeRegisters(value, { type }, order);
      if ("misfit" in registers) throw new Error(registers.misfit);
      const raw = Uint8Array.from(registers.flatMap((word) => [word >> 8, word & 0xff]));
      const reading = decodeRegisters(raw, { type }, order);
      const rounded = type === "float32" ? Math.fround : (number: number) => number;
      expect(reading.quality === "good" && typeof reading.value === "number").toBe(true);
      if (reading.quality !== "bad")
        expect(rounded(Number(reading.value)) + 0).toBe(rounded(value) + 0);
    }),
  );
});

test.each([
  [40_000, { type: "int16" }],
  [-1, { type: "uint16" }],
  [2 ** 53, { type: "int64" }],
  [1e39, { type: "float32" }],
  [Number.NaN, { type: "float32" }],
  ["on", { type: "uint16" }],
  ["ajar", { type: "uint16", enum: { "1": "open" } }],
] as const)("%s does not fit into %j", (value, point) => {
  expect(encodeRegisters(value, point, "ABCD")).toHaveProperty("misfit");
});

test("names, booleans and scaled values are written as their raw numbers", () => {
  expect(encodeRegisters("open", { type: "uint16", enum: { "3": "open" } }, "ABCD")).toEqual([3]);
  expect(encodeRegisters(true, { type: "uint16" }, "ABCD")).toEqual([1]);
  expect(encodeRegisters(-20.5, { type: "int16", scale: 0.1 }, "ABCD")).toEqual([0xff33]);
  expect(encodeBit(true, {})).toBe(true);
  expect(encodeBit(0, {})).toBe(false);
  expect(encodeBit("on", { enum: { "1": "on" } })).toBe(true);
  expect(encodeBit(2, {})).toHaveProperty("misfit");
});
