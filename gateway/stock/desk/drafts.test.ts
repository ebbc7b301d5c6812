import { describe, expect, test } from "vitest";
import { itemSchema } from "../../../config/schema/item.ts";
import type { Booking } from "../../panel/stock-api.ts";
import type { Item } from "../stocked.ts";
import type { TagEvent } from "../tags/presence.ts";
import { bookingDraft } from "./booking-draft.ts";
import { shelfDrafts } from "./shelf-drafts.ts";
import { tagDrafts } from "./tag-drafts.ts";

const bolt: Item = {
  ...itemSchema.parse({ location: ["a1", "a2"], unitWeight: "50 g" }),
  id: "bolt",
  from: "configuration",
};
const itemOf = (id: string) => (id === "bolt" ? bolt : undefined);

describe("what a shelf tells", () => {
  const moved = {
    is: "moved",
    item: "bolt",
    pieces: -3,
    interval: [-3, -3],
    residualKg: 0.001,
    weightBeforeKg: 1,
    weightAfterKg: 0.85,
    at: 2_000,
    since: 1_000,
    unwatched: false,
    refill: false,
  } as const;

  test("pieces that went are a pick with the weights before and after", () => {
    const { drafts } = shelfDrafts({ location: "a1", event: moved }, "synchronized", itemOf);
    expect(drafts).toMatchObject([
      { kind: "pick", quantity: -3, evidence: { weightBefore: 1, weightAfter: 0.85 } },
    ]);
    expect(drafts[0]).not.toHaveProperty("since");
  });

  test("what nobody watched happened at some time since the last rest", () => {
    const event = { ...moved, unwatched: true };
    const { drafts } = shelfDrafts({ location: "a1", event }, "synchronized", itemOf);
    expect(drafts).toMatchObject([{ since: 1_000, at: 2_000 }]);
  });

  test("what came and fits nothing is foreign, what went and fits nothing is a loss", () => {
    const odd = {
      is: "unexplained",
      residualKg: 0.02,
      candidates: [],
      weightBeforeKg: 1,
      weightAfterKg: 1.02,
      at: 1,
      since: 0,
      unwatched: false,
    } as const;
    const kindOf = (changeKg: number) =>
      shelfDrafts({ location: "a1", event: { ...odd, changeKg } }, "unset", itemOf).facts[0]?.kind;
    expect(kindOf(0.02)).toBe("wrong-item");
    expect(kindOf(-0.02)).toBe("unexplained-loss");
    // The foreign thing was taken away again: that is no loss, and nothing foreign is there.
    const back = { ...odd, changeKg: -0.02, returned: true } as const;
    expect(shelfDrafts({ location: "a1", event: back }, "unset", itemOf).facts).toMatchObject([
      { kind: "wrong-item", active: false },
      { kind: "unexplained-loss", active: false },
    ]);
  });
});

describe("what tags tell", () => {
  const world = {
    clock: "synchronized",
    itemOf,
    isWeighed: () => false,
    // One of the two was named before.
    believed: () => 3,
  } as const;
  const arrived: TagEvent = {
    is: "arrived",
    location: "a1",
    item: "bolt",
    lot: "A",
    pieces: 2,
    tags: ["3000"],
    at: 5,
  };

  test("an arrival is a put of its lot, a first set is a count of all that was named so far", () => {
    expect(tagDrafts(arrived, world).drafts).toMatchObject([
      { kind: "put", quantity: 2, lot: "A", lotBy: "tag" },
    ]);
    expect(tagDrafts({ ...arrived, first: true }, world).drafts).toMatchObject([
      { kind: "count", evidence: { counted: 3 } },
    ]);
  });

  test("what goes from place to place is one transfer, told by the side that it left", () => {
    const left: TagEvent = { ...arrived, is: "left", partner: "a2" };
    expect(tagDrafts(left, world).drafts).toMatchObject([
      { kind: "transfer", location: "a1", partner: "a2", quantity: -2 },
    ]);
    expect(tagDrafts({ ...arrived, location: "a2", partner: "a1" }, world).drafts).toEqual([]);
  });

  test("where a scale counts the item its tags book nothing, and the other side books alone", () => {
    const weighed = { ...world, isWeighed: (location: string) => location === "a1" };
    expect(tagDrafts(arrived, weighed).drafts).toEqual([]);
    const moved: TagEvent = { ...arrived, location: "a2", partner: "a1" };
    expect(tagDrafts(moved, weighed).drafts).toMatchObject([{ kind: "put", location: "a2" }]);
  });
});

describe("what a person books", () => {
  const world = {
    item: bolt,
    locations: new Set(["a1", "a2"]),
    person: "li",
    at: 7,
    clock: "synchronized",
  } as const;
  const booking = (more: Partial<Booking>): Booking => ({
    kind: "issue",
    item: "bolt",
    location: "a1",
    quantity: 4,
    ...more,
  });

  test("an issue and a transfer take, a receipt brings, a count says how much there is", () => {
    expect(bookingDraft(booking({}), world)).toMatchObject({ quantity: -4 });
    expect(bookingDraft(booking({ kind: "receipt" }), world)).toMatchObject({ quantity: 4 });
    expect(bookingDraft(booking({ kind: "transfer", to: "a2" }), world)).toMatchObject({
      quantity: -4,
      partner: "a2",
    });
    expect(bookingDraft(booking({ kind: "count" }), world)).toMatchObject({
      quantity: 0,
      evidence: { counted: 4, person: "li" },
    });
  });

  test.for([
    ["a transfer to nowhere", { kind: "transfer" }],
    ["a receipt that goes on", { kind: "receipt", to: "a2" }],
    ["a correction without its reason", { kind: "adjust" }],
    ["a negative count", { kind: "count", quantity: -1 }],
  ] as const)("%s is refused", ([, more]) => {
    const refused = expect.objectContaining({ code: "stock/refused" });
    expect(() => bookingDraft(booking(more), world)).toThrow(refused);
  });

  test("an unknown place is named", () => {
    expect(() => bookingDraft(booking({ location: "b9" }), world)).toThrow("b9");
  });
});
