import fc from "fast-check";
import { expect, test } from "vitest";
import type { MovementDraft } from "../movement.ts";
import { movementId } from "./movement-id.ts";

const pick: MovementDraft = {
  kind: "pick",
  item: "insulin",
  location: "shelf-a1",
  lot: "A2301",
  quantity: -3,
  unit: "pcs",
  at: Date.UTC(2026, 10, 23, 1, 2, 3, 456),
  clock: "synchronized",
  lotBy: "fefo",
  evidence: {
    by: "weight",
    weightBefore: 2.1052,
    weightAfter: 1.8526,
    residual: 0.0002,
    interval: [-3, -3],
    tags: ["3034257BF7194E4000001A85", "3034257BF7194E4000001A86"],
  },
  epcis: { gateway: "wh1", offset: "+08:00", gtin: "80614141123458" },
};

test("a movement's identity is a CBV 2.0 event hash", () => {
  expect(movementId(pick)).toMatch(/^ni:\/\/\/sha-256;[0-9a-f]{64}\?ver=CBV2\.0$/);
});

test("neither the order of keys and tags nor an absent value changes a movement's identity", () => {
  const { kind, evidence, ...rest } = pick;
  const tags = evidence.tags?.toReversed() ?? [];
  const turned = { evidence: { ...evidence, tags: [...tags, ...tags] }, ...rest, kind };
  expect(movementId(turned)).toBe(movementId(pick));
  const stored: MovementDraft = JSON.parse(JSON.stringify(pick));
  expect(movementId(stored)).toBe(movementId(pick));
});

const others: Readonly<Record<string, MovementDraft>> = {
  "a quantity": { ...pick, quantity: -2 },
  "an instant": { ...pick, at: pick.at + 1 },
  "a kind": { ...pick, kind: "issue" },
  "a location": { ...pick, location: "shelf-a2" },
  "an item of the same GTIN": { ...pick, item: "insulin-2" },
  "a lot": { ...pick, lot: "A2302" },
  "a lot with a zero more": { ...pick, lot: "0A2301" },
  "a time since when": { ...pick, since: pick.at - 60_000 },
  "a clock that is not believed": { ...pick, clock: "unset" },
  "a way to the lot": { ...pick, lotBy: "person" },
  "a reason": { ...pick, kind: "adjust", reason: "theft" },
  "a partner": { ...pick, partner: "shelf-b" },
  "what was asked": { ...pick, asked: "ni:///sha-256;00?ver=CBV2.0" },
  "a weight": { ...pick, evidence: { ...pick.evidence, weightAfter: 1.8527 } },
  "a person": { ...pick, evidence: { ...pick.evidence, person: "li" } },
  "a document": { ...pick, evidence: { ...pick.evidence, document: "DN-1" } },
  "a note": { ...pick, evidence: { ...pick.evidence, note: "1" } },
  "a tag": { ...pick, evidence: { ...pick.evidence, tags: ["3034257BF7194E4000001A85"] } },
  "a gateway": { ...pick, epcis: { gateway: "wh2", offset: "+08:00", gtin: "80614141123458" } },
};

test.each(Object.entries(others))("%s tells movements apart", (_what, other) => {
  expect(movementId(other)).not.toBe(movementId(pick));
});

test("lots that a number would make equal stay apart", () => {
  const lots = ["0012", "12", "12.0", "12.00", "+12", "1.2E1"];
  const ids = lots.map((lot) => movementId({ ...pick, lot }));
  expect(new Set(ids).size).toBe(lots.length);
});

test("two locations or items are never one because of where their names are cut", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (item, lot) => {
      const { lot: _lot, ...bare } = pick;
      const joined = { ...bare, item: `${item}:lot:${lot}` };
      return movementId({ ...pick, item, lot }) !== movementId(joined);
    }),
  );
});
