import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tell } from "../../../config/language/check.ts";
import { configSchema } from "../../../config/schema/config.ts";
import { itemSchema } from "../../../config/schema/item.ts";
import { ItemBook, itemsMax, type RefusedItem } from "./item-book.ts";
import { writtenItem } from "./written-item.ts";

const site = configSchema.parse({
  version: 1,
  gateway: { id: "g" },
  locations: {
    shelf: {
      kind: "shelf",
      weight: "scale/weight",
      tare: "1.25 kg",
      capacity: "25 kg",
      division: "2 g",
    },
    bins: { kind: "shelf", weight: "bins/weight", mixed: true },
    room: { kind: "room" },
  },
  items: {
    insulin: {
      location: "shelf",
      unitWeight: "84.2 g",
      container: "120 g",
      gtin: "06901234567892",
      min: 20,
      at: { shelf: { min: 25, leadTime: "5d" } },
    },
    "4006381333931": { location: ["room", "bins"], unitWeight: "30 g", sampledPieces: 50 },
  },
  stock: { settle: "2s", confirm: "7s" },
});
const book = (saved: ReadonlyMap<string, unknown> = new Map()) => new ItemBook(site, saved);
const codes = (refused: readonly RefusedItem[]) =>
  refused.map(({ item, findings }) => [item, ...findings.map(({ code }) => code)]);

test("an item is found by its name, by its GTIN, by the one that its name is, and at its locations", () => {
  const items = book();
  expect(items.get("insulin")).toMatchObject({ id: "insulin", from: "configuration", min: 20 });
  expect(items.byGtin("06901234567892")?.id).toBe("insulin");
  expect(items.byGtin("04006381333931")?.id).toBe("4006381333931");
  expect(items.at("shelf").map(({ item }) => item.id)).toEqual(["insulin"]);
  expect([...items.stocked()].map(({ location, item }) => `${location} ${item.id}`).sort()).toEqual(
    ["bins 4006381333931", "room 4006381333931", "shelf insulin"],
  );
  expect(items.stockedAt("shelf", "insulin")?.policy).toMatchObject({
    min: 25,
    leadTimeMs: 5 * 86_400_000,
  });
  expect(items.stockedAt("room", "insulin")).toBeUndefined();
});

test("a shelf is told what lies on it, its tare, division and times", () => {
  expect(book().shelfSettings("shelf")).toEqual({
    location: "shelf",
    items: [{ item: "insulin", kg: 0.0842, spread: 0.01, sampled: 10, containerKg: 0.12 }],
    tareKg: 1.25,
    capacityKg: 25,
    divisionKg: 0.002,
    settleMs: 2_000,
    confirmMs: 7_000,
  });
  expect(book().shelfSettings("room")).toBeUndefined();
});

test("what is sold by weight is said to be", () => {
  const items = new ItemBook({ ...site, items: {} }, new Map());
  items.import([["flour", { location: "shelf", unit: "kg" }]]);
  expect(items.shelfSettings("shelf")?.items).toMatchObject([{ item: "flour", unit: "kg" }]);
});

describe("an import", () => {
  const rows = [
    ["gauze", { location: "room", name: "Gauze", min: 5, max: 50, leadTime: "36h" }],
    ["nut", { location: "bins", unitWeight: "12.5 g", gtin: "4012345678901" }],
  ] as const;

  test("is there at once, is there again after a start, and a second one changes nothing", () => {
    const items = book();
    const first = items.import(rows);
    expect(first).toMatchObject({ changed: ["gauze", "nut"], refused: [] });
    expect(items.byGtin("04012345678901")).toMatchObject({ id: "nut", from: "import" });
    expect(items.import(rows)).toEqual({ state: new Map(), changed: [], refused: [] });
    const again = book(first.state);
    expect(again.setAside).toEqual([]);
    expect([...again.all()]).toEqual([...items.all()]);
    expect([...again.stocked()]).toEqual([...items.stocked()]);
    expect(again.import(rows)).toEqual({ state: new Map(), changed: [], refused: [] });
  });

  test("changes what it changes: the old location and the old GTIN are free again", () => {
    const items = book();
    items.import(rows);
    const moved = items.import([["nut", { location: "room", gtin: "4012345678918" }]]);
    expect(moved.changed).toEqual(["nut"]);
    expect(items.at("bins").map(({ item }) => item.id)).toEqual(["4006381333931"]);
    expect(items.byGtin("04012345678901")).toBeUndefined();
    expect(items.byGtin("04012345678918")?.id).toBe("nut");
    expect(items.import([["bolt", { location: "room", gtin: "4012345678901" }]]).refused).toEqual(
      [],
    );
  });

  test("never overrules the configuration, and takes nothing that the configuration could not hold", () => {
    const items = book();
    const { state, changed, refused } = items.import([
      ["insulin", { location: "room" }],
      ["nowhere", { location: "attic" }],
      ["placeless", { min: 1 }],
      ["second", { location: "shelf", unitWeight: "10 g" }],
      ["weightless", { location: "bins" }],
      ["zero", { location: "room", unitWeight: "0 g" }],
      ["pounds", { location: "room", unitWeight: "3 lb" }],
      ["upside-down", { location: "room", min: 9, max: 3 }],
      ["mistyped", { location: "room", gtin: "4006381333932" }],
      ["taken", { location: "room", gtin: "4006381333931" }],
      ["dated", { location: "room", lots: [{ lot: "A", expires: "2027-02-31" }] }],
      ["odd", { location: "room", minimum: 4 }],
      ["not a name", { location: "room" }],
      ["no-item", "room"],
      ["good", { location: "room" }],
    ]);
    expect(changed).toEqual(["good"]);
    expect([...state.keys()]).toEqual(["item/good"]);
    expect(codes(refused)).toEqual([
      ["insulin", "item/configured"],
      ["nowhere", "reference/location"],
      ["placeless", "item/no-location"],
      ["second", "item/scale-shared"],
      ["weightless", "item/no-unit-weight"],
      ["zero", "item/zero-weight"],
      ["pounds", "quantity/mass"],
      ["upside-down", "item/limits"],
      ["mistyped", "item/gtin-check"],
      ["taken", "item/gtin-twice"],
      ["dated", "item/date"],
      ["odd", "schema/unknown-key"],
      ["not a name", "schema/id"],
      ["no-item", "schema/type"],
    ]);
    for (const { findings } of refused) {
      for (const { code, params } of findings) {
        for (const language of ["en", "zh"] as const) {
          expect(tell(code, params, language)[0]).not.toContain("undefined");
        }
      }
    }
    expect(items.get("insulin")?.location).toEqual(["shelf"]);
  });

  test("says who has the scale or the GTIN, of items that were imported too", () => {
    const items = book();
    items.import(rows);
    const { refused } = items.import([
      ["washer", { location: "room", gtin: "04012345678901" }],
      ["rice", { location: "bins", unit: "kg" }],
    ]);
    expect(refused.map(({ findings }) => findings.map(({ params }) => params))).toEqual([
      [{ gtin: "04012345678901", other: "nut", line: undefined }],
      [{ location: "bins", other: "items.4006381333931", line: undefined }],
    ]);
  });

  test("that does not fit the configuration any more is left aside, and named", () => {
    const saved = new Map<string, unknown>([
      ["item/insulin", { location: "room" }],
      ["item/moved", { location: "attic" }],
      ["item/broken", 7],
      ["item/fine", { location: "room" }],
      ["other/thing", {}],
    ]);
    const items = book(saved);
    expect(codes(items.setAside)).toEqual([
      ["insulin", "item/configured"],
      ["moved", "reference/location"],
      ["broken", "schema/type"],
    ]);
    expect(items.size).toBe(3);
  });

  test("ends where the memory of a small machine would", () => {
    const items = book();
    const many = Array.from(
      { length: itemsMax },
      (_, at) => [`part-${at}`, { location: "room" }] as const,
    );
    const { changed, refused } = items.import(many);
    expect(items.size).toBe(itemsMax);
    expect(changed).toHaveLength(itemsMax - 2);
    expect(codes(refused)).toEqual([
      [`part-${itemsMax - 2}`, "item/too-many"],
      [`part-${itemsMax - 1}`, "item/too-many"],
    ]);
    // One that is known can still be changed.
    expect(items.import([["part-7", { location: "room", min: 1 }]]).changed).toEqual(["part-7"]);
  });
});

test("what is written of any item reads as the same item", () => {
  const amount = fc.integer({ min: 0, max: 100_000 });
  const ms = fc.integer({ min: 3_600_000, max: 300_000_000 }).map((it) => `${it}ms`);
  const mass = fc
    .tuple(fc.integer({ min: 1, max: 10_000_000 }), fc.constantFrom("mg", "g", "kg"))
    .map(([value, unit]) => `${value / 1000} ${unit}`)
    .filter((text) => !text.includes("e"));
  const limits = {
    min: amount,
    max: amount,
    reorderPoint: amount,
    leadTime: ms,
    leadTimeSpread: ms,
    review: ms,
    serviceLevel: fc.double({ min: 0.5, max: 0.9999, noNaN: true }),
  };
  const part = { requiredKeys: [] };
  const items = fc.record(
    {
      name: fc.string(),
      gtin: fc.constantFrom("4006381333931", "06901234567892"),
      location: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1 }),
      unit: fc.constantFrom("pcs", "kg", "L", "m"),
      unitWeight: mass,
      unitWeightSpread: fc.double({ min: 0, max: 0.5, noNaN: true }),
      sampledPieces: fc.integer({ min: 1, max: 100_000 }),
      container: mass,
      ...limits,
      expiryTiers: fc.array(ms, { minLength: 1, maxLength: 8 }),
      deadAfter: fc.constantFrom("1d", "36.5d", "1234567890ms"),
      lots: fc.constantFrom([], [{ lot: "A" }], [{ lot: "B/1", expires: "2028-02-29" }]),
      at: fc.dictionary(fc.constantFrom("a", "b"), fc.record(limits, part)),
    },
    part,
  );
  fc.assert(
    fc.property(items, (given) => {
      const item = itemSchema.parse(given);
      const stored: unknown = JSON.parse(JSON.stringify(writtenItem(item)));
      expect(itemSchema.parse(stored)).toEqual(item);
    }),
    { numRuns: 300 },
  );
});
