import fc from "fast-check";
import { expect, test } from "vitest";
import { divisionKg, handledRight, idleEvents, shelfOf } from "../../../tests/support/shelf-day.ts";
import { SimulatedShelf } from "../../../tests/support/simulated-shelf.ts";
import type { ShelfEvent, WeightReading } from "./weigh.ts";

test.each([
  { unitKg: 0.005, seed: 11, hasFlag: false },
  { unitKg: 0.005, seed: 12, hasFlag: true },
  { unitKg: 0.05, seed: 13, hasFlag: false },
  { unitKg: 0.5, seed: 14, hasFlag: true },
])("of 1,000 picks and puts 99.5 % are right in sign and count: %j", (day) => {
  expect(handledRight({ ...day, handlings: 1_000 })).toBeGreaterThanOrEqual(995);
});

test.each([0, 0.5, 15])(
  "in 72 idle hours with +-5 K a shelf with %d kg tells nothing",
  (loadKg) => {
    expect(idleEvents(21, loadKg, 72)).toEqual([]);
  },
);

test("an article that is no piece is told whenever it lies over 3 sigma beside one", () => {
  const sim = new SimulatedShelf({ seed: 31, divisionKg });
  const shelf = shelfOf(0.0842);
  const feed = (readings: readonly WeightReading[]) => readings.flatMap((it) => shelf.next(it));
  sim.add(20 * 0.0842);
  feed(sim.readings(5_000));
  for (const share of [0.3, 0.5, 1.4, 2.5, 3.7]) {
    const there = [...feed(sim.handle(0.0842 * share)), ...feed(sim.readings(12_000))];
    expect(there.map(({ is }) => is)).toEqual(["unexplained"]);
    const gone = [...feed(sim.handle(-0.0842 * share)), ...feed(sim.readings(12_000))];
    expect(gone.map(({ is }) => is)).toEqual(["unexplained"]);
  }
  expect(shelf.counts()).toMatchObject([{ pieces: 20 }]);
});

const unitKg = 0.05;

/** Readings of a shelf that is handled so often, from 30 pieces on. */
function story(seed: number, moves: readonly number[]) {
  const sim = new SimulatedShelf({ seed, divisionKg, everyMs: 500 });
  sim.add(30 * unitKg);
  const readings = [...sim.readings(5_000)];
  for (const pieces of moves) {
    readings.push(...sim.handle(pieces * unitKg), ...sim.readings(4_000 + sim.random() * 8_000));
  }
  readings.push(...sim.readings(12_000));
  return readings;
}

function sumOf(events: readonly ShelfEvent[]): number {
  return events.reduce((sum, it) => sum + (it.is === "moved" ? it.pieces : Number.NaN), 0);
}

const moves = fc.array(fc.integer({ min: -3, max: 5 }), { minLength: 1, maxLength: 6 });
const seeds = fc.integer({ min: 1, max: 1_000_000 });

test("what was told adds up to what changed", () => {
  fc.assert(
    fc.property(seeds, moves, (seed, handled) => {
      const shelf = shelfOf(unitKg);
      const events = story(seed, handled).flatMap((it) => shelf.next(it));
      expect(sumOf(events)).toBe(handled.reduce((sum, it) => sum + it, 0));
    }),
    { numRuns: 60 },
  );
});

test("killed at any reading and started again from what was saved, the sum is the same", () => {
  const nat = fc.array(fc.nat({ max: 200 }), { maxLength: 4 });
  fc.assert(
    fc.property(seeds, moves, nat, (seed, handled, kills) => {
      let shelf = shelfOf(unitKg);
      let saved: unknown;
      const events: ShelfEvent[] = [];
      for (const [at, reading] of story(seed, handled).entries()) {
        if (at > 12 && kills.includes(at)) shelf = shelfOf(unitKg, {}, saved);
        events.push(...shelf.next(reading));
        saved = JSON.parse(JSON.stringify(shelf.changes() ?? saved ?? null));
      }
      expect(sumOf(events)).toBe(handled.reduce((sum, it) => sum + it, 0));
    }),
    { numRuns: 60 },
  );
});

test("how often the clock is looked at between readings changes nothing", () => {
  fc.assert(
    fc.property(seeds, moves, fc.integer({ min: 1, max: 400 }), (seed, handled, everyMs) => {
      const [plain, ticked] = [shelfOf(unitKg), shelfOf(unitKg)];
      const seen: [ShelfEvent[], ShelfEvent[]] = [[], []];
      for (const reading of story(seed, handled)) {
        seen[0].push(...plain.next(reading));
        for (let ms = 499; ms > 0; ms -= everyMs)
          seen[1].push(...ticked.tick({ at: reading.at - ms, mono: reading.mono - ms }));
        seen[1].push(...ticked.next(reading));
      }
      expect(seen[1]).toEqual(seen[0]);
      expect(ticked.saved()).toEqual(plain.saved());
    }),
    { numRuns: 30 },
  );
});
