import { expect, test } from "vitest";
import { zoneOf } from "../../rules/zone.ts";
import { DemandBook } from "../demand/demand-book.ts";
import type { Movement } from "../movement.ts";
import type { Stocked } from "../stocked.ts";
import { stockedKey } from "../stocked.ts";
import { pastRestsMs, Reviews } from "./reviews.ts";

const day = 86_400_000;
const now = Date.parse("2026-11-23T10:00:00Z");
const key = stockedKey("a1", "gloves");

const stocked: Stocked = {
  item: {
    id: "gloves",
    unit: "pcs",
    unitWeightSpread: 0.01,
    sampledPieces: 10,
    location: ["a1"],
    lots: [],
    at: {},
    from: "configuration",
  },
  location: "a1",
  policy: {
    leadTimeMs: 5 * day,
    leadTimeSpreadMs: 0,
    reviewMs: day,
    serviceLevel: 0.95,
    expiryTiersMs: [0],
    deadAfterMs: 180 * day,
    horizonMs: 30 * day,
  },
};

function issued(daysAgo: number): Movement {
  return {
    id: String(daysAgo),
    kind: "issue",
    item: "gloves",
    location: "a1",
    quantity: -6,
    unit: "pcs",
    at: now - daysAgo * day,
    clock: "synchronized",
    evidence: { by: "import" },
  };
}

function world() {
  const demand = new DemandBook(zoneOf("UTC"), new Map());
  const reviews = new Reviews({
    settings: { thresholds: "propose", stepMax: 0.25 },
    demand,
    deliveries: () => [],
    saved: new Map(),
  });
  const book = (daysAgo: number, at: number) => {
    demand.note([issued(daysAgo)], { now: at, onHand: () => 100 });
    if (daysAgo > 0) reviews.pastChanged([key], at);
  };
  const due = (at: number) => {
    // The end of a round is one look without a find.
    const found = reviews.nextDue([stocked], at) ?? reviews.nextDue([stocked], at);
    if (found !== undefined) reviews.review(found, at);
    return found !== undefined;
  };
  return { book, due, reviews };
}

test("months that an import brings in portions are forecast once, when all of it is there", () => {
  const { book, due, reviews } = world();
  for (let daysAgo = 90; daysAgo > 0; daysAgo -= 1) {
    const at = now + (90 - daysAgo) * 500;
    book(daysAgo, at);
    expect(due(at)).toBe(false);
  }
  const rested = now + 45_000 + pastRestsMs;
  expect(due(rested)).toBe(true);
  expect(reviews.outlook(key)?.perDay).toBeCloseTo(6, 6);
  expect(reviews.threshold(key)?.value).toBeGreaterThanOrEqual(36);
  expect(due(rested + 1_000)).toBe(false);
});

test("a past that becomes another one after the review is looked at again before the next review is due", () => {
  const { book, due, reviews } = world();
  book(0, now);
  expect(due(now)).toBe(true);
  const before = reviews.outlook(key)?.days;
  for (let daysAgo = 60; daysAgo > 0; daysAgo -= 1) book(daysAgo, now + 60_000);
  expect(due(now + 60_000 + pastRestsMs)).toBe(true);
  expect(reviews.outlook(key)?.days).toBeGreaterThan(before ?? 0);
});

test("a clock that is set back after an import makes nobody wait, and what is picked today changes no past", () => {
  const { book, due } = world();
  book(3, now);
  expect(due(now - day)).toBe(true);
  book(0, now - day + 1_000);
  expect(due(now - day + 60_000)).toBe(false);
});
