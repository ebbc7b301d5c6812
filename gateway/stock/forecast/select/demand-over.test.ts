import fc from "fast-check";
import { expect, test } from "vitest";
import { compoundDemand, type Sizes } from "./compound-demand.ts";
import { demandOver, momentsOfModel } from "./demand-over.ts";

const sizes: Sizes = [
  [1, 0.6],
  [2, 0.3],
  [5, 0.1],
];

test("demand over some days has the probabilities of its distribution", () => {
  const week = { periods: 7 };
  const normal = demandOver({ is: "normal", mean: 20, sd: 6 }, week);
  expect(normal.tail(150)).toBeCloseTo(0.26436666256071506, 9);
  const poisson = demandOver({ is: "poisson", mean: 0.5 }, week);
  expect(poisson.tail(5)).toBeCloseTo(0.14238644690422175, 9);
  const negbin = demandOver({ is: "negbin", mean: 0.5, variance: 1.2 }, week);
  expect(negbin.tail(5)).toBeCloseTo(0.20581353907300837, 9);
  expect([negbin.quantile(0.95), negbin.quantile(0.99)]).toEqual([9, 13]);
  const month = demandOver({ is: "negbin", mean: 0.3, variance: 0.9 }, { periods: 30 });
  expect(month.tail(12)).toBeCloseTo(0.22078999507541275, 9);
});

test("sizes that came with a probability are convolved exactly", () => {
  const demand = compoundDemand(0.25, sizes, 3);
  expect(demand.tail(4)).toBeCloseTo(0.07609375, 12);
  expect([0.9, 0.95, 0.99].map((p) => demand.quantile(p))).toEqual([3, 5, 7]);
  expect(demand.mean).toBeCloseTo(3 * 0.25 * 1.7, 12);
});

test("a lead time that varies adds its own variance, as the formula of the safety stock has it", () => {
  const span = { periods: 9, spread: 2 };
  const normal = demandOver({ is: "normal", mean: 100, sd: 20 }, span);
  expect(normal.quantile(0.95)).toBeCloseTo(1243.4555205533316, 8);
  const model = { is: "compound", p: 0.5, sizes: [[4, 1]] } as const;
  const steady = demandOver({ ...model, sizes: [[4, 1]] }, { periods: 9 });
  const varied = demandOver({ ...model, sizes: [[4, 1]] }, span);
  expect(varied.variance - steady.variance).toBeCloseTo(2 ** 2 * 2 ** 2, 9);
  expect(varied.quantile(0.95)).toBeGreaterThan(steady.quantile(0.95));
  // The blend of three lengths has that variance, not only the formula.
  let second = 0;
  for (let x = 0; x < 80; x += 1) second += (2 * x + 1) * varied.tail(x);
  expect(second - varied.mean ** 2).toBeCloseTo(varied.variance, 0);
});

test("a part of a day has the part of its demand", () => {
  const half = compoundDemand(0.4, sizes, 2.5);
  expect(half.mean).toBeCloseTo(2.5 * 0.4 * 1.7, 12);
  expect(half.tail(0)).toBeCloseTo(1 - 0.6 ** 2 * 0.8, 12);
});

test("sizes of kilograms, and of thousands, are cut into steps: the mean stays, the quantile is near", () => {
  const kg: Sizes = [
    [0.35, 0.5],
    [1.2, 0.5],
  ];
  const large: Sizes = sizes.map(([size, share]) => [size * 1_000, share]);
  const plain = compoundDemand(0.5, sizes, 40);
  const cut = compoundDemand(0.5, large, 40);
  expect(cut.quantile(0.95) / 1_000).toBeCloseTo(plain.quantile(0.95), 0);
  const weighed = compoundDemand(0.5, kg, 14);
  let mean = 0;
  for (let x = 0; x < 2_000; x += 1) mean += 0.01 * weighed.tail(x / 100);
  expect(mean).toBeCloseTo(weighed.mean, 1);
});

test("nothing is wanted in no time, nor where nothing is ever taken", () => {
  expect(demandOver({ is: "poisson", mean: 3 }, { periods: 0 }).quantile(0.99)).toBe(0);
  expect(compoundDemand(0, sizes, 30).tail(0)).toBe(0);
  expect(demandOver({ is: "normal", mean: 0, sd: 0 }, { periods: 5 }).quantile(0.99)).toBe(0);
});

test("a compound distribution falls from one to zero, lasts with its quantile and keeps its moments", () => {
  const size = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(
      fc.array(size, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0.5, max: 0.999, noNaN: true }),
      (list, p, periods, service) => {
        const total = list.reduce((sum, [, weight]) => sum + weight, 0);
        const shares = list.map(([value, weight]) => [value, weight / total] as const);
        const demand = compoundDemand(p, shares, periods);
        const once = momentsOfModel({ is: "compound", p, sizes: shares.map(([a, b]) => [a, b]) });
        expect(demand.mean).toBeCloseTo(once.mean * periods, 6);
        const level = demand.quantile(service);
        expect(demand.tail(level)).toBeLessThanOrEqual(1 - service + 1e-9);
        const steps = [0, 0.25, 0.5, 1, 1.5, 3].map((part) => demand.tail(part * level));
        for (const [index, tail] of steps.entries()) {
          expect(tail).toBeLessThanOrEqual((steps[index - 1] ?? 1) + 1e-12);
        }
      },
    ),
    { numRuns: 40 },
  );
});
