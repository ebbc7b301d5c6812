import fc from "fast-check";
import { expect, test } from "vitest";
import { guarded, readDate, readNumber, readText, readTime, readWeight } from "./cell.ts";

test.each([
  ["12", ",", 12],
  ["-3", ",", -3],
  ["84.125", ",", 84.125],
  ["0.234", ";", 0.234],
  ["84,2", ";", 84.2],
  ["84,25", ",", 84.25],
  ["0,234", ",", 0.234],
  ["1,234.5", ",", 1234.5],
  ["1.234,5", ";", 1234.5],
  ["1,234,567", ",", 1234567],
  ["1.234.567", ";", 1234567],
  ["1 234", ",", 1234],
  ["1\u00a0234,5", ";", 1234.5],
  ["1'234.5", ",", 1234.5],
  ["１２．５", ",", 12.5],
  ["1.2E+3", ",", 1200],
  [".5", ",", 0.5],
])("%s is read as a number", (cell, delimiter, value) => {
  expect(readNumber(cell, delimiter)).toEqual({ value });
});

test.each([
  ["1,234", ",", "number-ambiguous"],
  ["1,234", ";", "number-ambiguous"],
  ["1.234", ";", "number-ambiguous"],
  ["1,23,456", ",", "number"],
  ["12 pcs", ",", "number"],
  ["1.2.3", ",", "number"],
  ["--", ",", "formula"],
  ["=1", ",", "formula"],
  ["0x10", ",", "number"],
  ["Infinity", ",", "number"],
  ["", ",", "number"],
])("%s is no number that can be taken", (cell, delimiter, reason) => {
  expect(readNumber(cell, delimiter)).toEqual({ reason });
});

test("a formula is refused where text is expected, a negative number is none", () => {
  for (const cell of ["=1+2", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =A1"])
    expect(readText(cell)).toEqual({ reason: "formula" });
  for (const cell of ["-5", "+8613800138000", "－５", "a=b", "-"])
    expect(readText(cell)).toEqual({ value: cell });
});

test("what we guard comes back as it was, and never begins like a formula", () => {
  const text = fc
    .tuple(fc.constantFrom("", "'", "''", "=", "-", "@", "+", "'=", "\t"), fc.string())
    .map((parts) => parts.join("").trim());
  fc.assert(
    fc.property(text, (given) => {
      const written = guarded(given);
      expect(written).not.toMatch(/^[=+\-@\t\r]/);
      expect(readText(written)).toEqual({ value: given });
    }),
  );
});

test.each([
  ["84.2 g", false, { value: 84.2 }],
  ["84.2", true, { value: 84.2 }],
  ["84.2", false, { reason: "weight" }],
  ["1.5kg", false, { value: 1500 }],
  ["２公斤", false, { value: 2000 }],
  ["500 毫克", false, { value: 0.5 }],
  ["1 lb", true, { reason: "pounds" }],
  ["8 OZ", true, { reason: "pounds" }],
  ["heavy", true, { reason: "weight" }],
  ["=A1", true, { reason: "formula" }],
])("the weight %s", (cell, isInGrams, found) => {
  expect(readWeight(cell, ",", isInGrams)).toEqual(found);
});

test.each([
  ["2027-03-31", { value: "2027-03-31" }],
  ["2027/3/1", { value: "2027-03-01" }],
  ["20270331", { value: "2027-03-31" }],
  ["２０２７年３月３１日", { value: "2027-03-31" }],
  ["2027-03-31 00:00:00", { value: "2027-03-31" }],
  ["2028-02-29", { value: "2028-02-29" }],
  ["2027-02-29", { reason: "no-day" }],
  ["2027-02-31", { reason: "no-day" }],
  ["2027-13-01", { reason: "no-day" }],
  ["03/04/2027", { reason: "date-order" }],
  ["31.12.27", { reason: "date-order" }],
  ["46112", { reason: "date" }],
  ["soon", { reason: "date" }],
])("the date %s", (cell, found) => {
  expect(readDate(cell)).toEqual(found);
});

test("a time without an offset is the gateway's, also around a change of the clocks", () => {
  const berlin = (at: number) => (at >= Date.UTC(2026, 9, 25, 1) ? "+01:00" : "+02:00");
  expect(readTime("2026-10-25 01:30", berlin)).toEqual({ value: Date.UTC(2026, 9, 24, 23, 30) });
  expect(readTime("2026/10/25 4:30", berlin)).toEqual({ value: Date.UTC(2026, 9, 25, 3, 30) });
  expect(readTime("2026-10-25", berlin)).toEqual({ value: Date.UTC(2026, 9, 24, 22) });
  expect(readTime("2026-10-25T04:30:15Z", berlin)).toEqual({
    value: Date.UTC(2026, 9, 25, 4, 30, 15),
  });
  expect(readTime("2026-10-25 25:00", berlin)).toEqual({ reason: "time" });
  expect(readTime("04:30", berlin)).toEqual({ reason: "time" });
});
