import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { hour, minute, World, wall, warm } from "../../tests/support/excursion-world.ts";
import type { Rule } from "../rules/rule.ts";
import { historicSettleMs } from "./historic-excursions.ts";

describe("late samples", () => {
  const instantRule: Rule = { ...warm, onDelayMs: 0, offDelayMs: 0 };
  const noon = 12 * hour;

  /** @param values Value by minute of the day. */
  function readings(world: World, values: Readonly<Record<number, number>>): Sample[] {
    return Object.entries(values).map(([at, value]) =>
      world.sample(value, wall + Number(at) * minute),
    );
  }

  function settle(world: World): void {
    world.step({ at: world.mono + historicSettleMs });
  }

  test("of 9 degrees from three to four are one historic excursion and one low notice", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, value: 5 });
    const night = Object.fromEntries(Array.from({ length: 61 }, (_, index) => [180 + index, 9]));
    for (const sample of readings(world, night)) {
      world.step({ at: world.mono + 100, late: [sample] });
    }
    expect(world.notices).toEqual([]);
    settle(world);

    expect(world.excursions.list()).toHaveLength(1);
    expect(world.first).toMatchObject({
      id: "cold-2:high@2026-11-01T03:00:00.000Z",
      kind: "historic",
      state: "closed",
      start: wall + 3 * hour,
      end: wall + 4 * hour,
      peak: { value: 9, at: wall + 3 * hour },
      outsideMs: hour,
      affected: { location: "cold-2" },
    });
    expect(world.notices.map(({ id }) => id)).toEqual([world.first.id]);
    expect(world.events).toEqual([{ do: "opened", id: world.first.id }]);
    settle(world);
    expect(world.notices).toHaveLength(1);
  });

  test("only two of them, an hour apart, are one excursion with a gap", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, late: readings(world, { 180: 9, 240: 9 }) });
    expect(world.first).toMatchObject({
      start: wall + 3 * hour,
      end: wall + 4 * hour,
      gapMs: hour,
    });
  });

  test("that are in range make none, and the rule's delay counts for the others", () => {
    const world = new World();
    world.step({ at: noon, late: readings(world, { 180: 5, 181: 9, 182: 9, 184: 5, 185: 7 }) });
    settle(world);
    expect(world.excursions.list()).toEqual([]);
    expect(world.notices).toEqual([]);
  });

  test("that come after an excursion was told extend it, without a second notice", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, late: readings(world, { 180: 9, 181: 9.5 }) });
    settle(world);
    world.start();
    world.step({ at: world.mono, late: readings(world, { 182: 9.8, 183: 9 }) });
    settle(world);
    expect(world.excursions.list()).toHaveLength(1);
    expect(world.first).toMatchObject({
      start: wall + 180 * minute,
      end: wall + 183 * minute,
      peak: { value: 9.8 },
    });
    expect(world.notices).toHaveLength(1);
    expect(world.events.map((event) => event.do)).toEqual(["opened", "updated"]);
  });

  test("that prove a return in between make two of one", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, late: readings(world, { 180: 9, 190: 9 }) });
    settle(world);
    world.step({ at: world.mono, late: readings(world, { 185: 5 }) });
    settle(world);
    expect(world.excursions.list().map(({ start }) => start)).toEqual([
      wall + 190 * minute,
      wall + 180 * minute,
    ]);
  });

  test("that split one at the time it is named after leave both", () => {
    const world = new World({ rules: [instantRule] });
    for (const values of [{ 220: 9 }, { 119: 9 }, { 203: 5 }]) {
      world.step({ at: noon, late: readings(world, values) });
    }
    settle(world);
    expect(world.excursions.list().map(({ start }) => start)).toEqual([
      wall + 220 * minute,
      wall + 119 * minute,
    ]);
  });

  test("that were waiting to be told when the machine died are told after it", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, late: readings(world, { 180: 9 }) });
    world.start();
    expect(world.excursions.nextDue()).toBeDefined();
    world.step({ at: world.mono + 1 });
    expect(world.notices).toHaveLength(1);
    expect(world.excursions.nextDue()).toBeUndefined();
  });

  test("give the same excursions in whichever order and batches they come", () => {
    const value = fc.constantFrom(5, 7.8, 8.1, 9, 12);
    const given = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 400 }), value), {
      selector: ([at]) => at,
      minLength: 1,
      maxLength: 60,
    });
    const outcome = (world: World) => {
      settle(world);
      return world.excursions
        .list()
        .map(({ start, end, peak, outsideMs, gapMs }) => ({ start, end, peak, outsideMs, gapMs }))
        .sort((left, right) => left.start - right.start);
    };
    fc.assert(
      fc.property(
        given,
        fc.infiniteStream(fc.nat()),
        fc.infiniteStream(fc.integer({ min: 1, max: 20 })),
        fc.constantFrom(instantRule, warm),
        (pairs, keys, sizes, rule) => {
          const inOrder = new World({ rules: [rule] });
          const sorted = pairs.toSorted(([left], [right]) => left - right);
          const samples = sorted.map(([at, one]) => inOrder.sample(one, wall + at * minute));
          inOrder.step({ at: noon, late: samples });
          const mixed = new World({ rules: [rule] });
          let rest = samples
            .map((sample) => ({ sample, key: keys.next().value ?? 0 }))
            .sort((left, right) => left.key - right.key)
            .map(({ sample }) => sample);
          while (rest.length > 0) {
            const size = sizes.next().value ?? 1;
            mixed.step({ at: noon, late: rest.slice(0, size) });
            rest = rest.slice(size);
          }
          expect(outcome(mixed)).toEqual(outcome(inOrder));
        },
      ),
      { numRuns: 300 },
    );
  });
});
