import {
  DataType,
  DataValue,
  StatusCode,
  StatusCodes,
  Variant,
  VariantArrayType,
} from "node-opcua";
import { expect, test } from "vitest";
import { encodeValue } from "./encode.ts";
import { parseFieldPath, selectedMax, selectFields } from "./field-path.ts";
import { kilogramsIn } from "./mass-unit.ts";
import { readingsOf, sampledAtOf, type Wanted } from "./value.ts";

const number: Wanted = { kind: "number" };
const text: Wanted = { kind: "text" };

function readings(dataType: DataType, value: unknown, wanted: Wanted = number) {
  const isWide = dataType === DataType.Int64 || dataType === DataType.UInt64;
  const arrayType = isWide ? { arrayType: VariantArrayType.Scalar } : {};
  const variant = new Variant({ dataType, value, ...arrayType });
  return readingsOf(new DataValue({ value: variant }), wanted);
}

const good = (value: unknown) => [{ quality: "good", value }];
const bad = (reason: string) => [{ quality: "bad", reason }];

test("numbers come as they are meant, and what is none is bad", () => {
  expect(readings(DataType.Float, 23.1)).toEqual(good(23.1));
  expect(readings(DataType.Int16, -5)).toEqual(good(-5));
  expect(readings(DataType.UInt64, [0, 7])).toEqual(good(7));
  expect(readings(DataType.Int64, [0xffff_ffff, 0xffff_fff9])).toEqual(good(-7));
  expect(readings(DataType.UInt64, [0xffff_ffff, 0])).toEqual(bad("too large"));
  expect(readings(DataType.UInt64, [0xffff_ffff, 0], text)).toEqual(good("18446744069414584320"));
  expect(readings(DataType.Double, Number.NaN)).toEqual(bad("not a number"));
  expect(readings(DataType.Double, Number.POSITIVE_INFINITY)).toEqual(bad("infinite"));
  expect(readings(DataType.String, "12")).toEqual(bad("not a number"));
  expect(readings(DataType.Boolean, true)).toEqual(bad("not a number"));
  expect(readings(DataType.Null, null)).toEqual(bad("no value"));
  expect(readings(DataType.Double, [1, 2])).toEqual(bad("not a scalar"));
});

test("a status decides on the quality: a bad one leaves no value", () => {
  const value = new Variant({ dataType: DataType.Double, value: 4.5 });
  const of = (statusCode: (typeof StatusCodes)["Good"]) =>
    readingsOf(new DataValue({ value, statusCode }), number);
  expect(of(StatusCodes.GoodClamped)).toEqual(good(4.5));
  expect(of(StatusCodes.BadSensorFailure)).toEqual(bad("BadSensorFailure"));
  expect(of(StatusCodes.UncertainLastUsableValue)).toEqual([
    { quality: "uncertain", value: 4.5, reason: "UncertainLastUsableValue" },
  ]);
  const overflow = StatusCode.makeStatusCode(StatusCodes.BadSensorFailure, "Overflow");
  expect(readingsOf(new DataValue({ value, statusCode: overflow }), number)).toEqual(
    bad("BadSensorFailure"),
  );
});

test("names stand for raw values, and an unknown one is bad", () => {
  const state: Wanted = { kind: "text", enum: { "0": "stopped", "1": "running" } };
  expect(readings(DataType.Int32, 1, state)).toEqual(good("running"));
  expect(readings(DataType.Boolean, false, state)).toEqual(good("stopped"));
  expect(readings(DataType.Int32, 9, state)).toEqual(bad("unknown value 9"));
});

test("tags are hex, whether they come as bytes, as a union or as ScanDataEpc", () => {
  const bytes = Buffer.from("30340a", "hex");
  expect(readings(DataType.ByteString, bytes, text)).toEqual(good("30340A"));
  const path = (field: string): Wanted => ({ ...text, field: parseFieldPath(field) });
  const scan = { scanData: { switchField: 3, epc: { PC: 0x3000, uId: bytes } } };
  const asString = { scanData: { switchField: 2, string: "ABC" } };
  const given = new DataValue({});
  given.value = { ...new Variant({}), value: { scanResult: [scan, asString] } } as Variant;
  expect(readingsOf(given, path("ScanResult[].ScanData"))).toEqual([
    { quality: "good", value: "30340A" },
    { quality: "good", value: "ABC" },
  ]);
  expect(readingsOf(given, path("ScanResult[1].ScanData"))).toEqual(good("ABC"));
  expect(readingsOf(given, path("ScanResult[2].ScanData"))).toEqual(bad("no value"));
  expect(readingsOf(given, path("ScanResult"))).toEqual(bad("not a scalar"));
  expect(readingsOf(given, path("Nothing[].Here"))).toEqual(bad("no value"));
});

test("of a list without end only so many elements are taken", () => {
  const steps = parseFieldPath("List[]") ?? [];
  const list = Array.from({ length: selectedMax + 1 }, (_, index) => index);
  expect(selectFields({ list }, steps)).toHaveLength(selectedMax);
});

test.each(["", ".", "A..B", "A[x]", "A[-1]", "[0]", Array(14).fill("A").join(".")])(
  "%j is no field path",
  (path) => expect(parseFieldPath(path)).toBeUndefined(),
);

test("a time stamp is believed when it is near: the device's, else the server's, else the arrival", () => {
  const now = Date.UTC(2026, 0, 1);
  const at = (ms: number) => new Date(now + ms);
  const stamps = (source: Date | null, server: Date | null) =>
    sampledAtOf({ sourceTimestamp: source, serverTimestamp: server }, now) - now;
  expect(stamps(at(-1_500), at(-100))).toBe(-1_500);
  expect(stamps(at(-86_400_000), at(-100))).toBe(-100);
  expect(stamps(at(3_600_000), at(3_600_000))).toBe(0);
  expect(stamps(null, null)).toBe(0);
});

test("masses are told in units of UNECE, and anything else is no mass", () => {
  expect(kilogramsIn(4_933_453)).toBe(1);
  expect(kilogramsIn(0x47_52_4d)).toBe(1e-3);
  expect(kilogramsIn(0x4c_42_52)).toBe(0.453_592_37);
  // CEL, degree Celsius.
  expect(kilogramsIn(4_408_652)).toBeUndefined();
  expect(kilogramsIn(-1)).toBeUndefined();
});

test("a written value takes the node's data type, or says why it does not fit", () => {
  expect(encodeValue(true, DataType.Boolean, undefined)).toEqual({ value: true });
  expect(encodeValue(1, DataType.Boolean, undefined)).toEqual({ value: true });
  expect(encodeValue(2, DataType.Boolean, undefined)).toHaveProperty("misfit");
  expect(encodeValue(true, DataType.Byte, undefined)).toEqual({ value: 1 });
  expect(encodeValue(255, DataType.Byte, undefined)).toEqual({ value: 255 });
  expect(encodeValue(256, DataType.Byte, undefined)).toHaveProperty("misfit");
  expect(encodeValue(1.5, DataType.Int32, undefined)).toHaveProperty("misfit");
  expect(encodeValue(-1, DataType.Int64, undefined)).toEqual({
    value: [0xffff_ffff, 0xffff_ffff],
  });
  expect(encodeValue(Number.NaN, DataType.Double, undefined)).toHaveProperty("misfit");
  expect(encodeValue("cooling", DataType.Int16, { "1": "cooling" })).toEqual({ value: 1 });
  expect(encodeValue("heating", DataType.Int16, { "1": "cooling" })).toHaveProperty("misfit");
  expect(encodeValue("x", DataType.DateTime, undefined)).toHaveProperty("misfit");
});
