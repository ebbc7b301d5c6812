import { cartonGtin } from "./gate.ts";
import { shelfPlans } from "./shelf-plans.ts";
import { taggedShelf } from "./tags.ts";

/** The demo's rack as a technician would write it: scales, the reader at a shelf, places, items. */

/** Names of shelves on screens: Shelf A1. */
function nameOf(shelf: string): string {
  return shelf.replace("shelf-", "Shelf ").toUpperCase().replace("SHELF", "Shelf");
}

/** @param scales Addresses by shelf. @param tags Address of the reader at a shelf. */
export function stockChannels(scales: Readonly<Record<string, string>>, tags: string): string {
  const each = shelfPlans.map(
    ({ shelf }) => `  ${shelf}:
    driver: scale
    name: Scale below ${nameOf(shelf)}
    port: ${scales[shelf] ?? ""}
    protocol: mt-sics
    devices:
      ${shelf}:
        every: 1s
        points:
          weight: { name: Weight }
          stable: { name: Load rests }
          unit: { name: Unit on the scale }
          status: { name: Scale }
`,
  );
  return `${each.join("")}  tags:
    driver: rfid
    name: Reader at ${nameOf(taggedShelf)}
    port: ${tags}
    protocol: llrp
    devices: { tags-b3: { points: { count: { name: Tags on the shelf }, tags: { name: Tags } } } }
`;
}

const withinOf: Readonly<Record<string, string>> = {
  "shelf-a1": "rack-a",
  "shelf-a2": "cold-2",
};

export function stockLocations(): string {
  const shelves = shelfPlans.map(({ shelf, tareGrams, divisionGrams, goods }) => {
    const points = ["weight", "stable", "unit", "status"].map((point) => `${shelf}/${point}`);
    const isTagged = shelf === taggedShelf;
    if (isTagged) points.push("tags-b3/count", "tags-b3/tags");
    return `  ${shelf}:
    kind: shelf
    name: ${nameOf(shelf)}
    within: ${withinOf[shelf] ?? "rack-b"}
    points: [${points.join(", ")}]
    weight: ${shelf}/weight
    tare: ${tareGrams} g
    division: ${divisionGrams} g
    capacity: 60 kg
${isTagged ? "    tags: tags-b3/tags\n" : ""}${goods.length > 1 ? "    mixed: true\n" : ""}`;
  });
  return `  store: { kind: room, name: Store }
  rack-a: { kind: rack, name: Rack A, within: cold-1 }
  rack-b: { kind: rack, name: Rack B, within: store }
${shelves.join("")}`;
}

const settings: Readonly<Record<string, readonly string[]>> = {
  insulin: ["name: Insulin pens", "min: 10", "max: 60", "leadTime: 3d"],
  "flu-vaccine": ["name: Flu vaccine", "min: 10", "max: 80", "leadTime: 7d"],
  gloves: ["name: Nitrile gloves", "max: 150", "leadTime: 5d", "leadTimeSpread: 1d"],
  "infusion-set": ["name: Infusion set", "min: 12", "max: 200", "leadTime: 4d"],
  ketamine: ["name: Ketamine 10 x 10 ml", 'gtin: "06901234112238"', "min: 4", "leadTime: 10d"],
  dressing: ["name: Wound dressing", "min: 10", "leadTime: 4d"],
  bandage: ["name: Elastic bandage", "min: 8", "leadTime: 4d"],
};

/** Items, and who is told of them. */
export function stockItems(): string {
  const items = shelfPlans.flatMap(({ shelf, goods }) =>
    goods.map(({ item, grams }) => {
      const known = settings[item] ?? [];
      const weight = [`unitWeight: ${grams} g`, "sampledPieces: 50", "unitWeightSpread: 0.004"];
      const lines = [...known, `location: ${shelf}`, ...weight];
      return `  ${item}:\n${lines.map((line) => `    ${line}\n`).join("")}`;
    }),
  );
  return `items:
${items.join("")}  saline:
    name: Saline, carton of 20
    gtin: "${cartonGtin}"
    location: store
    leadTime: 6d

stock:
  notify: [buyer]
  horizon: 30d
  warnings:
    unexplained-loss: { priority: high, notify: [keeper, buyer], annunciate: [guard] }
    expired: { priority: high }
`;
}
