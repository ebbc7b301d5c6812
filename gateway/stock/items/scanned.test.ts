import { describe, expect, test } from "vitest";
import { configSchema } from "../../../config/schema/config.ts";
import { ItemBook } from "./item-book.ts";
import { scanned } from "./scanned.ts";

const site = configSchema.parse({
  version: 1,
  gateway: { id: "g" },
  locations: { room: { kind: "room" } },
  items: {
    serum: { location: "room", gtin: "09504000123451" },
    flour: { location: "room", gtin: "4006381333931", unit: "kg" },
    "06901234567892": { location: "room" },
    "12345": { location: "room" },
  },
});
const items = new ItemBook(site, new Map());
const scan = (text: string, today = "2026-11-23") => scanned(text, today, items);

test("a bar code is an item with lot, serial number and last day of use", () => {
  const serum = { ok: true, item: "serum", gtin14: "09504000123451" };
  expect(scan("]C101095040001234512112345\x1d10ABC123\x1d17261231")).toEqual({
    ...serum,
    lot: "ABC123",
    serial: "12345",
    expires: "2026-12-31",
  });
  expect(scan("]d201095040001234511726120010LOT1")).toEqual({
    ...serum,
    lot: "LOT1",
    expires: "2026-12-31",
  });
  expect(scan("(01)09504000123451(17)280200(10)L-9")).toEqual({
    ...serum,
    lot: "L-9",
    expires: "2028-02-29",
  });
});

test.each([
  ["(01)09504000123451(30)12", 12],
  ["(02)09504000123451(37)24", 24],
  ["(01)04006381333931(3102)001250", 12.5],
  ["(01)09504000123451(3102)001250", undefined],
  ["(01)04006381333931(30)3", undefined],
])("%s counts %s", (text, quantity) => {
  const read = scan(text);
  expect(read.ok && read.quantity).toBe(quantity);
});

test("a bare GTIN of any length and an article number are items too", () => {
  expect(scan("9504000123451")).toMatchObject({ item: "serum" });
  expect(scan(" 06901234567892\r\n")).toMatchObject({ item: "06901234567892" });
  expect(scan("6901234567892")).toMatchObject({ item: "06901234567892" });
  expect(scan("12345")).toEqual({ ok: true, item: "12345" });
});

test("the century is the one nearest to today", () => {
  const expires = (yymmdd: string, today: string) => {
    const read = scan(`(01)09504000123451(17)${yymmdd}`, today);
    return read.ok ? read.expires : undefined;
  };
  expect(expires("760131", "2026-01-01")).toBe("2076-01-31");
  expect(expires("770131", "2026-01-01")).toBe("1977-01-31");
  expect(expires("010131", "2099-01-01")).toBe("2101-01-31");
});

describe("what is no goods is refused with its reason", () => {
  test.each([
    ["(00)106141412345678908", { reason: "no-item" }],
    ["(01)10614141073464", { reason: "unknown-item", gtin14: "10614141073464" }],
    ["(01)09504000123458", { reason: "unreadable", detail: "(01): the check digit is wrong" }],
    ["(01)09504000123451(17)270231", { reason: "unreadable", detail: "(17): 270231 is no date" }],
    ["(01)09504000123451(02)04006381333931(37)2", { reason: "contradictory", ai: "02" }],
    ["(01)09504000123451(10)A(10)B", { reason: "contradictory", ai: "10" }],
    ["hello", { reason: "unreadable", detail: "at 0: no GS1 application identifier" }],
    ["", { reason: "unreadable", detail: "at 0: empty" }],
  ])("%s", (text, wanted) => {
    expect(scan(text)).toEqual({ ok: false, ...wanted });
  });
});
