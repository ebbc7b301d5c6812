import { expect, test } from "vitest";
import { coverDays, fan, fanDaysMax, lastsDays, probabilityOut, stockOutAt } from "./cover.ts";
import { demandOver } from "./demand-over.ts";

const day = 86_400_000;
const steady = { perDay: 10, model: { is: "poisson", mean: 10 } } as const;
const lumpy = {
  perDay: 0.8,
  model: {
    is: "compound",
    p: 0.1,
    sizes: [
      [2, 0.5],
      [14, 0.5],
    ] as [number, number][],
  },
} as const;
const dead = { perDay: 0, model: { is: "poisson", mean: 0 } } as const;

test("a quantity lasts for so many days at the mean demand, and is gone then", () => {
  expect(coverDays(steady, 45)).toBe(4.5);
  expect(stockOutAt(steady, 45, 1_000)).toBe(1_000 + 4.5 * day);
  expect(coverDays(steady, -3)).toBe(0);
});

test("what nobody takes lasts for ever", () => {
  expect(coverDays(dead, 5)).toBeUndefined();
  expect(stockOutAt(dead, 5, 0)).toBeUndefined();
  expect(probabilityOut(dead, 5, 30)).toBe(0);
  expect(lastsDays(dead, 5, 0.95, 30)).toBe(30);
  expect(stockOutAt(steady, 1e6, 0)).toBeUndefined();
});

test("the probability to run out is that of more demand than there is, near the mean and far from it", () => {
  for (const of of [steady, lumpy]) {
    for (const quantity of [0, 3, 20, 60, 95, 100, 110, 140, 400]) {
      const exact = demandOver(of.model, { periods: 10 }).tail(quantity);
      // Sizes of 2 and 14 in steps of 3: a jump of the exact one is a slope here.
      expect(Math.abs(probabilityOut(of, quantity, 10) - exact)).toBeLessThan(0.03);
    }
    expect(probabilityOut(of, -1, 10)).toBe(1);
  }
  expect(probabilityOut({ ...steady, model: { is: "poisson", mean: 0.5 } }, 5, 7)).toBeCloseTo(
    0.14238644690422175,
    9,
  );
});

test("days that a quantity lasts with a probability are fewer than at the mean, and the next day does not", () => {
  const lasts = lastsDays(steady, 100, 0.95, 60);
  expect(lasts).toBe(8);
  expect(probabilityOut(steady, 100, 8)).toBeLessThanOrEqual(0.05);
  expect(probabilityOut(steady, 100, 9)).toBeGreaterThan(0.05);
  expect(lastsDays(steady, 1e6, 0.95, 60)).toBe(60);
  expect(lastsDays(steady, 0, 0.95, 60)).toBe(0);
});

test("the projection falls, its band holds the median, and it is never below zero nor longer than its limit", () => {
  for (const of of [steady, lumpy]) {
    const days = fan(of, 60, 1_000);
    expect(days).toHaveLength(fanDaysMax);
    for (const [index, { low, median, high, day: number }] of days.entries()) {
      expect(number).toBe(index + 1);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(low).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(high);
      expect(median).toBeLessThanOrEqual((days[index - 1]?.median ?? 60) + 1);
    }
  }
  expect(fan(steady, 60, 3).map(({ median }) => median)).toEqual([50, 40, 30]);
});
