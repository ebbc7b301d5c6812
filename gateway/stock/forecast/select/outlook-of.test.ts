import { expect, test } from "vitest";
import { simulatedDemand } from "../../../../tests/support/demand-simulator.ts";
import type { Policy } from "../../stocked.ts";
import { outlookSchema } from "../outlook.ts";
import { demandOver } from "./demand-over.ts";
import { outlookOf, type Review } from "./outlook-of.ts";

const day = 86_400_000;
const policy: Policy = {
  leadTimeMs: 7 * day,
  leadTimeSpreadMs: 0,
  reviewMs: day,
  serviceLevel: 0.95,
  expiryTiersMs: [0],
  deadAfterMs: 180 * day,
  horizonMs: 30 * day,
};

/** At the end of a history; it was taken last on its last day with demand. */
function outlook(demand: readonly number[], more: Partial<Review> = {}) {
  const days = Float64Array.from(demand);
  const last = days.findLastIndex((value) => value > 0);
  const taken = last < 0 ? {} : { takenAt: (last + 0.5) * day };
  const review = { policy, unit: "pcs", now: (days.length + 0.5) * day, ...more } as const;
  const found = outlookOf({ from: 0, days, today: 0, ...taken }, review);
  expect(outlookSchema.parse(JSON.parse(JSON.stringify(found)))).toEqual(found);
  return found;
}

const repeated = (pattern: readonly number[], times: number) =>
  Array.from({ length: times }, () => pattern).flat();

test("each kind of demand gets its class", () => {
  expect(outlook(repeated([5, 6, 4, 5], 20)).class).toBe("smooth");
  expect(outlook(repeated([1, 9, 1, 40], 20)).class).toBe("erratic");
  expect(outlook(repeated([0, 0, 0, 3], 20)).class).toBe("intermittent");
  expect(outlook(repeated([0, 0, 1, 0, 0, 30], 20)).class).toBe("lumpy");
  expect(outlook(repeated([5, 6, 4], 5)).class).toBe("new");
  expect(outlook(repeated([0], 50)).class).toBe("none");
});

test("steady demand is ordered for lead time and review, and what varies gets a safety stock", () => {
  const same = outlook(repeated([10], 60));
  expect(same.perDay).toBe(10);
  // Pieces are counted: even the same demand every day is not taken for certain.
  expect(same.reorderPoint).toBeGreaterThanOrEqual(80);
  expect(same.reorderPoint).toBeLessThan(97);
  const wild = outlook(repeated([0, 20, 5, 15, 2, 18], 20));
  expect(wild.safetyStock).toBeGreaterThan((same.safetyStock ?? 0) * 1.2);
  expect(wild.reorderPoint).toBeCloseTo(8 * wild.perDay + (wild.safetyStock ?? 0), 3);
});

test("a higher service level, a longer lead time and one that varies ask for more", () => {
  const demand = simulatedDemand({ demands: 3, size: 2, dispersion: 2 }, 200, 5);
  const at = (changed: Partial<Policy>) =>
    outlook(demand, { policy: { ...policy, ...changed } }).reorderPoint ?? 0;
  expect(at({ serviceLevel: 0.99 })).toBeGreaterThan(at({}));
  expect(at({ leadTimeMs: 14 * day })).toBeGreaterThan(at({}) * 1.5);
  expect(at({ leadTimeSpreadMs: 3 * day })).toBeGreaterThan(at({}));
});

test("without a lead time nothing is said of a reorder point, unless deliveries teach one", () => {
  const { leadTimeMs: _, ...unset } = policy;
  const demand = repeated([10], 60);
  expect(outlook(demand, { policy: unset }).reorderPoint).toBeUndefined();
  const learnt = { meanMs: 7 * day, sdMs: 0, count: 5 };
  expect(outlook(demand, { policy: unset, learnt }).reorderPoint).toBe(
    outlook(demand).reorderPoint,
  );
  expect(outlook(repeated([10], 6)).reorderPoint).toBeUndefined();
});

test("days that are left out are no zeros", () => {
  const demand = repeated([10, 10, Number.NaN, Number.NaN], 20);
  expect(outlook(demand)).toMatchObject({ perDay: 10, days: 40 });
});

test("an item that nobody takes any more expects nothing", () => {
  const dead = outlook([...repeated([3], 60), ...repeated([0], 181)]);
  expect(dead).toMatchObject({ class: "none", perDay: 0 });
  expect(dead.reorderPoint).toBeUndefined();
});

test("kilograms keep their fractions", () => {
  const kg = outlook(repeated([0.35, 0, 0.4, 0.3, 0, 0.5], 20), { unit: "kg" });
  expect(kg.perDay).toBeCloseTo(0.2583, 1);
  expect(kg.reorderPoint).toBeLessThan(4);
  expect(Number.isInteger(kg.reorderPoint)).toBe(false);
});

test("the method of the last review stays while no other is clearly better", () => {
  const demand = simulatedDemand({ demands: 4, size: 2, dispersion: 1.5 }, 300, 3);
  const before = { ...outlook(demand), method: "ses-negbin" };
  expect(outlook(demand, { before }).method).toBe("ses-negbin");
});

test("weekdays are known: the sum of whole weeks varies less than its days", () => {
  const story = { demands: 20, size: 1, dispersion: 1, weekdays: [1.4, 1.4, 1.4, 1.4, 1.4, 0, 0] };
  const found = outlook(simulatedDemand(story, 400, 2), {
    policy: { ...policy, leadTimeMs: 13 * day },
  });
  expect(found.method).toBe("weekly-negbin");
});

test("the service that is asked for is reached: smooth, erratic, intermittent, lumpy and weekly demand", () => {
  const stories = [
    { demands: 5, size: 2, dispersion: 1.2 },
    { demands: 1.2, size: 6, dispersion: 8 },
    { demands: 0.25, size: 3, dispersion: 1.5 },
    { demands: 0.2, size: 6, dispersion: 10 },
    { demands: 4, size: 2, dispersion: 1.5, weekdays: [1.4, 1.4, 1.3, 1.2, 1.2, 0.5, 0] },
  ];
  const span = 8;
  for (const service of [0.9, 0.95, 0.98]) {
    let hits = 0;
    let looks = 0;
    for (const [index, story] of stories.entries()) {
      for (let seed = 1; seed <= 4; seed += 1) {
        const demand = simulatedDemand(story, 400, seed * 31 + index);
        for (let now = 120; now + span <= 400; now += 6 * span) {
          const found = outlook(demand.slice(0, now), {
            policy: { ...policy, serviceLevel: service },
          });
          const need = demand.slice(now, now + span).reduce((sum, value) => sum + value, 0);
          hits += Number(need <= (found.reorderPoint ?? 0));
          looks += 1;
        }
      }
    }
    const reached = hits / looks;
    expect(reached).toBeGreaterThan(service - 0.03);
    expect(reached).toBeLessThan(Math.min(1, service + 0.05));
  }
});

test("a reorder point is what lasts through lead time and review with the service level", () => {
  const found = outlook(simulatedDemand({ demands: 0.3, size: 4, dispersion: 3 }, 300, 9));
  const demand = demandOver(found.model, { periods: 8 });
  expect(demand.tail(found.reorderPoint ?? 0)).toBeLessThanOrEqual(0.05 + 1e-9);
  expect(demand.tail((found.reorderPoint ?? 0) - 1)).toBeGreaterThan(0.05);
});
