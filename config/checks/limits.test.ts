import { expect, test } from "vitest";
import { rulesOf } from "../rules-of.ts";
import { configSchema } from "../schema/config.ts";
import { checkLimits } from "./limits.ts";
import { checkPlaces } from "./places.ts";
import type { Subject } from "./subject.ts";

function subject(sections: object): Subject {
  const rest = configSchema.parse({ version: 1, gateway: { id: "g" }, ...sections });
  const config = { ...rest, channels: {}, profiles: {} };
  return {
    config,
    rules: rulesOf(config),
    now: 0,
    points: new Map(),
    settings: new Map(),
    claims: [],
    channels: [],
    devices: [],
    locations: [],
    sections: [],
    lineOf: () => 1,
    names: { schedule: [], receiver: [], ladder: [], annunciator: [], rule: [] },
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

test("levels lie in their order, within a rule and across the rules of a point", () => {
  const levels = (given: object, point = "a/t") => ({ point, levels: given });
  expect(codes({ t: levels({ H: { above: 8 }, HH: { above: 10 }, L: { below: 2 } }) })).toEqual([]);
  expect(codes({ t: levels({ H: { above: 10 }, HH: { above: 8 } }) })).toEqual([
    "rule/levels-crossed",
  ]);
  expect(codes({ t: levels({ L: { below: 2 }, LL: { atOrBelow: 2 } }) })).toEqual([
    "rule/levels-crossed",
  ]);
  const other = levels({ HH: { above: 9 } });
  expect(codes({ t: levels({ H: { above: 10 } }), other })).toEqual(["rule/levels-crossed"]);
  expect(codes({ t: levels({ H: { above: 10 } }, "b/t"), other })).toEqual([]);
  expect(codes({ t: levels({ H: { below: 10 } }) })).toEqual(["rule/level-side"]);
});

test("a low level above a high limit of another rule crosses it", () => {
  expect(codes({ high, t: { point: "a/t", levels: { L: { below: 9 } } } })).toEqual([
    "rule/limits-crossed",
  ]);
});

test("a difference or a ratio is on another scale than its point", () => {
  expect(codes({ high, d: { point: "a/t", minus: "b/t", below: 20 } })).toEqual([]);
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
