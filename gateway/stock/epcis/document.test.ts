import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { adjustReasons, type MovementDraft, movementKinds, movementSchema } from "../movement.ts";
import { epcisDocument } from "./document.ts";
import { eventHash } from "./event-hash.ts";
import { movementId } from "./movement-id.ts";

const createdAt = Date.UTC(2026, 10, 23, 4);
const documentSchema = z.object({
  "@context": z.tuple([z.string(), z.record(z.string(), z.string())]),
  epcisBody: z.object({ eventList: z.array(z.record(z.string(), z.unknown())) }),
});

function given(draft: MovementDraft) {
  const movement = movementSchema.parse({ ...draft, id: movementId(draft) });
  const text = JSON.stringify(epcisDocument([movement], { createdAt }));
  const document = documentSchema.parse(JSON.parse(text));
  return { context: document["@context"], event: document.epcisBody.eventList[0] ?? {} };
}

const draft: MovementDraft = {
  kind: "pick",
  item: "screws",
  location: "shelf a/1",
  quantity: -3,
  unit: "pcs",
  at: Date.UTC(2026, 10, 23, 1, 2, 3, 456),
  clock: "synchronized",
  evidence: { by: "weight", weightBefore: 2.1052, weightAfter: 1.8526, interval: [-4, -3] },
  epcis: { gateway: "wh1", offset: "+08:00" },
};

test("a pick is an event in EPCIS's own words and in ours", () => {
  expect(given(draft).event).toEqual({
    eventID: movementId(draft),
    type: "ObjectEvent",
    eventTime: "2026-11-23T01:02:03.456Z",
    eventTimeZoneOffset: "+08:00",
    quantityList: [{ epcClass: "urn:rackwatch:item:screws", quantity: 3 }],
    action: "OBSERVE",
    bizStep: "picking",
    disposition: "in_progress",
    readPoint: { id: "urn:rackwatch:location:wh1:shelf%20a%2F1" },
    bizLocation: { id: "urn:rackwatch:location:wh1:shelf%20a%2F1" },
    "rackwatch:kind": "pick",
    "rackwatch:object": "urn:rackwatch:item:screws",
    "rackwatch:quantity": -3,
    "rackwatch:unit": "pcs",
    "rackwatch:by": "weight",
    "rackwatch:gramsBefore": 2105.2,
    "rackwatch:gramsAfter": 1852.6,
    "rackwatch:low": -4,
    "rackwatch:high": -3,
  });
});

test("an item with a GTIN is named by it, with its lot, in kg where it is weighed", () => {
  const { event } = given({
    ...draft,
    item: "06901234567892",
    lot: "A(1)/2",
    unit: "kg",
    quantity: 0.25,
    kind: "put",
  });
  expect(event["quantityList"]).toEqual([
    {
      epcClass: "https://id.gs1.org/01/06901234567892/10/A%281%29%2F2",
      quantity: 0.25,
      uom: "KGM",
    },
  ]);
  const named = given({
    ...draft,
    epcis: { gateway: "g", offset: "+00:00", gtin: "80614141123458" },
  });
  expect(named.event["quantityList"]).toEqual([
    { epcClass: "https://id.gs1.org/01/80614141123458", quantity: 3 },
  ]);
});

test("tags are named one by one, and counted as a class only where they are not all", () => {
  const tags = ["3074257BF7194E4000001A85", "E28011700000020000000001"];
  const two = given({ ...draft, quantity: -2, evidence: { by: "tags", tags } }).event;
  expect(two["epcList"]).toEqual([
    "urn:epc:id:sgtin:0614141.812345.6789",
    "urn:epc:raw:96.xE28011700000020000000001",
  ]);
  expect(two["quantityList"]).toBeUndefined();
  const twenty = given({ ...draft, quantity: -20, evidence: { by: "tags", tags } }).event;
  expect(twenty["quantityList"]).toEqual([{ epcClass: "urn:rackwatch:item:screws", quantity: 20 }]);
});

test("a count says what was found, not what it changed", () => {
  const evidence = { by: "person", expected: 12, counted: 10, person: "li" } as const;
  const { event } = given({ ...draft, kind: "count", quantity: -2, evidence });
  expect(event).toMatchObject({
    bizStep: "cycle_counting",
    disposition: "mismatch_quantity",
    quantityList: [{ quantity: 10 }],
    "rackwatch:quantity": -2,
    "rackwatch:expected": 12,
    "rackwatch:person": "urn:rackwatch:person:li",
  });
});

const words = {
  pick: ["picking", "in_progress"],
  put: ["stocking", "sellable_accessible"],
  receipt: ["receiving", "in_progress"],
  issue: ["shipping", "in_transit"],
  transfer: ["departing", "in_transit"],
  count: ["cycle_counting", "mismatch_quantity"],
  adjust: ["inspecting", "mismatch_quantity"],
} as const;

test.each(movementKinds)("%s has its words of the Core Business Vocabulary", (kind) => {
  const { event } = given({ ...draft, kind });
  expect([event["bizStep"], event["disposition"]]).toEqual(words[kind]);
});

const text = fc.string({ unit: "binary", maxLength: 12 });
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const drafts: fc.Arbitrary<MovementDraft> = fc
  .record({
    kind: fc.constantFrom(...movementKinds),
    item: fc.oneof(text, fc.constant("06901234567892")),
    location: text,
    lot: some(fc.oneof(text, fc.constantFrom("0012", "12.0", "1E5", " 7"))),
    quantity: fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    unit: fc.constantFrom("pcs", "kg", "L", "m"),
    at: fc.integer({ min: 0, max: 4e12 }),
    since: some(fc.integer({ min: 0, max: 4e12 })),
    clock: fc.constantFrom("synchronized", "unsynchronized", "unset"),
    reason: some(fc.constantFrom(...adjustReasons)),
    partner: some(text),
    evidence: fc.record({
      by: fc.constantFrom("weight", "tags", "person", "import", "central"),
      weightBefore: some(fc.double({ min: 0, max: 1e4, noNaN: true })),
      tags: some(fc.array(fc.stringMatching(/^([0-9A-F]{4}){2,6}$/), { maxLength: 4 })),
      person: some(text),
      document: some(text),
      note: some(text),
    }),
    epcis: some(
      fc.record({
        gateway: text,
        offset: fc.constantFrom("+08:00", "-03:30", "+00:00"),
        gtin: some(fc.constant("80614141123458")),
      }),
    ),
  })
  .map((record) => movementSchema.omit({ id: true }).parse(JSON.parse(JSON.stringify(record))));

test("the hash of every event that is given out is its id", () => {
  fc.assert(
    fc.property(drafts, (any) => {
      const { context, event } = given(any);
      expect(eventHash(event, context)).toBe(event["eventID"]);
    }),
    { numRuns: 100 },
  );
});
