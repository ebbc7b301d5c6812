import { expect, test } from "vitest";
import { seeded } from "../../../tests/support/simulated-shelf.ts";
import { grossKgMax, Shelf, silentAfterMsDefault } from "./shelf.ts";
import type { PieceWeight, ShelfEvent, ShelfSettings } from "./weigh.ts";

const piece: PieceWeight = { item: "a", kg: 0.1, spread: 0.005, sampled: 50 };

/** A shelf whose scale tells every half second what the test puts on it. */
function rig(more: Partial<ShelfSettings> = {}, saved?: unknown, from = 1_000, boot = "b") {
  const settings: ShelfSettings = {
    ...{ location: "s", items: [piece], tareKg: 0.5, divisionKg: 0.001 },
    ...{ settleMs: 1_500, confirmMs: 5_000 },
    ...more,
  };
  let mono = from;
  const at = () => Date.UTC(2027, 2, 1) + mono;
  const instant = { at: at(), mono };
  const shelf = new Shelf(settings, saved, { instant, boot, clockSynchronized: () => true });
  const random = seeded(7);
  const tell = (grossKg: number, stable?: boolean): readonly ShelfEvent[] => {
    mono += 500;
    const kg = Math.round(grossKg * 1_000 + (random() - 0.5) * 0.8) / 1_000;
    return shelf.next({ kg, at: at(), mono, ...(stable === undefined ? {} : { stable }) });
  };
  const rest = (grossKg: number, forMs = 10_000) =>
    Array.from({ length: forMs / 500 }, () => tell(grossKg)).flat();
  const pass = (ms: number) => {
    mono += ms;
  };
  return { shelf, tell, rest, pass, now: () => ({ at: at(), mono }) };
}

test("a pick is told once, with count, interval, weights and when it rested before", () => {
  const { shelf, rest } = rig();
  expect(rest(2.5)).toEqual([]);
  expect(shelf.counts()).toMatchObject([{ item: "a", pieces: 20 }]);
  const events = rest(2.2);
  expect(events).toMatchObject([
    { is: "moved", item: "a", pieces: -3, interval: [-3, -3], unwatched: false, refill: false },
  ]);
  const [event] = events;
  if (event?.is !== "moved") throw new Error("not moved");
  expect(event.weightBeforeKg).toBeCloseTo(2, 2);
  expect(event.weightAfterKg).toBeCloseTo(1.7, 2);
  expect(event.at).toBeGreaterThan(event.since);
  expect(shelf.counts()).toMatchObject([{ pieces: 17 }]);
});

test("nothing is decided while it moves, whatever it weighs then", () => {
  const { shelf, tell, rest } = rig();
  rest(2.5);
  for (let step = 0; step < 100; step += 1) {
    expect(tell(1 + 0.01 * step)).toEqual([]);
    expect(shelf.resting).toBe(false);
    expect(shelf.counts()).toEqual([]);
  }
  for (let step = 0; step < 100; step += 1) expect(tell(1, false)).toEqual([]);
});

test("an article that is lifted and put back within the confirm window is nothing", () => {
  const { rest } = rig();
  rest(2.5);
  expect([...rest(2.4, 4_000), ...rest(2.5, 20_000)]).toEqual([]);
  expect([...rest(2.4, 4_000), ...rest(2.3, 10_000)]).toMatchObject([{ pieces: -2 }]);
});

test("a movement is told by the clock too, when no further reading comes", () => {
  const { shelf, rest, pass, now } = rig();
  rest(2.5);
  expect(rest(2.3, 4_000)).toEqual([]);
  pass(4_000);
  expect(shelf.nextDue()).toBeLessThanOrEqual(now().mono);
  expect(shelf.tick(now())).toMatchObject([{ is: "moved", pieces: -2 }]);
  expect(shelf.tick(now())).toEqual([]);
});

test("many pieces at once are a refill", () => {
  const { rest } = rig();
  rest(0.5);
  expect(rest(1.7)).toMatchObject([{ pieces: 12, refill: true }]);
  expect(rest(1.8)).toMatchObject([{ pieces: 1, refill: false }]);
});

test("a wrong item is unexplained, does not count, and goes as it came", () => {
  const { shelf, rest } = rig();
  rest(2.5);
  expect(rest(2.537)).toMatchObject([{ is: "unexplained", candidates: [] }]);
  expect(shelf.counts()).toMatchObject([{ pieces: 20 }]);
  expect(rest(2.337)).toMatchObject([{ is: "moved", pieces: -2 }]);
  expect(rest(2.3)).toMatchObject([{ is: "unexplained", returned: true }]);
  expect(shelf.counts()).toMatchObject([{ pieces: 18 }]);
});

test("killed in the middle of a pick: the difference is one movement, unwatched, and only once", () => {
  const before = rig();
  before.rest(2.5);
  const { shelf } = before;
  const saved: unknown = JSON.parse(JSON.stringify(shelf.changes()));
  before.rest(2.4, 3_000);
  expect(shelf.changes()).toBeUndefined();
  const after = rig({}, saved, 1_000, "another boot");
  const events = after.rest(2.2, 20_000);
  expect(events).toMatchObject([{ is: "moved", pieces: -3, unwatched: true }]);
  const third = rig({}, JSON.parse(JSON.stringify(after.shelf.changes())), 1_000, "third");
  expect(third.rest(2.2, 20_000)).toEqual([]);
  expect(third.rest(2.1, 20_000)).toMatchObject([{ pieces: -1, unwatched: false }]);
});

test("a restart without a change tells nothing, also when the state is not readable", () => {
  const { shelf, rest } = rig();
  rest(2.5);
  expect(rig({}, shelf.saved(), 1_000, "c").rest(2.5)).toEqual([]);
  for (const broken of [null, 7, {}, { ...shelf.saved(), grossKg: "x" }])
    expect(rig({}, broken).rest(2.5)).toEqual([]);
});

test("what happened during a silence is one movement that nobody watched", () => {
  const { shelf, rest, pass, now } = rig();
  rest(2.5);
  pass(silentAfterMsDefault);
  expect(shelf.tick(now())).toEqual([]);
  expect(shelf.resting).toBe(false);
  expect(shelf.nextDue()).toBeUndefined();
  expect(rest(2.3)).toMatchObject([{ pieces: -2, unwatched: true }]);
  expect(rest(2.2)).toMatchObject([{ pieces: -1, unwatched: false }]);
});

test("a movement that a silence cuts off is not told before the scale speaks again", () => {
  const { shelf, rest, pass, now } = rig({ confirmMs: 120_000 });
  rest(2.5);
  rest(2.3, 4_000);
  pass(600_000);
  expect(shelf.tick(now())).toEqual([]);
  expect(rest(2.3, 130_000)).toMatchObject([{ pieces: -2, unwatched: true }]);
});

test("a scale that comes back with its goods as zero is no theft: unexplained, and counting goes on", () => {
  const { shelf, rest, pass } = rig();
  rest(0.5);
  rest(2.5);
  pass(600_000);
  const events = rest(0);
  expect(events).toMatchObject([{ is: "unexplained", unwatched: true, candidates: [] }]);
  expect(shelf.counts()).toMatchObject([{ pieces: 20 }]);
  expect(rest(-0.3)).toMatchObject([{ is: "moved", pieces: -3, unwatched: false }]);
  pass(600_000);
  expect(rest(2.2)).toEqual([]);
  expect(shelf.counts()).toMatchObject([{ pieces: 17 }]);
});

test("without a tare an emptied shelf and another zero look the same: said to be unwatched", () => {
  const { rest, pass } = rig({ tareKg: 0 });
  rest(2);
  pass(600_000);
  expect(rest(0)).toMatchObject([{ is: "moved", pieces: -20, unwatched: true }]);
});

test("a tray that is lifted off with everything on it is not a negative count", () => {
  const { shelf, rest } = rig({ tareKg: 1.25 });
  rest(1.25);
  rest(3.25);
  expect(rest(0)).toMatchObject([{ is: "unexplained" }]);
  expect(rest(3.25)).toMatchObject([{ is: "unexplained" }]);
  expect(shelf.counts()).toMatchObject([{ pieces: 20 }]);
});

test("zero is tracked on an empty shelf only, and by no more than its bound", () => {
  const { shelf, rest } = rig({ capacityKg: 3 });
  rest(0.5);
  for (let grams = 1; grams <= 200; grams += 1) rest(0.5 + grams / 1_000, 5_000);
  const saved = shelf.saved();
  expect(saved?.zeroKg).toBeGreaterThan(0.01);
  expect(saved?.zeroKg).toBeLessThanOrEqual(0.06);
  const loaded = rig({ capacityKg: 3 });
  loaded.rest(0.6);
  for (let grams = 1; grams <= 20; grams += 1) loaded.rest(0.6 + grams / 1_000, 5_000);
  expect(loaded.shelf.saved()?.zeroKg).toBe(0);
});

test("a slow loss beyond drift is told once", () => {
  const { rest } = rig({ capacityKg: 3 });
  rest(2.5);
  const events: ShelfEvent[] = [];
  for (let step = 0; step < 400; step += 1) events.push(...rest(2.5 - step * 0.0003, 5_000));
  expect(events).toMatchObject([{ is: "seepage" }]);
  const [event] = events;
  if (event?.is === "seepage") expect(event.lostKg).toBeGreaterThan(0.008);
});

test("overload is told when it stays, and that it is over when it is clearly over", () => {
  const { tell, rest } = rig({ capacityKg: 3 });
  rest(2.5);
  expect(tell(9)).toEqual([]);
  rest(2.5, 5_000);
  const over = rest(3.1).filter(({ is }) => is === "overload" || is === "load-ok");
  expect(over).toMatchObject([{ is: "overload" }]);
  expect(rest(2.98).filter(({ is }) => is === "load-ok")).toEqual([]);
  expect(rest(2.5).filter(({ is }) => is === "load-ok")).toHaveLength(1);
});

test("items of one scale are told apart by their weight, and said to be ambiguous where two fit", () => {
  const items = [piece, { ...piece, item: "b", kg: 0.25 }];
  const { shelf, rest } = rig({ items });
  rest(0.5);
  expect(rest(0.75)).toMatchObject([{ is: "moved", item: "b", pieces: 1 }]);
  expect(rest(1.05)).toMatchObject([{ item: "a", pieces: 3 }]);
  expect(shelf.counts()).toMatchObject([
    { item: "a", pieces: 3 },
    { item: "b", pieces: 1 },
  ]);
  expect(rest(1.55)).toMatchObject([
    {
      is: "ambiguous",
      candidates: [
        { item: "a", pieces: 5 },
        { item: "b", pieces: 2 },
      ],
    },
  ]);
  expect(shelf.counts()).toEqual([]);
  shelf.knownCount("a", 8);
  shelf.knownCount("b", 1);
  expect(shelf.counts()).toMatchObject([{ pieces: 8 }, { pieces: 1 }]);
});

test("an item that is sold by weight moves in kg", () => {
  const { shelf, rest } = rig({ items: [{ ...piece, kg: 1, unit: "kg" }] });
  rest(10.5);
  const [event] = rest(9.3);
  expect(event).toMatchObject({ is: "moved", residualKg: 0 });
  if (event?.is === "moved") expect(event.pieces).toBeCloseTo(-1.2, 2);
  expect(shelf.counts()[0]?.pieces).toBeCloseTo(8.8, 2);
});

test("a count by a person refines the weight of a piece while it fits, and wins where it does not", () => {
  const { shelf, rest } = rig({ items: [{ ...piece, kg: 0.1, spread: 0.02, sampled: 5 }] });
  rest(0.5 + 40 * 0.1012);
  expect(shelf.knownCount("a", 40)).toBe(true);
  expect(shelf.counts()).toMatchObject([{ pieces: 40 }]);
  expect(shelf.saved()?.book.known["a"]).toMatchObject({ pieces: 40 });
  expect(shelf.knownCount("a", 30)).toBe(false);
  expect(shelf.counts()).toMatchObject([{ pieces: 30 }]);
  expect(shelf.knownCount("nothing", 3)).toBe(false);
});

test("readings that are no weight, or older than the last, decide nothing", () => {
  const { shelf, rest, now } = rig();
  rest(2.5);
  const { at, mono } = now();
  for (const kg of [Number.NaN, Number.POSITIVE_INFINITY, -2 * grossKgMax, 1e300])
    expect(shelf.next({ kg, at, mono })).toEqual([]);
  expect(shelf.next({ kg: 0.5, at: at - 60_000, mono: mono - 60_000 })).toEqual([]);
  expect(rest(2.5)).toEqual([]);
  expect(rest(2.4)).toMatchObject([{ pieces: -1 }]);
});

test("a shelf that is set up anew in a running gateway goes on from where it stood", () => {
  const before = rig();
  before.rest(2.5, 60_000);
  const { shelf } = before;
  const instant = { at: Date.UTC(2027, 2, 1), mono: 0 };
  const start = { instant, boot: "b", clockSynchronized: () => true };
  const settings = {
    ...{ location: "s", items: [piece], tareKg: 0.5, divisionKg: 0.001 },
    ...{ settleMs: 1_500, confirmMs: 5_000 },
  };
  const anew = new Shelf(settings, shelf.saved(), start);
  expect(anew.changes()).toBeUndefined();
  const { at, mono } = before.now();
  const events = Array.from({ length: 30 }, (_, step) => {
    const ms = 500 * (step + 1);
    return anew.next({ kg: 2.3, at: at + ms, mono: mono + ms });
  });
  expect(events.flat()).toMatchObject([{ is: "moved", pieces: -2, unwatched: true }]);
});

test("a rest is saved when something was decided, and else once an hour", () => {
  const { shelf, rest } = rig();
  rest(2.5, 5_000);
  expect(shelf.changes()).toBeDefined();
  rest(2.5, 3_000_000);
  expect(shelf.changes()).toBeUndefined();
  rest(2.5, 700_000);
  expect(shelf.changes()).toBeDefined();
  rest(2.4);
  expect(shelf.changes()).toBeDefined();
  expect(shelf.changes()).toBeUndefined();
});
