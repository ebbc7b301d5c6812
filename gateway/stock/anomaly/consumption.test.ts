import { describe, expect, test } from "vitest";
import { noise } from "../../../tests/support/noise.ts";
import {
  type ConsumptionState,
  consumptionAnomaly,
  consumptionDefaults,
  consumptionStep,
} from "./consumption.ts";

const smooth = { class: "smooth", model: { is: "normal", mean: 40, sd: 6 } } as const;
const slow = {
  class: "lumpy",
  model: {
    is: "compound",
    p: 0.2,
    sizes: [
      [1, 0.7],
      [4, 0.3],
    ] satisfies [number, number][],
  },
} as const;
const limit = consumptionDefaults.probability;
const over = (quantity: number) => ({ quantity, isOver: true });

describe("consumption of a day", () => {
  test("much more than the model says is an anomaly, with the numbers it is judged by", () => {
    const found = consumptionAnomaly(smooth, over(60), limit);
    expect(found).toMatchObject({ is: "more", quantity: 60, expected: 40 });
    expect(found?.probability).toBeCloseTo(0.00042906, 7);
    expect(consumptionAnomaly(smooth, over(58), limit)).toBeUndefined();
  });

  test("much less is one where demand is smooth, and only when the day is over", () => {
    expect(consumptionAnomaly(smooth, over(20), limit)?.is).toBe("less");
    expect(consumptionAnomaly(smooth, { quantity: 20, isOver: false }, limit)).toBeUndefined();
    expect(consumptionAnomaly(smooth, { quantity: 62, isOver: false }, limit)?.is).toBe("more");
    expect(consumptionAnomaly({ ...smooth, class: "erratic" }, over(20), limit)).toBeUndefined();
  });

  test("as much as a discrete demand can just be counts the probability of that quantity", () => {
    // P(D >= 4) of a Poisson demand of 0.3 a day is 0.00027, P(D >= 3) is 0.0036.
    const poisson = { class: "intermittent", model: { is: "poisson", mean: 0.3 } } as const;
    expect(consumptionAnomaly(poisson, over(3), limit)).toBeUndefined();
    expect(consumptionAnomaly(poisson, over(4), limit)?.probability).toBeCloseTo(0.000266, 6);
  });

  test("a size that never came is none by itself, several times the largest is one", () => {
    expect(consumptionAnomaly(slow, over(5), limit)).toBeUndefined();
    expect(consumptionAnomaly(slow, over(20), limit)?.is).toBe("more");
    expect(consumptionAnomaly(slow, over(0), limit)).toBeUndefined();
  });

  test("days that were all alike do not make an anomaly of one piece more", () => {
    const alike = { class: "smooth", model: { is: "normal", mean: 5, sd: 0 } } as const;
    expect(consumptionAnomaly(alike, over(6), limit)).toBeUndefined();
    expect(consumptionAnomaly(alike, over(4), limit)).toBeUndefined();
    expect(consumptionAnomaly(alike, over(8), limit)?.is).toBe("more");
    expect(consumptionAnomaly(alike, over(2), limit)?.is).toBe("less");
  });

  test("an item that was never wanted is told at its first demand", () => {
    const dead = { class: "none", model: { is: "compound", p: 0, sizes: [] } } as const;
    const model = { ...dead.model, sizes: [] };
    expect(consumptionAnomaly({ class: "none", model }, over(1), limit)?.is).toBe("more");
    expect(consumptionAnomaly({ class: "none", model }, over(0), limit)).toBeUndefined();
  });

  test("an anomaly is told once, then there is quiet for a week", () => {
    let state: ConsumptionState | undefined;
    const told: number[] = [];
    for (let day = 100; day < 120; day += 1) {
      const step = consumptionStep(consumptionDefaults, state, smooth, {
        day,
        quantity: day < 103 ? 41 : 90,
        isOver: true,
      });
      state = step.state === undefined ? undefined : JSON.parse(JSON.stringify(step.state));
      if (step.anomaly !== undefined) told.push(day);
    }
    expect(told).toEqual([103, 110, 117]);
  });

  test("items that do as their model says alarm in at most two days of 1,000", () => {
    const random = noise(5);
    let alarms = 0;
    for (let day = 0; day < 20_000; day += 1) {
      const size = random() < 0.7 ? 1 : 4;
      const quantity = random() < 0.2 ? size : 0;
      if (consumptionAnomaly(slow, over(quantity), limit) !== undefined) alarms += 1;
      const normal =
        40 + 6 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(6.283185307 * random());
      if (consumptionAnomaly(smooth, over(Math.max(0, normal)), limit) !== undefined) alarms += 1;
    }
    expect(alarms / 20_000).toBeLessThan(0.003);
    expect(alarms).toBeGreaterThan(0);
  });
});

test("the first demands of a new item are no anomaly, however many", () => {
  const model = { is: "poisson", mean: 0 } as const;
  const judged = consumptionAnomaly({ model, class: "new" }, { quantity: 40, isOver: true }, 1e-3);
  expect(judged).toBeUndefined();
});
