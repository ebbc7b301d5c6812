import { expect, test } from "vitest";
import { RackwatchError } from "../../../drivers/errors.ts";
import { checkShelf, refined, refinedShareMax, teaches } from "./piece-weight.ts";

const given = { item: "a", kg: 0.1, spread: 0.01, sampled: 10 };

test("a known number of pieces moves the piece weight by how much better it is known", () => {
  const better = refined(given, { kg: 0.101, pieces: 90, given: 0.1 }, 0.001);
  expect(better.kg).toBeGreaterThan(0.1008);
  expect(better.kg).toBeLessThan(0.101);
  expect(better.sampled).toBe(100);
  expect(refined(given, { kg: 0.101, pieces: 90, given: 0.2 }, 0.001)).toBe(given);
});

test("and by no more than its bound", () => {
  const far = refined({ ...given, sampled: 1 }, { kg: 0.2, pieces: 100_000, given: 0.1 }, 0.001);
  expect(far.kg).toBeCloseTo(0.1 * (1 + refinedShareMax), 12);
});

test("only a count that is sure, or that a person made, teaches; never one that contradicts", () => {
  const load = (pieces: number, goodsKg: number) => ({ pieces, goodsKg, divisionKg: 0.001 });
  expect(teaches(given, load(20, 2.01), false)).toBe(true);
  expect(teaches(given, load(400, 40.1), false)).toBe(false);
  expect(teaches(given, load(400, 40.1), true)).toBe(true);
  expect(teaches(given, load(20, 2.9), true)).toBe(false);
  expect(teaches(given, load(0, 0), true)).toBe(false);
});

const shelf = {
  ...{ location: "s", items: [given], tareKg: 0, divisionKg: 0.001 },
  ...{ settleMs: 1_500, confirmMs: 5_000 },
};

test.each([
  { items: [{ ...given, kg: 0 }] },
  { items: [{ ...given, kg: Number.NaN }] },
  { items: [{ ...given, kg: Number.POSITIVE_INFINITY }] },
  { items: [{ ...given, spread: -1 }] },
  { items: [{ ...given, sampled: 0 }] },
  { items: [{ ...given, containerKg: Number.NaN }] },
  { items: [given, given] },
  { divisionKg: 0 },
  { capacityKg: -1 },
  { tareKg: Number.NaN },
  { settleMs: Number.NaN },
])("a shelf that cannot be counted on is refused: %j", (wrong) => {
  const refusal = (() => {
    try {
      checkShelf({ ...shelf, ...wrong });
    } catch (error) {
      return error;
    }
    return undefined;
  })();
  expect(refusal).toBeInstanceOf(RackwatchError);
  expect(refusal).toMatchObject({ code: "config/invalid", where: "locations.s" });
});

test("an item that is sold by weight needs no piece weight", () => {
  expect(() => checkShelf({ ...shelf, items: [{ ...given, kg: 0, unit: "kg" }] })).not.toThrow();
});
