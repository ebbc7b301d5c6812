import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exactLevels, exactMeanMax } from "./exact-levels.ts";
import { poissonTerm } from "./gamma-function.ts";
import { erpnextOrder, erpnextProjected, odooOrder } from "./order-rules.ts";
import {
  baseStock,
  economicOrder,
  fillRate,
  fillRateFactor,
  newsvendor,
  orderUpTo,
  reorderPoint,
  safetyStock,
} from "./policy.ts";
import { economicReorder, optimalReorder, reorderByLevel, reorderCost } from "./reorder-costs.ts";

function near(found: number, wanted: number, within = 1e-9): void {
  const away = Math.abs(found - wanted);
  expect(away, `${found} for ${wanted}`).toBeLessThanOrEqual(within * Math.abs(wanted));
}

describe("safety stock and reorder point", () => {
  test("demand that varies over a fixed lead time", () => {
    near(safetyStock(0.95, 6, 8), 27.91409168824017);
  });

  test.each([
    [0.95, 100, 20, 9, 2, 343.4555205533316, 1243.4555205533316],
    [0.95, 20, 6, 7, 2, 70.78606131848773, 210.78606131848773],
    [0.99, 20, 6, 7, 2, 100.11407736333905, 240.11407736333905],
    [0.98, 4.2, 3.1, 14, 3.5, 38.45668827477062, 97.25668827477062],
  ])("at %d with %d (%d) a day and %d (%d) days", (service, mean, sd, lead, sdLead, ...wanted) => {
    const [safety = 0, reorderAt = 0] = wanted;
    const found = reorderPoint(service, {
      meanDemand: mean,
      sdDemand: sd,
      meanLeadTime: lead,
      sdLeadTime: sdLead,
    });
    near(found.safety, safety);
    near(found.reorderAt, reorderAt);
  });

  test("a review every day besides", () => {
    const found = orderUpTo(0.95, { meanDemand: 20, sdDemand: 6, leadTime: 7, review: 1 });
    near(found.safety, 27.91409168824017);
    near(found.level, 187.91409168824018);
    near(found.reorderAt, 167.91409168824018);
  });

  test("the factor of a fill rate, also where hardly any stock is needed, and back", () => {
    const factor = fillRateFactor(0.98, 60, 200);
    near(factor, 1.1145638780870646);
    near(factor * 60, 66.87383268522387);
    near(fillRate(factor, 60, 200), 0.98);
    for (const rate of [0.01, 0.5, 0.999999])
      near(fillRate(fillRateFactor(rate, 5, 100), 5, 100), rate);
  });

  test("what is no amount and no service level is refused", () => {
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => safetyStock(0.95, bad, 8)).toThrow(RangeError);
      expect(() => safetyStock(0.95, 6, bad)).toThrow(RangeError);
      expect(() => safetyStock(bad, 6, 8)).toThrow(RangeError);
      expect(() => economicOrder(8, bad, 1)).toThrow(RangeError);
      expect(() => newsvendor(1, bad, 50, 8)).toThrow(RangeError);
      expect(() => fillRateFactor(0.9, bad, 200)).toThrow(RangeError);
    }
    for (const bad of [0, 1]) {
      expect(() => safetyStock(bad, 6, 8)).toThrow(RangeError);
      expect(() => fillRateFactor(bad, 6, 8)).toThrow(RangeError);
    }
    expect(safetyStock(0.5, 6, 8)).toBe(0);
    expect(safetyStock(0.3, 6, 8)).toBeLessThan(0);
  });
});

/** Examples of Snyder and Shen, "Fundamentals of Supply Chain Theory". */
describe("quantities by their cost", () => {
  test("economic order", () => {
    const { quantity, cost } = economicOrder(8, 0.225, 1300);
    near(quantity, 304.0467800264368);
    near(cost, 68.41052550594827);
  });

  test("newsvendor, and base stock over a lead time", () => {
    const one = newsvendor(0.18, 0.7, 50, 8);
    near(one.level, 56.60395592743389);
    near(one.cost, 1.997605193176645);
    const four = baseStock({ over: 0.18, under: 0.7 }, { mean: 50, sd: 8, leadTime: 4 });
    near(four.level, 264.7668943741548);
    near(four.cost, 4.466781004149578);
  });

  const costs = { holding: 0.225, shortage: 7.5, fixed: 8 };
  const demand = { mean: 1300, sd: 150, leadTime: 1 / 12 };

  test("reorder point and quantity", () => {
    near(reorderCost(costs, demand, { reorderAt: 126.8, quantity: 328.5 }), 78.07116250928294);
    const economic = economicReorder(costs, demand);
    near(economic.reorderAt, 190.3369965715624);
    near(economic.quantity, 304.0467800264368);
    const level = reorderByLevel(costs, demand);
    near(level.reorderAt, 213.9704421358024);
    near(level.quantity, 318.5901810768729);
    near(level.cost, 95.45114022285196);
  });

  test("the least exact cost: no reorder point and quantity beside it are cheaper", () => {
    const best = optimalReorder(costs, demand);
    // Published to where an iteration ended.
    near(best.reorderAt, 126.8670642878, 1e-7);
    near(best.quantity, 328.4491413582, 1e-7);
    const least = reorderCost(costs, demand, best);
    for (const [at, more] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const beside = { reorderAt: best.reorderAt + at, quantity: best.quantity + more };
      expect(reorderCost(costs, demand, beside)).toBeGreaterThan(least);
    }
  });

  test("an order so dear that being short is cheaper still has a reorder point", () => {
    const found = reorderByLevel({ holding: 10, shortage: 0.1, fixed: 500 }, demand);
    expect(Number.isFinite(found.reorderAt) && Number.isFinite(found.cost)).toBe(true);
    expect(() =>
      reorderCost({ ...costs, fixed: 0 }, demand, economicReorder(costs, demand)),
    ).toThrow(RangeError);
  });
});

describe("exact levels", () => {
  test("Poisson 6 with costs 1, 4 and 5", () => {
    const found = exactLevels({ holding: 1, shortage: 4, fixed: 5 }, 6);
    expect([found.reorderAt, found.orderUpTo]).toEqual([4, 10]);
    near(found.cost, 8.034111561471644);
  });

  test("orders that cost nothing go out after every demand", () => {
    const { reorderAt, orderUpTo } = exactLevels({ holding: 1, shortage: 9, fixed: 0 }, 4);
    expect(orderUpTo - reorderAt).toBe(1);
    expect(orderUpTo).toBe(7);
  });

  test("no other levels are cheaper, whatever the costs", () => {
    const amounts = fc.record({
      holding: fc.integer({ min: 1, max: 5 }),
      shortage: fc.integer({ min: 1, max: 30 }),
      fixed: fc.integer({ min: 0, max: 40 }),
      mean: fc.integer({ min: 5, max: 40 }).map((fifths) => fifths / 5),
      lead: fc.integer({ min: 0, max: 2 }),
    });
    void fc.assert(
      fc.property(amounts, ({ mean, lead, ...costs }) => {
        const found = exactLevels(costs, mean, lead);
        near(chainCost(costs, mean, lead, found), found.cost, 1e-6);
        for (const s of [-1, 0, 1]) {
          for (const S of [-1, 0, 1]) {
            const levels = { reorderAt: found.reorderAt + s, orderUpTo: found.orderUpTo + S };
            if (levels.reorderAt >= levels.orderUpTo) continue;
            const beside = chainCost(costs, mean, lead, levels);
            expect(beside).toBeGreaterThanOrEqual(found.cost * (1 - 1e-6));
          }
        }
      }),
      { numRuns: 15 },
    );
  });

  test("costs that are none and a demand too large to search are refused", () => {
    const costs = { holding: 1, shortage: 4, fixed: 5 };
    expect(() => exactLevels({ ...costs, holding: 0 }, 6)).toThrow(RangeError);
    expect(() => exactLevels(costs, 0)).toThrow(RangeError);
    expect(() => exactLevels(costs, Number.NaN)).toThrow(RangeError);
    expect(() => exactLevels(costs, 6, 0.5)).toThrow(RangeError);
    expect(() => exactLevels(costs, exactMeanMax + 1)).toThrow(RangeError);
    expect(exactLevels(costs, 0.01).orderUpTo).toBe(0);
  });
});

/** The same cost by another way: the chain of positions after ordering, run until it stands. */
function chainCost(
  costs: { readonly holding: number; readonly shortage: number; readonly fixed: number },
  mean: number,
  lead: number,
  { reorderAt, orderUpTo }: { readonly reorderAt: number; readonly orderUpTo: number },
): number {
  const states = orderUpTo - reorderAt;
  const once = Array.from({ length: states }, (_, taken) => poissonTerm(taken, mean));
  const whole = Array.from({ length: 120 }, (_, taken) => poissonTerm(taken, mean * (lead + 1)));
  let share = new Array<number>(states).fill(1 / states);
  let orders = 0;
  for (let round = 0; round < 400; round += 1) {
    const next = new Array<number>(states).fill(0);
    orders = 0;
    for (const [below, p] of share.entries()) {
      let stays = 0;
      for (let taken = 0; below + taken < states; taken += 1) {
        const chance = once[taken] ?? 0;
        stays += chance;
        next[below + taken] = (next[below + taken] ?? 0) + p * chance;
      }
      orders += p * (1 - stays);
    }
    next[0] = (next[0] ?? 0) + orders;
    share = next;
  }
  let cost = costs.fixed * orders;
  for (const [below, p] of share.entries()) {
    const level = orderUpTo - below;
    for (const [taken, chance] of whole.entries()) {
      const left = level - taken;
      const each = left >= 0 ? costs.holding * left : -costs.shortage * left;
      cost += p * chance * each;
    }
  }
  return cost;
}

describe("what other programs would order", () => {
  test("Odoo: up to the maximum in whole multiples, once below the minimum", () => {
    const rule = { min: 10, max: 40, multiple: 12 };
    expect(odooOrder(rule, 7)).toBe(36);
    expect(odooOrder(rule, 10)).toBe(0);
    expect(odooOrder({ ...rule, multiple: 0 }, 7)).toBe(33);
    expect(odooOrder({ min: 40, max: 10, multiple: 1 }, 7)).toBe(33);
    expect(odooOrder({ min: 0.3, max: 0.3, multiple: 0.1 }, 0)).toBeCloseTo(0.3, 12);
    expect(odooOrder(rule, -8)).toBe(48);
  });

  test("ERPNext: at or below the level", () => {
    expect(erpnextOrder(50, 30, 10)).toBe(40);
    expect(erpnextOrder(50, 30, 45)).toBe(30);
    expect(erpnextOrder(50, 30, 50)).toBe(30);
    expect(erpnextOrder(50, 30, 51)).toBe(0);
    expect(erpnextOrder(0, 0, -5)).toBe(0);
    const projected = erpnextProjected({
      actual: 10,
      planned: 1,
      requested: 2,
      ordered: 3,
      reserved: 4,
      reservedForProduction: 5,
      reservedForSubcontract: 6,
    });
    expect(projected).toBe(1);
  });
});
