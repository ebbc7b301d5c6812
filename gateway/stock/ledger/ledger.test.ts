import { expect, test } from "vitest";
import { draft, noon, LedgerWorld as World } from "../../../tests/support/ledger-world.ts";
import { stockedKey } from "../stocked.ts";
import { calendarOf } from "./calendar.ts";
import type { LedgerParts } from "./ledger.ts";

const day = 86_400_000;
const instant = { at: noon, mono: 5 };

const seen = { evidence: { by: "weight" } } as const;

/** 5 of A until December, 5 of B until next year. */
function twoLots(more: Partial<LedgerParts> = {}) {
  const world = new World(more);
  const lots = [
    { item: "bolt", lot: "B", expires: "2027-06-30" },
    { item: "bolt", lot: "A", expires: "2026-12-31" },
  ];
  world.receive(lots, draft("receipt", 5, { lot: "B" }), draft("receipt", 5, { lot: "A" }));
  return world;
}

test("a pick whose lot nobody saw is of the lot that expires first, and goes on to the next", () => {
  const world = twoLots();
  const { movements } = world.book(draft("pick", -7, seen));
  expect(movements.map(({ lot, lotBy, quantity }) => [lot, lotBy, quantity])).toEqual([
    ["A", "fefo", -5],
    ["B", "fefo", -2],
  ]);
  expect(world.lots()).toEqual([["B", 3, "good"]]);
});

test("the same booking again changes nothing, also when the stock would now be dealt out otherwise", () => {
  const world = twoLots();
  const pick = draft("pick", -7, seen);
  world.book(pick);
  const before = world.facts();
  expect(world.book(pick)).toMatchObject({ movements: [], repeated: 1 });
  world.restart();
  expect(world.book(pick, pick)).toMatchObject({ movements: [], repeated: 2 });
  expect(world.facts()).toEqual(before);
});

test("two equal movements at one moment are one unless their evidence differs", () => {
  const world = new World();
  const put = draft("put", 3, { evidence: { by: "weight", weightAfter: 1 } });
  const other = { ...put, evidence: { by: "weight", weightAfter: 2 } } as const;
  expect(world.book(put, put, other)).toMatchObject({ repeated: 1 });
  expect(world.facts().onHand).toBe(6);
});

test("a count is the difference to what was there, and the same count again is the same", () => {
  const world = twoLots();
  const count = draft("count", 0, { evidence: { by: "person", counted: 8 } });
  const { movements, facts } = world.book(count);
  expect(movements).toMatchObject([{ lot: "A", quantity: -2, evidence: { expected: 10 } }]);
  expect(facts).toMatchObject([{ is: "counted", expected: 10, counted: 8 }]);
  expect(world.book(count).repeated).toBe(1);
  expect(world.facts().onHand).toBe(8);
});

test("a count that confirms is on record with nothing", () => {
  const world = twoLots();
  const count = draft("count", 0, { lot: "A", evidence: { by: "person", counted: 5 } });
  expect(world.book(count)).toMatchObject({ movements: [{ quantity: 0 }], facts: [] });
});

test("a person cannot take more than there is and is told the figures; nothing of the batch is booked", () => {
  const world = twoLots();
  const issue = draft("issue", -11);
  expect(() => world.book(draft("put", 5, { location: "shelf-2" }), issue)).toThrow(
    /11 pcs.* 10 pcs/,
  );
  expect(() => world.book(draft("issue", -6, { lot: "A" }))).toThrow(/6 pcs.* 5 pcs of lot A/);
  expect(world.facts().onHand).toBe(10);
  expect([...world.ledger.facts(stockedKey("shelf-2", "bolt"), { at: noon }).lots]).toEqual([]);
});

test("what a scale saw go is booked below nothing, as unexplained", () => {
  const world = twoLots();
  const { facts, movements } = world.book(draft("pick", -12, seen));
  expect(movements.map(({ lot, quantity }) => [lot, quantity])).toEqual([
    ["A", -5],
    ["B", -5],
    [undefined, -2],
  ]);
  expect(facts).toMatchObject([{ is: "unexplained", missing: 2, quantity: 12 }]);
  expect(world.facts().onHand).toBe(-2);
});

test("a tag of a lot that the ledger has not got takes the pieces without a lot below zero, never the lot", () => {
  const world = twoLots();
  world.book(draft("pick", -6, { lot: "A", evidence: { by: "tags" } }));
  expect(world.lots()).toEqual([
    ["B", 5, "good"],
    ["?", -1, "good"],
  ]);
});

test("a later lot that a person takes while an earlier one is good is told with both dates", () => {
  const world = twoLots();
  const { facts } = world.book(draft("pick", -1, { lot: "B" }));
  const earlier = { lot: "A", expires: "2026-12-31" };
  expect(facts).toMatchObject([{ is: "lotOrder", lot: "B", expires: "2027-06-30", earlier }]);
  expect(world.book(draft("pick", -1, { lot: "A" })).facts).toEqual([]);
  expect(world.book(draft("pick", -1, seen)).facts).toEqual([]);
});

test("the last day of use is a whole day of the gateway; from midnight on the lot is locked", () => {
  const world = twoLots();
  const lastEvening = Date.UTC(2026, 11, 31, 15, 59, 59);
  const state = (at: number) => world.facts(at, [90 * day]).lots[0];
  expect(state(lastEvening)).toMatchObject({ daysLeft: 0, state: "near-expiry" });
  expect(state(lastEvening + 1_000)).toMatchObject({ daysLeft: -1, state: "expired" });
  expect(world.facts(lastEvening + 1_000)).toMatchObject({ onHand: 10, available: 5 });
});

test("nothing is said of dates while the clock is not set", () => {
  const calendar = calendarOf("Asia/Shanghai", () => false);
  const world = twoLots({ calendar });
  const lots = world.facts(Date.UTC(2030, 0, 1)).lots;
  expect(lots.map(({ state, daysLeft }) => [state, daysLeft])).toEqual([
    ["good", undefined],
    ["good", undefined],
  ]);
});

test("an expired lot is passed over, and taken from only when there is nothing else, which is told", () => {
  const world = new World();
  const lots = [
    { item: "bolt", lot: "old", expires: "2026-11-22" },
    { item: "bolt", lot: "new", expires: "2026-11-23" },
  ];
  world.receive(lots, draft("receipt", 2, { lot: "old" }), draft("receipt", 2, { lot: "new" }));
  expect(world.book(draft("pick", -2, seen)).movements).toMatchObject([{ lot: "new" }]);
  const { movements, facts } = world.book(draft("pick", -1, seen));
  expect(movements).toMatchObject([{ lot: "old", lotBy: "only" }]);
  expect(facts).toMatchObject([{ is: "lockedPick", lot: "old", why: "expired" }]);
});

test("another expiry date for a known lot is refused with both dates, a person's correction is on record", () => {
  const world = twoLots();
  const note = { item: "bolt", lot: "A", expires: "2027-01-31" };
  const receipt = draft("receipt", 1, { lot: "A" });
  expect(() => world.receive([note], receipt)).toThrow(/2026-12-31.*2027-01-31/);
  const { events } = world.receive([{ ...note, correctedBy: "li" }], receipt);
  expect(events[0]).toMatchObject({ kind: "stock", body: { do: "lot-corrected", by: "li" } });
  world.restart();
  expect(world.facts().lots[0]).toMatchObject({ lot: "A", expires: "2027-01-31", quantity: 6 });
});

test("configured lots have their dates; against a receipt's date the earlier one holds and it is told", () => {
  const lots = [{ lot: "A", expires: "2026-11-30" }];
  const world = twoLots();
  const again = new World({ items: [{ id: "bolt", lots }] }, world.state);
  expect(again.facts().lots[0]).toMatchObject({ lot: "A", expires: "2026-11-30" });
  expect(again.ledger.lotConflicts).toMatchObject([{ lot: "A", recorded: "2026-12-31" }]);
});

test("what is put where an item has but one lot is of that lot", () => {
  const world = new World({ items: [{ id: "bolt", lots: [{ lot: "A" }] }] });
  world.book(draft("put", 4, seen));
  expect(world.facts().lots).toMatchObject([{ lot: "A", quantity: 4 }]);
});

test("a transfer moves the lots, conserves the total, and takes a hold along", () => {
  const world = twoLots();
  world.keep(world.ledger.hold("warm#1", ["shelf-1"], instant));
  world.ledger.endHold("warm#1");
  world.book(draft("transfer", -6, { partner: "shelf-2" }));
  const there = world.ledger.facts(stockedKey("shelf-2", "bolt"), { at: noon });
  expect(there.lots.map(({ lot, quantity, state }) => [lot, quantity, state])).toEqual([
    ["A", 5, "held"],
    ["B", 1, "held"],
  ]);
  expect(there.onHand + world.facts().onHand).toBe(10);
});

test("a transfer of tagged pieces arrives whole although the ledger had fewer of the lot", () => {
  const world = twoLots();
  world.book(draft("transfer", -10, { lot: "A", partner: "shelf-2", evidence: { by: "tags" } }));
  const there = world.ledger.facts(stockedKey("shelf-2", "bolt"), { at: noon });
  expect(there.lots).toMatchObject([{ lot: "A", quantity: 10 }]);
  expect(world.facts().onHand).toBe(0);
});

test("an excursion holds what is there and what arrives, until a person decides when it is over", () => {
  const world = twoLots();
  world.keep(world.ledger.hold("warm#1", ["shelf-1"], instant));
  world.book(draft("receipt", 3, { lot: "C" }), draft("put", 1, seen));
  expect(world.facts()).toMatchObject({ onHand: 14, available: 0 });
  expect(world.facts().lots.map(({ hold }) => hold?.cause)).toEqual(Array(4).fill("warm#1"));
  const place = { location: "shelf-1", item: "bolt", lot: "A" };
  const decision = { ...place, to: "released", by: "qa", comment: "in range" } as const;
  expect(() => world.ledger.release(decision, instant)).toThrow("is not over");
  world.ledger.endHold("warm#1");
  world.keep(world.ledger.release(decision, instant));
  world.keep(world.ledger.release({ ...decision, lot: "B", to: "rejected" }, instant));
  world.restart();
  expect(world.facts().available).toBe(5);
  expect(() => world.ledger.release({ ...decision, lot: "B" }, instant)).toThrow("rejected");
  world.keep(world.ledger.hold("warm#1", ["shelf-1"], instant));
  expect(world.facts().available).toBe(5);
  world.keep(world.ledger.hold("warm#2", ["shelf-1"], instant));
  expect(world.facts().available).toBe(0);
});

test("a pick from a held lot is told with what holds it", () => {
  const world = twoLots();
  world.keep(world.ledger.hold("warm#1", ["shelf-1"], instant));
  const { facts } = world.book(draft("pick", -1, { lot: "A" }));
  expect(facts).toMatchObject([{ is: "lockedPick", why: "held", cause: "warm#1" }]);
});

test("an order is open until its goods come; the same order again does not open it anew", () => {
  const world = new World();
  const line = { version: 1, document: "PO-1", line: "1", kind: "order", item: "bolt" } as const;
  const order = { ...line, location: "shelf-1", quantity: 10, orderedAt: noon - 6 * day };
  world.keep(world.ledger.order(order));
  expect(world.facts().onOrder).toBe(10);
  const evidence = { by: "person", document: "PO-1" } as const;
  world.book(draft("receipt", 4, { evidence, at: noon }));
  expect(world.facts()).toMatchObject({ onHand: 4, onOrder: 6 });
  expect(world.ledger.order(order).state.size).toBe(0);
  world.book(draft("receipt", 6, { evidence, at: noon + day }));
  expect(world.facts()).toMatchObject({ onHand: 10, onOrder: 0 });
  world.restart();
  expect(world.ledger.order(order).touched.size).toBe(0);
  expect(world.ledger.deliveries("bolt")).toEqual([
    { orderedAt: noon - 6 * day, receivedAt: noon },
  ]);
  world.keep(world.ledger.order({ ...order, quantity: 12 }));
  expect(world.facts().onOrder).toBe(12);
});

test("an issue by a document gives its reservation back", () => {
  const world = twoLots();
  const order = {
    version: 1,
    document: "SO",
    line: "1",
    kind: "reservation",
    item: "bolt",
  } as const;
  world.keep(world.ledger.order({ ...order, location: "shelf-1", quantity: 4 }));
  expect(world.facts().reserved).toBe(4);
  world.book(draft("issue", -3, { evidence: { by: "person", document: "SO" } }));
  expect(world.facts().reserved).toBe(1);
});

test("half a piece, nothing, the wrong sign and a count below zero are refused", () => {
  const world = new World();
  for (const wrong of [
    draft("put", 1.5),
    draft("put", 0),
    draft("put", -1),
    draft("pick", 1),
    draft("put", Number.NaN),
    draft("put", 1, { at: Number.NaN }),
    draft("transfer", -1),
    draft("count", 0),
    draft("count", 0, { evidence: { by: "person", counted: -1 } }),
  ]) {
    expect(() => world.book(wrong)).toThrow(expect.objectContaining({ code: "stock/refused" }));
  }
});
