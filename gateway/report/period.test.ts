import { expect, test } from "vitest";
import { periodDaysMax, periodOf } from "./period.ts";

const hour = 3_600_000;
const now = Date.UTC(2026, 10, 22, 12);

function period(asked: Parameters<typeof periodOf>[0], timezone = "Asia/Shanghai") {
  const { from, to, open } = periodOf(asked, { timezone, now, language: "en" });
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), open };
}

test("without anything it is yesterday where the gateway stands", () => {
  expect(period({})).toEqual({
    from: "2026-11-20T16:00:00.000Z",
    to: "2026-11-21T16:00:00.000Z",
    open: false,
  });
});

test("a month and a last day are whole ones of the gateway's time zone", () => {
  const october = { from: "2026-09-30T16:00:00.000Z", to: "2026-10-31T16:00:00.000Z", open: false };
  expect(period({ month: "2026-10" })).toEqual(october);
  expect(period({ from: "2026-10-01", to: "2026-10-31" })).toEqual(october);
});

test("a day on which clocks change has 25 or 23 hours", () => {
  const lengthOf = (day: string) => {
    const { from, to } = periodOf(
      { from: day, to: day },
      { timezone: "Europe/Berlin", now, language: "en" },
    );
    return (to - from) / hour;
  };
  expect(lengthOf("2026-10-25")).toBe(25);
  expect(lengthOf("2026-03-29")).toBe(23);
  expect(lengthOf("2026-03-30")).toBe(24);
});

test("times are local, or what their zone says", () => {
  expect(period({ from: "2026-10-01T08:30", to: "2026-10-01T02:00:00Z" })).toEqual({
    from: "2026-10-01T00:30:00.000Z",
    to: "2026-10-01T02:00:00.000Z",
    open: false,
  });
});

test("a period that goes on ends now, and says so", () => {
  expect(period({ from: "2026-11-20", to: "2026-11-30" })).toEqual({
    from: "2026-11-19T16:00:00.000Z",
    to: "2026-11-22T12:00:00.000Z",
    open: true,
  });
});

test.each([
  [{ month: "2026-13" }, "no month"],
  [{ month: "10" }, "no month"],
  [{ from: "2026-02-30" }, "no time"],
  [{ from: "2026-10-01T25:00" }, "no time"],
  [{ from: "yesterday" }, "no time"],
  [{ from: "1" }, "no time"],
  [{ from: "2026-10-02", to: "2026-10-01T00:00" }, "ends before"],
  [{ from: "2027-01-01", to: "2027-01-02" }, "not begun"],
  [{ month: "2027-01" }, "not begun"],
  [{ from: "2020-01-01", to: "2026-01-01" }, `${periodDaysMax} days`],
  [{ month: "2026-10", from: "2026-10-01" }, "not both"],
])("%j is refused", (asked, why) => {
  expect(() => period(asked)).toThrow(why);
});
