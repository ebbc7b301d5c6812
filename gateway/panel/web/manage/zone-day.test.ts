import { expect, test } from "vitest";
import { dayEnd, dayStart } from "./zone-day.ts";

const iso = (at: number) => new Date(at).toISOString();

test("a day begins when it does where the goods are", () => {
  expect(iso(dayStart("2026-11-22", "Asia/Shanghai"))).toBe("2026-11-21T16:00:00.000Z");
  expect(iso(dayEnd("2026-11-22", "Asia/Shanghai"))).toBe("2026-11-22T15:59:59.999Z");
  expect(iso(dayStart("2026-11-22", "UTC"))).toBe("2026-11-22T00:00:00.000Z");
});

test("the days on which clocks change have 23 and 25 hours", () => {
  const hours = (day: string) =>
    (dayEnd(day, "Europe/Berlin") + 1 - dayStart(day, "Europe/Berlin")) / 3_600_000;
  expect(hours("2026-03-29")).toBe(23);
  expect(hours("2026-10-25")).toBe(25);
  expect(iso(dayStart("2026-10-26", "Europe/Berlin"))).toBe("2026-10-25T23:00:00.000Z");
});

test("what is no day is no instant", () => {
  expect(dayStart("yesterday", "UTC")).toBeNaN();
});

test("far from Greenwich the clocks change before the day of that name begins in UTC", () => {
  expect(iso(dayStart("2026-04-05", "Pacific/Auckland"))).toBe("2026-04-04T11:00:00.000Z");
});
