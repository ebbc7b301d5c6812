import fc from "fast-check";
import { expect, test } from "vitest";
import { datatypes, loadSparkplug, type Metric, readingOf } from "./sparkplug-payload.ts";

const codec = await loadSparkplug();

const numeric: readonly (readonly [keyof typeof datatypes, fc.Arbitrary<bigint>])[] = [
  ["int8", fc.bigInt(-128n, 127n)],
  ["int16", fc.bigInt(-32_768n, 32_767n)],
  ["int32", fc.bigInt(-2_147_483_648n, 2_147_483_647n)],
  ["int64", fc.bigInt(-(2n ** 53n) + 1n, 2n ** 53n - 1n)],
  ["uint8", fc.bigInt(0n, 255n)],
  ["uint16", fc.bigInt(0n, 65_535n)],
  ["uint32", fc.bigInt(0n, 4_294_967_295n)],
  ["uint64", fc.bigInt(0n, 2n ** 53n - 1n)],
];

test.each(numeric)("every %s comes back with its sign", (name, arbitrary) => {
  const datatype = datatypes[name];
  fc.assert(
    fc.property(arbitrary, (value) => {
      const bytes = codec.encode({ metrics: [{ name: "m", datatype, value }] });
      const [metric] = codec.decode(bytes)?.metrics ?? [];
      expect(readingOf(metric ?? {}, datatype)).toEqual({ quality: "good", value: Number(value) });
    }),
  );
});

test("a payload as another program writes it is read: name, alias, Int32 of -5, seq 3", () => {
  // timestamp=1, metric { name "t", alias 7, datatype 3, int_value 0xFFFFFFFB }, seq 3; by the wire format of protobuf
  const bytes = Buffer.from(
    "08011211" + "0a0174" + "1007" + "2003" + "50fbffffff0f" + "1803",
    "hex",
  );
  bytes[3] = bytes.length - 4 - 2;
  expect(codec.decode(bytes)).toEqual({
    timestamp: 1,
    seq: 3,
    metrics: [{ name: "t", alias: "7", datatype: 3, value: 0xff_ff_ff_fb }],
  });
  expect(readingOf({ value: 0xff_ff_ff_fb }, 3)).toEqual({ quality: "good", value: -5 });
  expect(readingOf({ value: 0xfb }, 1)).toEqual({ quality: "good", value: -5 });
});

test.each<[string, Metric, number | undefined, object]>([
  ["a float is the shortest decimal", { value: Math.fround(21.3) }, 9, { value: 21.3 }],
  ["NaN", { value: Number.NaN }, 10, { quality: "bad", reason: "not a number" }],
  ["null", { isNull: true, value: 5 }, 3, { quality: "bad", reason: "null" }],
  ["quality 500", { quality: 500, value: 5 }, 3, { quality: "bad", reason: "stale" }],
  ["quality 0", { quality: 0, value: 5 }, 3, { quality: "bad", reason: "bad at its source" }],
  ["quality 192", { quality: 192, value: 5 }, 3, { quality: "good", value: 5 }],
  ["text for a number", { value: "5" }, 10, { quality: "bad", reason: "another datatype" }],
  ["a data set", { value: 5 }, 16, { quality: "bad", reason: "datatype 16" }],
  ["no value", {}, 3, { quality: "bad", reason: "no value" }],
  ["unknown datatype", { value: 3 }, undefined, { quality: "bad", reason: "no value" }],
  ["beyond 2^53", { value: 2n ** 63n }, 8, { quality: "uncertain", reason: "rounded" }],
])("%s", (_, metric, datatype, expected) => {
  expect(readingOf(metric, datatype)).toMatchObject(expected);
});

test("protobufjs alone would round an Int64 of -5: it is read as text", async () => {
  const bytes = codec.encode({ metrics: [{ name: "m", datatype: datatypes.int64, value: -5n }] });
  const [metric] = codec.decode(bytes)?.metrics ?? [];
  expect(metric?.value).toBe(2n ** 64n - 5n);
  expect(Number(2n ** 64n - 5n) - 2 ** 64).toBe(0);
});

test("random bytes, and groups nested by the ten thousand, are no payload and throw nothing", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void codec.decode(bytes)));
  expect(codec.decode(new Uint8Array(60_000).fill(0xa3))).toBeUndefined();
});
