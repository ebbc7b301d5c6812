import { expect, test } from "vitest";
import { createFormat, unitGap, unitText } from "./format.ts";

const shanghai = createFormat("en", "Asia/Shanghai");

test("units are shown as people write them", () => {
  expect(["Cel", "%", "kg", "m3/h"].map(unitText)).toEqual(["°C", "%", "kg", "m³/h"]);
  expect(unitText(undefined)).toBe("");
  expect(unitGap("%")).toBe("");
  expect(shanghai.quantity(8.6, "Cel")).toBe("8.6\u00a0°C");
  expect(shanghai.quantity(61.25, "%")).toBe("61.25%");
});

test("a temperature keeps one decimal, so that it does not jump between 8 and 8.1", () => {
  expect(shanghai.number(8, "Cel")).toBe("8.0");
  expect(shanghai.number(8, "kg")).toBe("8");
});

test("small numbers do not become zero and large ones lose what nobody reads", () => {
  expect(shanghai.number(0.001234)).toBe("0.00123");
  expect(shanghai.number(0)).toBe("0");
  expect(shanghai.number(-0.5, "Cel")).toBe("-0.5");
  expect(shanghai.number(101_325.678)).toBe("101,325.7");
});

test("a time is the clock of the gateway's zone, with the date when it was another day there", () => {
  const now = Date.UTC(2026, 10, 22, 4, 0);
  expect(shanghai.time(Date.UTC(2026, 10, 22, 1, 5), now)).toBe("09:05");
  expect(shanghai.time(Date.UTC(2026, 10, 21, 15, 59), now)).toBe("21 Nov, 23:59");
  expect(shanghai.time(Date.UTC(2026, 10, 21, 16, 0), now)).toBe("00:00");
  expect(createFormat("zh", "Asia/Shanghai").time(Date.UTC(2026, 10, 20, 1, 5), now)).toBe(
    "11月20日 09:05",
  );
});

test("a time of another year says which: whoever audits looks back further", () => {
  const now = Date.UTC(2026, 10, 22, 4, 0);
  expect(shanghai.time(Date.UTC(2025, 11, 31, 15, 59), now)).toBe("31 Dec 2025, 23:59");
  expect(shanghai.time(Date.UTC(2025, 11, 31, 16, 0), now)).toBe("1 Jan, 00:00");
});

test("a zone that the browser does not know still gives a page", () => {
  expect(createFormat("en", "Mars/Olympus").clock(0)).toMatch(/^\d\d:\d\d$/);
  expect(createFormat("en", undefined).clock(0)).toMatch(/^\d\d:\d\d$/);
});
