import { expect, test } from "vitest";
import { configSchema } from "../../../config/schema/config.ts";
import { encodeEpc } from "../../../drivers/epc/epc.ts";
import { ItemBook } from "./item-book.ts";
import { TagRegistry, tagsMax } from "./tag-registry.ts";

const site = configSchema.parse({
  version: 1,
  gateway: { id: "g" },
  locations: { room: { kind: "room" } },
  items: {
    widget: { location: "room", gtin: "80614141123458" },
    gauze: { location: "room" },
    serum: { location: "room", gtin: "70614141123451" },
  },
});
const items = new ItemBook(site, new Map());
const registry = (saved: ReadonlyMap<string, unknown> = new Map()) =>
  new TagRegistry(items, ["room"], saved);
const hexOf = (uri: string) => {
  const encoded = encodeEpc(`urn:epc:tag:${uri}`);
  if (!encoded.ok) throw new Error(encoded.reason);
  return encoded.hex;
};
const plain = "E28011700000020A1B2C3D4E";

test("a tag says itself what it is on: SGTIN of both lengths, and a part of a set", () => {
  const tags = registry();
  expect(tags.resolve("3074257bf7194e4000001a85")).toEqual({
    item: "widget",
    serial: "6789",
    pieces: 1,
  });
  expect(tags.resolve(hexOf("sgtin-198:3.0614141.712345.32a%2Fb"))).toEqual({
    item: "serum",
    serial: "32a/b",
    pieces: 1,
  });
  expect(tags.resolve(hexOf("itip-110:3.0614141.812345.02.04.981"))).toEqual({
    item: "widget",
    serial: "981",
    pieces: 0.25,
  });
  expect(tags.resolve(plain)).toBeUndefined();
  expect(tags.resolve(hexOf("sgtin-96:3.0614141.107346.2017"))).toBeUndefined();
  expect(tags.resolve("no hex")).toBeUndefined();
});

test("what is registered comes first, and is there again after a start", () => {
  const tags = registry();
  const { state, bad } = tags.register([
    { epc: plain.toLowerCase(), item: "gauze", lot: "G-7", expires: "2027-06-30", pieces: 40 },
    { version: 1, epc: "3074257BF7194E4000001A85", item: "widget", lot: "W1", home: "room" },
  ]);
  expect(bad).toEqual([]);
  expect([...state.keys()]).toEqual([`tag/${plain}`, "tag/3074257BF7194E4000001A85"]);
  const again = registry(state);
  expect(again.setAside).toEqual([]);
  for (const known of [tags, again]) {
    expect(known.resolve(plain)).toEqual({
      item: "gauze",
      lot: "G-7",
      expires: "2027-06-30",
      pieces: 40,
    });
    expect(known.resolve("3074257BF7194E4000001A85")).toEqual({
      item: "widget",
      lot: "W1",
      home: "room",
      pieces: 1,
    });
  }
});

test("the same again is nothing, another lot is a correction, another item is refused with both", () => {
  const tags = registry();
  const first = { epc: plain, item: "gauze", lot: "A", serial: "1" };
  tags.register([first]);
  expect(tags.register([first, { ...first, epc: plain.toLowerCase() }])).toEqual({
    state: new Map(),
    bad: [],
    repeated: 2,
  });
  const corrected = tags.register([{ ...first, lot: "B" }]);
  expect([...corrected.state.values()]).toMatchObject([{ item: "gauze", lot: "B" }]);
  expect(tags.register([{ epc: plain, item: "serum" }])).toEqual({
    state: new Map(),
    bad: [{ epc: plain, reason: "registered", item: "serum", other: "gauze" }],
    repeated: 0,
  });
  const twice = tags.register([
    { epc: "E200AAAA", item: "gauze" },
    { epc: "E200AAAA", item: "serum" },
  ]);
  expect(twice.bad).toEqual([
    { epc: "E200AAAA", reason: "registered", item: "serum", other: "gauze" },
  ]);
  expect(tags.resolve("E200AAAA")?.item).toBe("gauze");
});

test("a tag that was taken off can be used again", () => {
  const tags = registry();
  tags.register([{ epc: plain, item: "gauze" }]);
  expect(tags.forget([plain.toLowerCase(), "E200BBBB"])).toEqual(
    new Map([[`tag/${plain}`, undefined]]),
  );
  expect(tags.resolve(plain)).toBeUndefined();
  expect(tags.register([{ epc: plain, item: "serum" }]).bad).toEqual([]);
});

test.each([
  [
    { epc: "XYZ", item: "gauze" },
    { reason: "malformed", key: "epc" },
  ],
  [
    { epc: "E200A", item: "gauze" },
    { reason: "malformed", key: "epc" },
  ],
  [
    { epc: plain, item: "nothing" },
    { reason: "unknown-item", item: "nothing" },
  ],
  [
    { epc: plain, item: "gauze", home: "attic" },
    { reason: "unknown-location", location: "attic" },
  ],
  [
    { epc: plain, item: "gauze", expires: "2027-02-31" },
    { reason: "malformed", key: "expires" },
  ],
  [
    { epc: plain, item: "gauze", lot: "A B" },
    { reason: "malformed", key: "lot" },
  ],
  [
    { epc: plain, item: "gauze", pieces: 0 },
    { reason: "malformed", key: "pieces" },
  ],
])("%j is refused", (tag, wanted) => {
  const { state, bad } = registry().register([tag]);
  expect(state.size).toBe(0);
  expect(bad).toEqual([{ epc: tag.epc, ...wanted }]);
});

test("a hundred thousand tags are known, and no more; those that are known can be corrected", {
  timeout: 60_000,
}, () => {
  const saved = new Map<string, unknown>();
  const epcOf = (at: number) => `E280${at.toString(16).toUpperCase().padStart(8, "0")}`;
  for (let at = 0; at < tagsMax; at += 1) {
    const epc = epcOf(at);
    saved.set(`tag/${epc}`, { version: 1, epc, item: "gauze", lot: "A", pieces: 1 });
  }
  saved.set("tag/odd", { version: 9 });
  const tags = registry(saved);
  expect(tags.size).toBe(tagsMax);
  expect(tags.setAside).toEqual(["tag/odd"]);
  expect(tags.register([{ epc: plain, item: "gauze" }]).bad).toEqual([
    { epc: plain, reason: "too-many", max: tagsMax },
  ]);
  expect(tags.register([{ epc: epcOf(5), item: "gauze", lot: "B" }]).bad).toEqual([]);
});

test("a tag of an item that is gone is on nothing", () => {
  const saved = new Map([[`tag/${plain}`, { version: 1, epc: plain, item: "gone", pieces: 1 }]]);
  expect(registry(saved).resolve(plain)).toBeUndefined();
});
