import { expect, test } from "vitest";
import { configSchema } from "../../../config/schema/config.ts";
import { explainStock, saidItemsMax, saidLocationsMax } from "./explain-stock.ts";

const site = (sections: object) =>
  configSchema.parse({ version: 1, gateway: { id: "g" }, ...sections });

test("a shelf reads as what is weighed, how far its count is exact, and when it warns", () => {
  const config = site({
    locations: {
      shelf: {
        kind: "shelf",
        weight: "scale/weight",
        tare: "1.25 kg",
        capacity: "25 kg",
        tags: "reader/tags",
      },
      bin: { kind: "shelf", weight: "bin/weight", division: "5 g" },
      room: { kind: "room" },
      empty: { kind: "room" },
    },
    items: {
      insulin: {
        name: "Insulin",
        location: ["shelf", "room"],
        unitWeight: "84.2 g",
        min: 20,
        max: 120,
        leadTime: "5d",
        at: { room: { reorderPoint: 40 } },
      },
      flour: { location: "bin", unit: "kg" },
    },
    stock: {
      notify: ["buyer"],
      warnings: { out: { priority: "critical" }, missing: { enabled: false } },
    },
  });
  const said = Object.fromEntries(explainStock(config, "en").map(({ id, text }) => [id, text]));
  expect(said["shelf"]).toBe(
    "weighs by scale/weight, tare 1.25 kg, division 1 g, carries 25 kg. Counts what reader/tags reads. " +
      "insulin (Insulin): 84.2 g a piece, counted exactly up to 89. Warns below 20 pcs, above 120 pcs, " +
      "when what is there will not outlast a delivery in 5 d with 95 %.",
  );
  expect(said["bin"]).toBe(
    "weighs by bin/weight, tare 0 g, division 5 g. flour: in kg. " +
      "No leadTime: nothing is said of cover against the delivery.",
  );
  expect(said["room"]).toMatch(
    /^Counts what is booked. insulin \(Insulin\). .* position of 40 pcs/,
  );
  expect(said["empty"]).toBeUndefined();
  expect(said["stock.warnings"]).toMatch(/^out \(critical\), .*: tells buyer. Off: missing.$/);
  for (const { text } of explainStock(config, "zh")) expect(text).not.toMatch(/undefined|Warns/);
});

test("nothing is said of a gateway without items", () => {
  expect(explainStock(site({ locations: { room: { kind: "room" } } }), "en")).toEqual([]);
});

test("of many locations and items the first are said, the others counted", () => {
  const ids = Array.from({ length: saidLocationsMax + 3 }, (_, at) => `room-${at}`);
  const config = site({
    locations: Object.fromEntries(ids.map((id) => [id, { kind: "room" }])),
    items: Object.fromEntries(
      Array.from({ length: saidItemsMax + 2 }, (_, at) => [`part-${at}`, { location: ids }]),
    ),
  });
  const said = explainStock(config, "en");
  expect(said).toHaveLength(saidLocationsMax + 2);
  expect(said[0]?.text).toMatch(/And 2 more items\.$/);
  expect(said.at(-2)).toEqual({ id: "...", text: "3 more locations with items" });
});
