import fc from "fast-check";
import { expect, test } from "vitest";
import { checkDigit, gtin14, hasCheckDigit } from "./check-digit.ts";
import { dateOf } from "./date.ts";
import { parseElementString } from "./element-string.ts";

const year = 2026;

test("as people write it and as a reader sends it, it is the same", () => {
  const written = parseElementString("(01)09501101530003(17)270200(10)AB-12(21)7", year);
  const sent = parseElementString("]d201095011015300031727020010AB-12\x1d217", year);
  expect(written).toEqual(sent);
  expect(written).toEqual({
    ok: true,
    elements: [
      { ai: "01", value: "09501101530003", meaning: "gtin" },
      { ai: "17", value: "270200", meaning: "expiry date", date: "2027-02-28" },
      { ai: "10", value: "AB-12", meaning: "lot" },
      { ai: "21", value: "7", meaning: "serial" },
    ],
  });
});

test.each([
  ["]C100106141412345678908", [["00", "106141412345678908", undefined]]],
  [
    "(3103)001250(37)12",
    [
      ["3103", "001250", 1.25],
      ["37", "12", 12],
    ],
  ],
  ["(30)00012", [["30", "00012", 12]]],
  ["(3932)978000499", [["3932", "978000499", 4.99]]],
  ["(3100)000017", [["3100", "000017", 17]]],
  ["(8003)0061414112345232a/b", [["8003", "0061414112345232a/b", undefined]]],
  ["(253)0614141123452", [["253", "0614141123452", undefined]]],
  [
    "(10)A(B)C(21)1",
    [
      ["10", "A(B)C", undefined],
      ["21", "1", undefined],
    ],
  ],
  [
    "\x1d10A\x1d\x1d21B\x1d",
    [
      ["10", "A", undefined],
      ["21", "B", undefined],
    ],
  ],
  ["(421)156200000", [["421", "156200000", undefined]]],
])("%j is read", (text, expected) => {
  const parsed = parseElementString(text, year);
  const found = parsed.ok ? parsed.elements.map((it) => [it.ai, it.value, it.number]) : parsed;
  expect(found).toEqual(expected);
});

test.each([
  ["(01)09501101530004", 0, "01", "check digit"],
  ["(01)0950110153000", 0, "01", "too short"],
  ["(01)095011015300033", 0, "01", "too long"],
  ["(01)0950110153000A", 0, "01", "digits"],
  ["(10)A(17)271301", 5, "17", "no date"],
  ["(17)270230", 0, "17", "no date"],
  ["(10)123456789012345678901", 0, "10", "too long"],
  ["(10)", 0, "10", "too short"],
  ["(10)Ä", 0, "10", "not allowed"],
  ["(05)1", 0, undefined, "application identifier"],
  ["(1)1", 0, undefined, "application identifier"],
  ["(3109)000001", 0, undefined, "application identifier"],
  ["]C110AB\x1d0109501101530004", 8, "01", "check digit"],
  ["]C110AB\x1dXX", 8, undefined, "application identifier"],
  ["]C1", 0, undefined, "empty"],
  ["", 0, undefined, "empty"],
])("%j is refused at %i (%s): %s", (text, position, ai, reason) => {
  const parsed = parseElementString(text, year);
  expect(parsed).toMatchObject({ ok: false, position, ...(ai === undefined ? {} : { ai }) });
  expect(parsed.ok ? "" : parsed.reason).toContain(reason);
});

test("a text of any length ends in an answer, and one above the limit is not read", () => {
  expect(parseElementString(`(10)${"A".repeat(5_000)}`, year)).toMatchObject({
    ok: false,
    position: 4_096,
  });
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(typeof parseElementString(text, year).ok).toBe("boolean");
      expect(typeof parseElementString(`]d2${text}`, year).ok).toBe("boolean");
    }),
  );
});

test.each([
  ["270200", 2026, "2027-02-28"],
  ["280200", 2026, "2028-02-29"],
  ["261231", 2026, "2026-12-31"],
  ["760101", 2026, "2076-01-01"],
  ["770101", 2026, "1977-01-01"],
  ["000101", 1990, "2000-01-01"],
  ["450101", 1995, "2045-01-01"],
  ["460101", 1995, "1946-01-01"],
  ["261301", 2026, undefined],
  ["260001", 2026, undefined],
  ["260431", 2026, undefined],
  ["26043", 2026, undefined],
])("the date %s is, in %i, %s", (digits, at, date) => {
  expect(dateOf(digits, at)).toBe(date);
});

test.each([
  ["96385074", "00000096385074"],
  ["614141123452", "00614141123452"],
  ["0614141123452", "00614141123452"],
  ["80614141123458", "80614141123458"],
  ["80614141123457", undefined],
  ["123", undefined],
  ["6141411234A2", undefined],
])("the article number %s in 14 digits is %s", (digits, expected) => {
  expect(gtin14(digits)).toBe(expected);
});

test("a check digit finds every single wrong digit", () => {
  fc.assert(
    fc.property(
      fc.stringMatching(/^\d{1,17}$/),
      fc.nat(),
      fc.integer({ min: 1, max: 9 }),
      (text, at, by) => {
        const whole = text + checkDigit(text);
        expect(hasCheckDigit(whole)).toBe(true);
        const place = at % whole.length;
        const wrong = (Number(whole[place]) + by) % 10;
        expect(hasCheckDigit(whole.slice(0, place) + wrong + whole.slice(place + 1))).toBe(false);
      },
    ),
  );
});
