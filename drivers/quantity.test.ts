import fc from "fast-check";
import { expect, test } from "vitest";
import {
  duration,
  formatDuration,
  mass,
  parseDuration,
  parseMass,
  suggestDuration,
  suggestMass,
} from "./quantity.ts";

test("durations are read with their unit, and only with it", () => {
  expect(parseDuration("500ms")).toBe(500);
  expect(parseDuration("1.5 d")).toBe(129_600_000);
  expect(parseDuration("5min")).toBe(300_000);
  for (const text of ["10", "5m", "-1s", "1e3s", "", "s", "5 min 3 s", "99999d"])
    expect(parseDuration(text), text).toBeUndefined();
});

test("masses are read exactly", () => {
  expect(parseMass("84.2 g")).toBe(0.0842);
  expect(parseMass("1.25 kg")).toBe(1.25);
  expect(parseMass("84.2")).toBeUndefined();
});

test("a written duration reads back as itself", () => {
  fc.assert(
    fc.property(fc.nat(10 * 365 * 86_400_000), (ms) => parseDuration(formatDuration(ms)) === ms),
  );
  expect(formatDuration(90_000)).toBe("90s");
  expect(formatDuration(0)).toBe("0ms");
});

test("a duration outside of its limits names both limits", () => {
  const issue = duration({ min: 1_000, max: 60_000 }).safeParse("2min").error?.issues[0];
  expect(issue).toMatchObject({
    message: "quantity/duration-range",
    params: { min: "1s", max: "1min" },
  });
});

test("a number in place of a quantity gets the quantity's own message", () => {
  expect(duration().safeParse(10).error?.issues[0]?.message).toBe("quantity/duration");
  expect(mass().safeParse(84.2).error?.issues[0]?.message).toBe("quantity/mass");
});

test("what people write instead is turned into what they meant", () => {
  expect(suggestDuration("10")).toEqual(["10s", "10min"]);
  expect(suggestDuration("5 Minutes")).toEqual(["5min"]);
  expect(suggestDuration("5m")).toEqual(["5min"]);
  expect(suggestDuration("10 秒")).toEqual(["10s"]);
  expect(suggestDuration("soon")).toEqual([]);
  expect(suggestMass("84.2 grams")).toEqual(["84.2g"]);
  expect(suggestMass("3")).toEqual(["3g", "3kg"]);
  expect(suggestMass("2 公斤")).toEqual(["2kg"]);
});
