import { expect, test } from "vitest";
import { itemSchema, stockSchema } from "../../../config/schema/item.ts";
import { locationSchema } from "../../../config/schema/location.ts";
import type { PointKey, Sample } from "../../../drivers/contract.ts";
import { ItemBook } from "../items/item-book.ts";
import { TagDesk } from "./tag-desk.ts";

const point: PointKey = "reader/tags";
const epc = (serial: number) => `3034F4E4E40C0E400000000${serial}`;

function desk() {
  const config = {
    locations: { rack: locationSchema.parse({ kind: "rack", tags: point }) },
    items: { vial: itemSchema.parse({ location: "rack" }) },
    stock: stockSchema.parse({}),
  };
  const instant = { at: 1_000, mono: 0 };
  return new TagDesk({
    config,
    items: new ItemBook(config, new Map()),
    resolve: () => ({ item: "vial", lot: "A1", pieces: 1 }),
    isWeighed: () => false,
    clockQuality: () => "synchronized",
    saved: new Map(),
    instant,
  });
}

function sample(mono: number, quality: "good" | "uncertain", ...serials: number[]): Sample {
  const value = serials.map(epc).join(" ");
  return { point, sampledAt: 1_000 + mono, quality, value };
}

test("tags that a reader names little by little after its start are all counted", () => {
  const tags = desk();
  const drafts = [
    sample(100, "uncertain", 1),
    sample(200, "uncertain", 1, 2),
    sample(4_000, "good", 1, 2, 3),
    sample(9_000, "good", 1, 2, 3, 4),
  ].flatMap((given) => {
    const mono = given.sampledAt - 1_000;
    return tags.step([given], { at: given.sampledAt, mono }).drafts;
  });
  const last = drafts.findLastIndex(({ kind }) => kind === "count");
  const after = drafts.slice(last + 1).reduce((sum, { quantity }) => sum + quantity, 0);
  expect((drafts[last]?.evidence.counted ?? 0) + after).toBe(4);
});
