import { expect, test } from "vitest";
import { configSchema } from "../schema/config.ts";
import { checkLimits } from "./limits.ts";
import { checkPlaces } from "./places.ts";
import type { Subject } from "./subject.ts";

function subject(sections: object): Subject {
  const rest = configSchema.parse({ version: 1, gateway: { id: "g" }, ...sections });
  return {
    config: { ...rest, channels: {}, profiles: {} },
    points: new Map(),
    settings: new Map(),
    claims: [],
    channels: [],
    devices: [],
    locations: [],
  };
}

const codes = (rules: object) => checkLimits(subject({ rules })).map(({ code }) => code);
const high = { point: "a/t", above: 8 };
const low = { point: "a/t", below: 2 };

test("a high limit above a low one is a band, whatever the order of the rules", () => {
  expect(codes({ low, high })).toEqual([]);
  expect(codes({ high, low, higher: { point: "a/t", atOrAbove: 12 } })).toEqual([]);
});

test("limits that meet or cross are reported once, across rules and within any", () => {
  expect(codes({ high, low: { point: "a/t", below: 8 } })).toEqual(["rule/limits-crossed"]);
  expect(codes({ both: { any: [{ ...high, above: 1 }, low] } })).toEqual(["rule/limits-crossed"]);
});

test("limits of different points do not meet", () => {
  expect(codes({ high, low: { point: "b/t", below: 20 } })).toEqual([]);
});

test("inside all, a low limit above a high one is a window and not a contradiction", () => {
  const window = [
    { point: "a/t", above: 2 },
    { point: "a/t", below: 8 },
  ];
  expect(codes({ window: { all: window } })).toEqual([]);
  expect(codes({ window: { all: [high, low] } })).toEqual(["rule/never"]);
});

test("a deadband must be smaller than the band to the opposite limit", () => {
  expect(codes({ low, high: { ...high, deadband: 5.9 } })).toEqual([]);
  expect(codes({ low, high: { ...high, deadband: 6 } })).toEqual(["rule/deadband-band"]);
});

test("a chain of locations that runs into a circle is reported once, at the circle", () => {
  const within = (id: string) => ({ kind: "room", within: id });
  const found = checkPlaces(
    subject({ locations: { a: within("b"), b: within("c"), c: within("b"), d: within("d") } }),
  );
  expect(found.map(({ params }) => params)).toEqual([
    { chain: ["b", "c", "b"] },
    { chain: ["d", "d"] },
  ]);
});
