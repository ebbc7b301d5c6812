import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex } from "../../hex.ts";
import { crcOfTag } from "../crc.ts";
import { writeIdentity } from "../tag-identity.ts";
import { decodeMercury } from "./decode.ts";
import { buildMercury } from "./frame.ts";
import { readRecord } from "./record.ts";

const identity = writeIdentity(fromHex("30751FEB705C5904E3D50D70"));

/** Bit, bytes on the wire, and what they mean, in the order of the wire. */
const fields = [
  [0x0001, "07", { count: 7 }],
  [0x0002, "C4", { rssiDbm: -60 }],
  [0x0004, "33", { antenna: 3, rxAntenna: 3 }],
  [0x0008, "0E1640", { frequencyKhz: 923_200 }],
  [0x0010, "FF000127", { sinceMs: 0xff000127 }],
  [0x0020, "00B4", { phase: 180 }],
  [0x0040, "05", { airProtocol: "05" }],
  [0x0080, "0012FFAABB", { data: "FFAABB" }],
  [0x0100, "0F", { gpio: "0F" }],
  [0x0200, "04", { gen2Q: 4 }],
  [0x0400, "FA", { gen2Lf: 250 }],
  [0x0800, "01", { gen2Target: 1 }],
  [0x1000, "ABCD", { brand: "ABCD" }],
  [0x2000, "02", { tagType: 2 }],
] as const;

test("whatever metadata a module sends, the tag behind them is found", () => {
  fc.assert(
    fc.property(fc.subarray([...fields]), (chosen) => {
      const mask = chosen.reduce((sum, [bit]) => sum | bit, 0);
      const head = chosen.map(([, hex]) => hex).join("");
      const bytes = Uint8Array.of(...fromHex(`${head}0080`), ...identity);
      const record = readRecord(bytes, mask);
      const meant = Object.assign({}, ...chosen.map(([, , value]) => value));
      expect(record?.tag).toEqual({
        ...meant,
        epc: "30751FEB705C5904E3D50D70",
        pc: "3000",
        tagCrc: expect.any(String),
      });
      expect(record?.length).toBe(bytes.length);
      for (let end = 0; end < bytes.length; end += 1)
        expect(readRecord(bytes.subarray(0, end), mask)).toBeUndefined();
    }),
  );
});

test("a tag with an extended control word: the EPC begins behind it", () => {
  const bytes = fromHex("32004001E20010710000529B0940B402");
  const crc = crcOfTag(bytes);
  const record = readRecord(Uint8Array.of(0, 0x90, ...bytes, crc >> 8, crc & 0xff), 0);
  expect(record?.tag).toMatchObject({ epc: "E20010710000529B0940B402", pc: "3200" });
  expect(record?.doubt).toBeUndefined();
});

test("a record whose tag CRC is wrong is no tag, though its frame is right", () => {
  const damaged = writeIdentity(fromHex("30751FEB705C5904E3D50D70"), true);
  const data = [...fromHex("10001B000001"), ...fromHex("0080"), ...damaged];
  expect(decodeMercury(buildMercury(0x22, data, 0))).toMatchObject([
    { ok: false, reason: "tag-crc", epc: "30751FEB705C5904E3D50D70" },
  ]);
});

test("a stream record that is cut short inside a right frame is not ok", () => {
  const data = [...fromHex("10001B000001"), ...fromHex("0080"), ...identity.subarray(0, 10)];
  expect(decodeMercury(buildMercury(0x22, data, 0))).toMatchObject([
    { ok: false, reason: "length" },
  ]);
});

test("the tag buffer brings several records", () => {
  const record = Uint8Array.of(0xc4, 0x22, ...fromHex("0080"), ...identity);
  const data = [0, 6, 0, 2, ...record, ...record];
  const [frame] = decodeMercury(buildMercury(0x29, data, 0));
  expect(frame).toMatchObject({ ok: true, type: "tag", rssi: -60, antenna: 2 });
  expect(frame?.["tags"]).toHaveLength(2);
});

test("a status word is no tag, and says what it means", () => {
  expect(decodeMercury(buildMercury(0x97, [], 0x010b))).toMatchObject([
    { ok: true, type: "error", status: "010B", meaning: "region that this module lacks" },
  ]);
});
