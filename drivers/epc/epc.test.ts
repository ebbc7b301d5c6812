import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BitWriter } from "./bits.ts";
import { escapeUri } from "./characters.ts";
import { decodeEpc, encodeEpc } from "./epc.ts";
import {
  assetPartitions,
  assetTextPartitions,
  containerPartitions,
  itemPartitions,
  locationPartitions,
  type Partition,
  partPartitions,
  partTextPartitions,
  returnablePartitions,
} from "./partition.ts";
import { controlFields, decodePc, tagCrc } from "./pc.ts";

interface Vectors {
  readonly good: readonly { hex: string; tagUri: string; gs1: string | null }[];
  readonly raw: readonly { hex: string; why: string }[];
  readonly bad: readonly { hex: string; reason: string }[];
  readonly crc: readonly { pc: string; epc: string; crc: string }[];
}
const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../tests/fixtures/protocols/epc.json"), "utf8"),
) as Vectors;

test.each(vectors.good)("$hex is $tagUri", ({ hex, tagUri, gs1 }) => {
  const decoded = decodeEpc(hex);
  expect(decoded).toMatchObject({ ok: true, tagUri });
  expect("gs1" in decoded ? decoded.gs1 : null).toBe(gs1);
  const encoded = encodeEpc(tagUri);
  expect(encoded).toMatchObject({ ok: true });
  // The standard prints some numbers to their last digit, tags hold whole words.
  expect(encoded.ok && encoded.hex.replace(/0*$/, "")).toBe(hex.replace(/0*$/, ""));
});

test.each(vectors.raw)("$hex is no error but a raw number: $why", ({ hex }) => {
  const uri = `urn:epc:raw:${hex.length * 4}.x${hex}`;
  expect(decodeEpc(hex)).toEqual({ ok: true, scheme: "raw", uri });
});

test.each(vectors.bad)("$hex is refused: $reason", ({ hex, reason }) => {
  const decoded = decodeEpc(hex);
  expect(decoded).toMatchObject({ ok: false });
  expect(decoded.ok ? "" : decoded.reason).toContain(reason);
  if (/^[0-9A-F]+$/.test(hex)) expect(decoded.uri).toBe(`urn:epc:raw:${hex.length * 4}.x${hex}`);
});

test("a trade item has its GTIN, serial number, filter and link", () => {
  expect(decodeEpc("3074257bf7194e4000001a85")).toEqual({
    ok: true,
    scheme: "sgtin-96",
    uri: "urn:epc:id:sgtin:0614141.812345.6789",
    tagUri: "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
    filter: 3,
    gs1: "(01)80614141123458(21)6789",
    digitalLink: "https://id.gs1.org/01/80614141123458/21/6789",
    gtin: "80614141123458",
    serial: "6789",
  });
});

test("a location without extension has no (254)", () => {
  const { hex } = { hex: "", ...encodeEpc("urn:epc:tag:sgln-96:0.123456789012..0") };
  expect(decodeEpc(hex)).toMatchObject({ gs1: "(414)1234567890128", gln: "1234567890128" });
});

test("the 0 that fills a returnable asset's element string is no part of its number", () => {
  expect(decodeEpc("3374257BF40C0E400000162E")).toMatchObject({
    gs1: "(8003)006141411234525678",
    grai: "06141411234525678",
    serial: "5678",
  });
});

test("every cut and every added byte is refused", () => {
  for (const { hex } of vectors.good) {
    const scheme = decodeEpc(hex);
    for (let length = 2; length < 17; length += 1)
      expect(decodeEpc(hex.slice(0, length))).toMatchObject({ ok: false });
    const whole = hex.padEnd(Math.ceil(hex.length / 4) * 4, "0");
    expect(decodeEpc(whole)).toEqual(scheme);
    expect(decodeEpc(`${whole}00`)).toMatchObject({ ok: false });
    expect(decodeEpc(`${whole}FFFF`)).toMatchObject({ ok: false });
  }
});

test("more than a tag's length field can count is no tag", () => {
  expect(decodeEpc("E2".repeat(62))).toMatchObject({ ok: true, scheme: "raw" });
  expect(decodeEpc("E2".repeat(63))).toMatchObject({ ok: false, uri: "" });
});

test("what fills the last word must be zero", () => {
  const hex = "3674257BF6B7A659B2C2BF1000000000000000000000000000";
  expect(decodeEpc(`${hex}00`)).toMatchObject({ ok: true });
  expect(decodeEpc(`${hex}01`)).toMatchObject({
    ok: false,
    reason: expect.stringMatching(/behind its end/),
  });
});

/** Digits of fixed number. */
const digits = (length: number) =>
  length === 0
    ? fc.constant("")
    : fc
        .bigInt({ min: 0n, max: 10n ** BigInt(length) - 1n })
        .map((n) => `${n}`.padStart(length, "0"));
const number = (bits: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }).map(String);
const characters = (set: string, min: number, max: number, escapes?: RegExp) =>
  fc
    .array(fc.constantFrom(...set), { minLength: min, maxLength: max })
    .map((list) => escapeUri(list.join(""), escapes));
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const gs1Characters = `!"%&'()*+,-./0123456789:;<=>?${letters}_${letters.toLowerCase()}`;
const serialText = (max: number) => characters(gs1Characters, 1, max);
const sixBit = (min: number, max: number, extra = "") =>
  characters(`-/0123456789${letters}${extra}`, min, max, /[#/]/g);
const agency = fc
  .array(fc.constantFrom(..."0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"), { minLength: 5, maxLength: 6 })
  .map((list) => list.join(""));
const filter = fc.integer({ min: 0, max: 7 }).map(String);
const pieces = fc.tuple(digits(2), digits(2)).map((both) => both.join("."));

function prefixed(rows: readonly Partition[], reference: (row: Partition) => fc.Arbitrary<string>) {
  return fc
    .constantFrom(...rows)
    .chain((row) => fc.tuple(digits(row.prefixDigits), reference(row)))
    .map((both) => both.join("."));
}
const padded = (rows: readonly Partition[]) => prefixed(rows, (row) => digits(row.referenceDigits));
const unpadded = (rows: readonly Partition[]) =>
  prefixed(rows, (row) =>
    fc
      .bigInt({ min: 0n, max: 2n ** BigInt(row.referenceBits) - 1n })
      .filter((value) => value < 10n ** BigInt(row.referenceDigits))
      .map(String),
  );
const item = padded(itemPartitions);
const location = padded(locationPartitions);
const digitText = (max: number) => fc.integer({ min: 1, max }).chain(digits);

/** By scheme: everything that its URIs may hold, over the whole range. */
const generators: Readonly<Record<string, readonly fc.Arbitrary<string>[]>> = {
  "sgtin-96": [filter, item, number(38)],
  "sgtin-198": [filter, item, serialText(20)],
  "sscc-96": [filter, padded(containerPartitions)],
  "sgln-96": [filter, location, number(41)],
  "sgln-195": [filter, location, serialText(20)],
  "grai-96": [filter, padded(returnablePartitions), number(38)],
  "grai-170": [filter, padded(returnablePartitions), serialText(16)],
  "giai-96": [filter, unpadded(assetPartitions)],
  "giai-202": [filter, prefixed(assetTextPartitions, (row) => serialText(row.referenceDigits))],
  "gsrn-96": [filter, padded(containerPartitions)],
  "gsrnp-96": [filter, padded(containerPartitions)],
  "gdti-96": [filter, location, number(41)],
  "gdti-113": [filter, location, digitText(17)],
  "gdti-174": [filter, location, serialText(17)],
  "cpi-96": [filter, unpadded(partPartitions), number(31)],
  "cpi-var": [
    filter,
    prefixed(partTextPartitions, (row) => sixBit(1, row.referenceDigits, "#")),
    number(40),
  ],
  "sgcn-96": [filter, location, digitText(12)],
  "itip-110": [filter, item, pieces, number(38)],
  "itip-212": [filter, item, pieces, serialText(20)],
  "gid-96": [number(28), number(24), number(36)],
  "usdod-96": [number(4), agency, number(36)],
  "adi-var": [
    number(6),
    agency,
    sixBit(0, 32),
    fc.tuple(fc.constantFrom("", "%23"), sixBit(1, 29)).map((both) => both.join("")),
  ],
};

describe("every URI comes back from its bits, and the bits from their URI", () => {
  test.each(Object.entries(generators))("%s", (scheme, parts) => {
    const uris = fc.tuple(...parts).map((all) => `urn:epc:tag:${scheme}:${all.join(".")}`);
    fc.assert(
      fc.property(uris, (tagUri) => {
        const encoded = encodeEpc(tagUri);
        if (!encoded.ok) throw new Error(`${tagUri}: ${encoded.reason}`);
        const decoded = decodeEpc(encoded.hex);
        expect(decoded).toMatchObject({ ok: true, scheme, tagUri });
        expect(encoded.hex.length % 4).toBe(0);
      }),
    );
  });
});

test("whatever decodes encodes to the same bits, and nothing throws", () => {
  const headers = [...Array(0x16).keys()].map((at) => 0x2c + at);
  const tags = fc
    .tuple(fc.constantFrom(...headers), fc.uint8Array({ minLength: 0, maxLength: 61 }))
    .map(([header, rest]) =>
      Buffer.from([header, ...rest])
        .toString("hex")
        .toUpperCase(),
    );
  fc.assert(
    fc.property(fc.oneof(tags, fc.string()), (hex) => {
      const decoded = decodeEpc(hex);
      if (!decoded.ok || decoded.tagUri === undefined) return;
      expect(encodeEpc(decoded.tagUri)).toEqual({ ok: true, hex });
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ["sgtin-96:3.0614141.812345.06789", "leading zeros"],
  ["sgtin-96:3.0614141.812345.274877906944", "too large"],
  ["sgtin-96:8.0614141.812345.1", "too large"],
  ["sgtin-96:3.06141.812345.1", "6 to 12 digits"],
  ["sgtin-96:3.0614141.12345.1", "6 digits"],
  ["sgtin-96:3.0614141.812345", "components"],
  ["sgtin-198:3.0614141.712345.32a/b", "not escaped"],
  ["sgtin-198:3.0614141.712345.", "1 to 20"],
  ["sgtin-198:3.0614141.712345.%5B", "1 to 20"],
  ["sgtin-198:3.0614141.712345.123456789012345678901", "1 to 20"],
  ["gsrn-96:3.0614141.123456789", "10 digits"],
  ["adi-var:3.3596I.A.B", "5 or 6"],
  ["adi-var:3.35962.%23.B", "#"],
  ["sgtin-64:3.0614141.812345.1", "known scheme"],
])("%s cannot be encoded", (form, reason) => {
  const encoded = encodeEpc(`urn:epc:tag:${form}`);
  expect(encoded.ok ? "" : encoded.reason).toContain(reason);
});

test("a tag of an ISO application is not taken for an EPC; attribute bits and user memory are shown", () => {
  const hex = "3074257BF7194E4000001A85";
  expect(decodeEpc(hex, 0x31a1)).toEqual({
    ok: true,
    scheme: "raw",
    uri: `urn:epc:raw:96.xA1.x${hex}`,
  });
  const tagUri = "urn:epc:tag:[att=x01][umi=1]:sgtin-96:3.0614141.812345.6789";
  expect(decodeEpc(hex, 0x3401)).toMatchObject({ tagUri });
  expect(encodeEpc(tagUri)).toEqual({ ok: true, hex });
  expect(decodePc(0x3e80)).toEqual({
    words: 7,
    hasUserMemory: true,
    isExtended: true,
    isIso: false,
    attributes: 0x80,
  });
  expect(controlFields(decodePc(0x3000))).toBe("");
});

test.each(vectors.crc)("the tag's CRC over $pc$epc is $crc", ({ pc, epc, crc }) => {
  const bytes = Buffer.from(pc + epc, "hex");
  expect(tagCrc(bytes).toString(16).toUpperCase()).toBe(crc);
  bytes[3] = (bytes[3] ?? 0) ^ 0x10;
  expect(tagCrc(bytes).toString(16).toUpperCase()).not.toBe(crc);
});

test("bits are filled to whole words", () => {
  const bits = new BitWriter();
  expect(bits.toHex()).toBe("");
  bits.put(5n, 3);
  expect(bits.toHex()).toBe("A000");
});
