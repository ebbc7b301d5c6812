import fc from "fast-check";
import { expect, test } from "vitest";
import { zoneOf } from "../../rules/zone.ts";
import type { Movement } from "../movement.ts";
import { demandDaysMax } from "./day-series.ts";
import { DemandBook, recentDaysMax } from "./demand-book.ts";

const zone = zoneOf("Asia/Shanghai");
const dayMs = 86_400_000;
/** Noon of the first day in Shanghai. */
const noon = Date.parse("2026-03-01T12:00:00+08:00");
const key = "a1/bolt";

function movement(
  kind: Movement["kind"],
  quantity: number,
  day: number,
  more: Partial<Movement> = {},
) {
  return {
    id: "",
    kind,
    item: "bolt",
    location: "a1",
    quantity,
    unit: "pcs",
    at: noon + day * dayMs,
    clock: "synchronized",
    evidence: { by: "weight" },
    ...more,
  } satisfies Movement;
}

/** A book that keeps what it wrote, and never runs empty unless it is told. */
function bookOf(saved = new Map<string, unknown>()) {
  const book = new DemandBook(zone, saved);
  const note = (movements: readonly Movement[], day: number, onHand = 100) => {
    const state = book.note(movements, { now: noon + day * dayMs, onHand: () => onHand });
    for (const [name, value] of state) saved.set(name, JSON.parse(JSON.stringify(value)));
    return state;
  };
  const days = (day: number) => [...(book.history(key, noon + day * dayMs)?.days ?? [])];
  return { book, note, days, saved };
}

test("what was picked, issued or sent away is demand; receipts, counts and corrections are not", () => {
  const { note, days } = bookOf();
  note([movement("receipt", 100, 0), movement("pick", -3, 0)], 0);
  note([movement("issue", -4, 1), movement("count", -5, 1), movement("transfer", 9, 1)], 1);
  note([movement("transfer", -2, 2), movement("adjust", -7, 2, { reason: "theft" })], 2);
  expect(days(3)).toEqual([3, 4, 2]);
});

test("a day without a movement is a zero since the first movement, whatever it was", () => {
  const { note, days } = bookOf();
  note([movement("receipt", 100, 0)], 0);
  note([movement("pick", -1, 3)], 3);
  expect(days(6)).toEqual([0, 0, 0, 1, 0, 0]);
});

test("what comes back within the day is taken off; a put of more than was taken is a refill", () => {
  const { note, days } = bookOf();
  note([movement("pick", -5, 0), movement("put", 2, 0)], 0);
  note([movement("pick", -5, 1), movement("put", 60, 1)], 1);
  note([movement("put", 1, 2)], 2);
  expect(days(3)).toEqual([3, 5, 0]);
});

test("a movement that comes late lands in its day, in the time zone of the gateway", () => {
  const { note, days } = bookOf();
  note([movement("pick", -1, 0)], 0);
  note([movement("pick", -1, 4)], 4);
  // 17:00 UTC is one o'clock of the next day there.
  note([movement("pick", -7, 0, { at: Date.parse("2026-03-02T17:00:00Z") })], 4);
  expect(days(5)).toEqual([1, 0, 7, 0, 1]);
});

test("what went while nobody watched is spread over that time, in whole pieces", () => {
  const { note, days } = bookOf();
  note([movement("pick", -1, 0)], 0);
  note([movement("pick", -7, 3, { since: noon + dayMs })], 3);
  expect(days(4)).toEqual([1, 2, 2, 3]);
});

test("days without anything to take are left out, days on which the gateway was off as well", () => {
  const { book, note, days } = bookOf();
  note([movement("pick", -4, 0)], 0, 0);
  expect(days(3)).toEqual([4, Number.NaN, Number.NaN]);
  note([movement("receipt", 50, 3)], 3);
  note([movement("pick", -2, 4)], 4);
  book.off(noon + 4 * dayMs, noon + 7 * dayMs);
  expect(days(9)).toEqual([4, Number.NaN, Number.NaN, 0, 2, Number.NaN, Number.NaN, 0, 0]);
});

test("a clock that was never set, or runs ahead, opens no day that has not come", () => {
  const { note, book } = bookOf();
  note([movement("pick", -1, 0), movement("pick", -2, 0, { at: 0, clock: "unset" })], 0);
  note([movement("pick", -4, 900)], 0);
  const history = book.history(key, noon);
  expect([...(history?.days ?? [])]).toEqual([]);
  expect(history?.today).toBe(7);
});

test("a clock change of daylight saving neither adds nor swallows a day", () => {
  const berlin = new DemandBook(zoneOf("Europe/Berlin"), new Map());
  const picks = [
    "2026-03-28T23:30:00+01:00",
    "2026-03-29T23:30:00+02:00",
    "2026-03-30T00:10:00+02:00",
  ];
  const movements = picks.map((text) => movement("pick", -1, 0, { at: Date.parse(text) }));
  const now = Date.parse("2026-03-31T12:00:00+02:00");
  berlin.note(movements, { now, onHand: () => 9 });
  expect([...(berlin.history(key, now)?.days ?? [])]).toEqual([1, 1, 1]);
});

test("a restart knows the same demand as the book that went on", () => {
  const step = fc.record({
    kind: fc.constantFrom<Movement["kind"]>("pick", "put", "receipt", "issue"),
    quantity: fc.integer({ min: 1, max: 9 }),
    ahead: fc.integer({ min: 0, max: 40 }),
    late: fc.integer({ min: 0, max: 60 }),
    onHand: fc.constantFrom(0, 5, 5, 5),
    restart: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const going = bookOf();
      let other = bookOf();
      let day = 100;
      for (const { kind, quantity, ahead, late, onHand, restart } of steps) {
        day += ahead;
        const signed = kind === "put" || kind === "receipt" ? quantity : -quantity;
        const moved = [movement(kind, signed, day - late)];
        going.note(moved, day, onHand);
        if (restart) other = bookOf(other.saved);
        other.note(moved, day, onHand);
      }
      const now = noon + (day + 1) * dayMs;
      expect(bookOf(other.saved).book.history(key, now)).toEqual(going.book.history(key, now));
    }),
    { numRuns: 60 },
  );
});

test("a movement writes the last weeks of its own item again, and not two years", () => {
  const { note } = bookOf();
  let longest = 0;
  let whole = 0;
  for (let day = 0; day < demandDaysMax; day += 1) {
    const state = note([movement("pick", -(1 + (day % 9)), day)], day);
    const own = JSON.stringify(state.get(`demand/${key}`));
    longest = Math.max(longest, own.length);
    whole += state.size - 1;
  }
  expect(longest).toBeLessThan(60 + 2 * (recentDaysMax + 1));
  // The rest is written once in about two months.
  expect(whole).toBeLessThan(demandDaysMax / (recentDaysMax - 31) + 1);
});

test("two years of 1,000 items fit into 3 MB, and a movement of one touches no other", () => {
  const items = 1_000;
  const saved = new Map<string, unknown>();
  const days = Array.from({ length: demandDaysMax }, (_, day) => day % 7);
  for (let n = 0; n < items; n += 1) {
    saved.set(`demand/a/i${n}`, { version: 1, from: 20_000, days });
  }
  const book = new DemandBook(zone, saved);
  const now = (20_000 + demandDaysMax) * dayMs;
  expect(book.bytes).toBeLessThan(3e6);
  const one = movement("pick", -1, 0, { location: "a", item: "i77", at: now });
  expect(
    book
      .note([one], { now, onHand: () => 1 })
      .keys()
      .toArray(),
  ).toEqual(["demand/a/i77/old", "demand/a/i77"]);
});
