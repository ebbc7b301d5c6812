import { expect, test } from "vitest";
import { decodeEpcText } from "./protocol.ts";

test("a tag is decoded with its identity as epc", () => {
  expect(decodeEpcText(["3074257bf7194e4000001a85"])).toEqual([
    expect.objectContaining({
      ok: true,
      scheme: "sgtin-96",
      epc: "urn:epc:id:sgtin:0614141.812345.6789",
      tagUri: "urn:epc:tag:sgtin-96:3.0614141.812345.6789",
      gtin: "80614141123458",
      serial: "6789",
      filter: 3,
      hex: "3074257BF7194E4000001A85",
    }),
  ]);
});

test.each([
  [["30 74 25 7B F7 19 4E 40 00 00 1A 85"]],
  [["30:74:25:7B:F7:19:4E:40:00:00:1A:85"]],
  [["0x3074257BF7194E4000001A85"]],
  [["3000:3074257BF7194E4000001A85"]],
  [["30", "74", "25", "7B", "F7", "19", "4E", "40", "00", "00", "1A", "85"]],
  [["urn:epc:tag:sgtin-96:3.0614141.812345.6789"]],
])("%j is the same tag", (args) => {
  expect(decodeEpcText(args)).toEqual([
    expect.objectContaining({ ok: true, gtin: "80614141123458", hex: "3074257BF7194E4000001A85" }),
  ]);
});

test("several tags are several answers, and what is none says why", () => {
  const decoded = decodeEpcText(["E280689400005005B2210861", "3074257BF7194E40", "", "wrong"]);
  expect(decoded).toMatchObject([
    { ok: true, scheme: "raw", epc: "urn:epc:raw:96.xE280689400005005B2210861" },
    {
      ok: false,
      epc: "urn:epc:raw:64.x3074257BF7194E40",
      reason: expect.stringMatching(/too short/),
    },
    { ok: false, reason: "empty" },
    { ok: false, reason: "not hexadecimal" },
  ]);
});

test("the control word of an ISO tag counts", () => {
  expect(decodeEpcText(["31A1:3074257BF7194E4000001A85"])).toMatchObject([
    { ok: true, scheme: "raw", uri: "urn:epc:raw:96.xA1.x3074257BF7194E4000001A85" },
  ]);
});

test("a bar code's text is decoded, too", () => {
  expect(decodeEpcText(["]d201095011015300031727020010AB\x1d21S1"], 2026)).toMatchObject([
    { ok: true, gtin: "09501101530003", expires: "2027-02-28", lot: "AB", serial: "S1" },
  ]);
  expect(decodeEpcText(["(01)09501101530004"], 2026)).toMatchObject([
    { ok: false, ai: "01", position: 0 },
  ]);
  expect(decodeEpcText(["urn:epc:tag:sgtin-96:9"])).toMatchObject([{ ok: false }]);
});
