import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadText } from "../load.ts";

const head = `version: 1
gateway: { id: g }
channels:
  rack: { driver: scale, port: "tcp://10.0.0.21:4001", protocol: mt-sics, devices: { scale: {} } }
`;

/** Code and path of everything that is wrong. */
function found(rest: string): readonly string[] {
  const loaded = loadText(head + rest, "gateway.yaml");
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  return problems.map(({ code, path }) => `${code} ${path}`);
}

const shelf = (settings: string, items: string) =>
  found(`locations: { shelf: { kind: shelf, weight: scale/weight${settings} } }\nitems:\n${items}`);

test("one item on a scale is all that a shelf needs", () => {
  expect(shelf("", "  a: { location: shelf, unitWeight: 84.2 g }")).toEqual([]);
  expect(shelf("", "  flour: { location: shelf, unit: kg }")).toEqual([]);
});

test("a scale in pounds is refused until it is converted", () => {
  const weighs = (settings: string) =>
    found(`  bus:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices: { plc: { unitId: 1, points: { load: { table: holding, address: 1, type: float32${settings} } } } }
locations: { shelf: { kind: shelf, weight: plc/load } }`);
  expect(weighs(', unit: "[lb_av]"')).toEqual(["location/weight-unit locations.shelf.weight"]);
  expect(weighs("")).toEqual(["location/weight-unit locations.shelf.weight"]);
  expect(weighs(", unit: t")).toEqual(["location/weight-unit locations.shelf.weight"]);
  expect(weighs(', unit: "[lb_av]", convertTo: kg')).toEqual([]);
  expect(weighs(', unit: "[lb_av]", convertTo: g')).toEqual([]);
});

describe("items that share a scale", () => {
  const pair = (settings: string, b: string) =>
    shelf(
      `, mixed: true${settings}`,
      `  a: { location: shelf, unitWeight: 100 g }\n  b: { location: shelf, ${b} }`,
    );

  test("are told apart by pieces that differ by more than three standard deviations", () => {
    // Both with 1 %: the difference has 1.44 g, three of them are 4.3 g.
    expect(pair("", "unitWeight: 105 g")).toEqual([]);
    expect(pair("", "unitWeight: 104 g")).toEqual(["item/alike items.b.location"]);
    expect(pair("", "unitWeight: 104 g, unitWeightSpread: 0")).toEqual([]);
    expect(pair(", division: 10 g", "unitWeight: 105 g")).toEqual(["item/alike items.b.location"]);
  });

  test("all weigh by the piece", () => {
    expect(pair("", "unit: kg")).toEqual(["item/mixed-bulk items.b.location"]);
  });

  test("are alike in either order", () => {
    const grams = fc.integer({ min: 20, max: 200 });
    fc.assert(
      fc.property(grams, grams, fc.constantFrom(0.001, 0.01, 0.05), (a, b, spread) => {
        const two = (first: number, second: number) =>
          shelf(
            ", mixed: true",
            [first, second]
              .map(
                (g, i) =>
                  `  i${i}: { location: shelf, unitWeight: ${g} g, unitWeightSpread: ${spread} }`,
              )
              .join("\n"),
          );
        expect(two(a, b)).toEqual(two(b, a));
      }),
      { numRuns: 20 },
    );
  });
});

test("limits are compared as they hold at each location", () => {
  const limits = (rest: string) =>
    found(`locations: { a: { kind: rack }, b: { kind: rack } }
items: { x: { location: [a, b], ${rest} } }`);
  expect(limits("min: 5, max: 5, reorderPoint: 5")).toEqual([]);
  expect(limits("min: 5, at: { a: { max: 4 }, b: { max: 6 } }")).toEqual([
    "item/limits items.x.at.a.max",
  ]);
  expect(limits("max: 9, at: { b: { reorderPoint: 10 } }")).toEqual([
    "item/limits items.x.at.b.reorderPoint",
  ]);
  expect(limits("max: 9, min: 10, at: { b: { leadTime: 2d } }")).toEqual([
    "item/limits items.x.min",
  ]);
});

test("one mistake in an item hides no other, and none in another item", () => {
  expect(
    found(`locations: { a: { kind: rack } }
items:
  x: { location: nowhere, lots: [{ lot: A, expires: 2026-02-30 }], gtin: "4006381333932" }
  y: { unitWeight: 0 g, location: a }
  z: { location: a, gtin: "4006381333931" }
  w: { location: a, gtin: "4006381333931" }`),
  ).toEqual([
    "reference/location items.x.location",
    "item/date items.x.lots[0].expires",
    "item/gtin-check items.x.gtin",
    "item/zero-weight items.y.unitWeight",
    "item/gtin-twice items.w.gtin",
  ]);
});

test("a name that is a GTIN counts as one, with or without leading zeros", () => {
  const twice = (id: string, gtin: string) =>
    found(`locations: { a: { kind: rack } }
items: { "${id}": { location: a }, other: { location: a, gtin: "${gtin}" } }`);
  expect(twice("4006381333931", "04006381333931")).toEqual(["item/gtin-twice items.other.gtin"]);
  expect(twice("14006381333938", "4006381333931")).toEqual([]);
  // An article number of eight digits needs no check digit.
  expect(twice("12345678", "4006381333931")).toEqual([]);
  expect(twice("4006381333930", "4006381333931")).toEqual(["item/id-gtin items.4006381333930"]);
});

test("every day that exists is a date, and no other", () => {
  const lot = (expires: string) =>
    found(`locations: { a: { kind: rack } }
items: { x: { location: a, lots: [{ lot: L, expires: ${expires} }] } }`);
  const days = fc.record({
    year: fc.integer({ min: 2000, max: 2099 }),
    month: fc.integer({ min: 1, max: 12 }),
    day: fc.integer({ min: 1, max: 31 }),
  });
  fc.assert(
    fc.property(days, ({ year, month, day }) => {
      const last = [31, year % 4 === 0 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
      const pad = (value: number) => String(value).padStart(2, "0");
      const wrong = lot(`${year}-${pad(month)}-${pad(day)}`);
      expect(wrong).toEqual(
        day <= (last[month - 1] ?? 0) ? [] : ["item/date items.x.lots[0].expires"],
      );
    }),
    { numRuns: 60 },
  );
});
