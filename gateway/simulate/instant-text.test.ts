import fc from "fast-check";
import { expect, test } from "vitest";
import { parseInstant } from "./instant-text.ts";

test("every instant that a program writes is read as it was", () => {
  const years = { min: Date.UTC(1970, 0), max: Date.UTC(2999, 0) };
  fc.assert(
    fc.property(fc.integer(years), (at) => {
      expect(parseInstant(new Date(at).toISOString())).toBe(at);
    }),
  );
});

test.each([
  ["2026-03-01T08:00:00Z", "2026-03-01T08:00:00.000Z"],
  ["2026-03-01T08:00:00", "2026-03-01T08:00:00.000Z"],
  ["2026-03-01t08:00z", "2026-03-01T08:00:00.000Z"],
  ["2026-03-01 16:00:00.5+08:00", "2026-03-01T08:00:00.500Z"],
  ["2026-03-01T00:00:00-0330", "2026-03-01T03:30:00.000Z"],
  ["2026-03-01T23:59:59.999999999Z", "2026-03-01T23:59:59.999Z"],
  ["2024-02-29T00:00:00+00", "2024-02-29T00:00:00.000Z"],
])("%s is %s", (text, expected) => {
  expect(new Date(parseInstant(text) ?? Number.NaN).toISOString()).toBe(expected);
});

test.each([
  ...["", "now", "1772352000000", "2026-03-01", "01.03.2026 08:00", "2026-3-1T08:00:00Z"],
  ...["2026-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z"],
  ...["2026-03-00T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T08:60:00Z"],
  ...["2026-03-01T08:00:60Z", "2026-03-01T08:00:00+24:00", "2026-03-01T08:00:00Zx"],
])('"%s" is no time', (text) => {
  expect(parseInstant(text)).toBeUndefined();
});
