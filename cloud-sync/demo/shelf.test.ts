import { expect, test } from "vitest";
import { noise } from "./rooms.ts";
import { nextShelf, type Shelf, startShelf } from "./shelf.ts";
import { shelfPlans } from "./shelf-plans.ts";

const plans = shelfPlans.map((plan) => [plan.shelf, plan] as const);

/** Ten minutes of a shelf, second by second. */
function lifeOf(plan: (typeof shelfPlans)[number]): readonly Shelf[] {
  const random = noise(7);
  const life: Shelf[] = [startShelf(plan)];
  for (let second = 1; second <= 600; second += 1) {
    const before = life.at(-1) ?? startShelf(plan);
    life.push(nextShelf(before, plan, second, random));
  }
  return life;
}

test.each(plans)("%s changes only while it moves, and is never empty", (_, plan) => {
  const life = lifeOf(plan);
  for (const [second, { pieces, moving }] of life.entries()) {
    expect(Math.min(...pieces)).toBeGreaterThan(0);
    const next = life[second + 1];
    if (next === undefined || String(next.pieces) === String(pieces)) continue;
    expect({ second, moving }).toEqual({ second, moving: true });
    expect(next.moving).toBe(true);
  }
});

test.each(plans)(
  "what the scale below %s shows at rest is what lies there, to a division",
  (_, plan) => {
    const { tareGrams, divisionGrams, goods } = plan;
    for (const { grams, pieces, stolenGrams, moving } of lifeOf(plan).slice(1)) {
      if (moving) continue;
      const loads = goods.map((it, index) => it.grams * (pieces[index] ?? 0));
      const load = loads.reduce((sum, each) => sum + each, tareGrams - stolenGrams);
      expect(Math.abs(grams - load)).toBeLessThanOrEqual(divisionGrams + load * 0.0002);
    }
  },
);

test("shelves rest for ten seconds again and again, so that what was taken is told within a minute", () => {
  for (const plan of shelfPlans) {
    let restedS = 0;
    const rests = lifeOf(plan).map(({ moving }) => {
      restedS = moving ? 0 : restedS + 1;
      return restedS >= 10;
    });
    expect(rests.slice(0, 60)).toContain(true);
  }
});

test("one thing goes that is no piece, and no multiple of one", () => {
  const thefts = shelfPlans.flatMap(({ theft, goods }) =>
    theft === undefined ? [] : goods.map(({ grams }) => (theft.grams / grams) % 1),
  );
  expect(thefts).toHaveLength(1);
  expect(thefts[0]).toBeGreaterThan(0.2);
  expect(thefts[0]).toBeLessThan(0.8);
});
