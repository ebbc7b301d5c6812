import { expect, test } from "vitest";
import { durationText } from "./duration.ts";

const words = {
  seconds: (n: number) => `${n}s`,
  minutes: (n: number) => `${n}m`,
  hours: (n: number) => `${n}h`,
  days: (n: number) => `${n}d`,
};
const minute = 60_000;

test("a time span is said in its two largest units, rounded down", () => {
  const said = [-5, 59_999, minute, 59.9 * minute, 60 * minute, 95.9 * minute, 2_879 * minute];
  expect(said.map((ms) => durationText(ms, words))).toEqual([
    "0s",
    "59s",
    "1m",
    "59m",
    "1h",
    "1h 35m",
    "47h 59m",
  ]);
  expect(durationText(48 * 60 * minute, words)).toBe("2d");
  expect(durationText(75.5 * 60 * minute, words)).toBe("3d 3h");
});
