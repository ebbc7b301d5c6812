import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { adida, imapa, optimalCroston } from "./aggregation.ts";
import { average, drifted, naive, seasonalNaive } from "./baselines.ts";
import { shapeOf } from "./classes.ts";
import { passengers, reference } from "./fixtures/reference.ts";
import { series } from "./fixtures/series.ts";
import { holtWinters, type SeasonalSettings, seasonalAhead } from "./holt-winters.ts";
import { type CrostonVariant, croston, decompose, tsb } from "./intermittent.ts";
import { holt, optimalSes, ses, sesRun } from "./smoothing.ts";
import { fittedSes, theta } from "./theta.ts";

const names = ["twenty", "part", "sparse", "short", "fading", "lumpy", "erratic"] as const;
const statsforecast = {
  b: [2, 5, 0, 1, 3, 0, 1, 1, 0],
  c: [1, 0, 0, 2, 0, 3, 0, 0, 4, 0, 5],
} as const;

function near(found: number, wanted: number, within = 1e-9): void {
  const away = Math.abs(found - wanted);
  expect(away, `${found} for ${wanted}`).toBeLessThanOrEqual(
    within * Math.max(1, Math.abs(wanted)),
  );
}

function allNear(found: readonly number[], wanted: readonly number[], within = 1e-9): void {
  expect(found).toHaveLength(wanted.length);
  for (const [index, value] of wanted.entries()) near(found[index] ?? Number.NaN, value, within);
}

const one = (variant: CrostonVariant, weight: number) =>
  ({ variant, sizeWeight: weight, intervalWeight: weight }) as const;

describe.each([...names, "passengers"] as const)("forecasts of %s are R's", (name) => {
  const values = series[name];
  const wanted = reference[name];

  test("simple smoothing, and its fit of the last five", () => {
    near(ses(values, 0.1), wanted.ses.tenth);
    near(ses(values, 0.3), wanted.ses.three);
    const fitted = (weight: number) =>
      [5, 4, 3, 2, 1].map((left) => ses(values.slice(0, values.length - left), weight));
    allNear(fitted(0.1), wanted.fittedTenth);
    allNear(fitted(0.3), wanted.fittedThree);
  });

  test("Holt's line, six periods ahead", () => {
    const { level, trend } = holt(values, 0.3, 0.1);
    allNear(
      [1, 2, 3, 4, 5, 6].map((ahead) => level + ahead * trend),
      wanted.holt,
    );
  });

  test("the plain ones", () => {
    near(naive(values), wanted.naive);
    near(average(values), wanted.mean);
    allNear(drifted(values, 3), wanted.drift);
  });
});

describe.each(names)("forecasts of sparse demand (%s) are R's", (name) => {
  const values = series[name];
  const wanted = reference[name];

  test.each(["croston", "sba", "sbj"] as const)("%s", (variant) => {
    allNear(
      [0.05, 0.1, 0.2].map((weight) => croston(values, one(variant, weight))),
      wanted[variant],
    );
    const two = { variant, sizeWeight: 0.2, intervalWeight: 0.15 } as const;
    near(croston(values, two), wanted.fromFirst[variant]);
    near(croston(values, { ...two, start: "mean" }), wanted.fromMean[variant]);
  });

  test("Croston with two weights, and from the mean interval", () => {
    const two = { variant: "croston", sizeWeight: 0.3, intervalWeight: 0.2 } as const;
    near(croston(values, two), wanted.twoWeights);
    near(croston(values, { ...one("croston", 0.1), start: "mean" }), wanted.meanStart);
  });

  test("TSB from the first period and from the share of periods with demand", () => {
    const weights = { sizeWeight: 0.2, chanceWeight: 0.05 };
    near(tsb(values, weights), wanted.fromFirst.tsb);
    near(tsb(values, { ...weights, start: "mean" }), wanted.fromMean.tsb);
  });

  test("sizes, intervals, and the shape by both conventions", () => {
    expect(decompose(values)).toEqual({ sizes: wanted.sizes, intervals: wanted.intervals });
    const shape = (convention: "intervals" | "periods") => {
      const { interval, variation } = shapeOf(values, convention);
      return [interval, variation];
    };
    allNear(shape("intervals"), wanted.byIntervals);
    allNear(shape("periods"), wanted.byPeriods);
  });
});

describe("forecasts of sparse demand are statsforecast's", () => {
  const { b, c } = statsforecast;

  test("Croston, SBA, TSB", () => {
    near(croston(b, one("croston", 0.1)), 1.7326769283687);
    near(croston(b, one("sba", 0.1)), 1.6460430819503);
    near(croston(c, one("croston", 0.1)), 1.2642022829838);
    near(croston(c, one("sba", 0.1)), 1.2009921688346);
    near(tsb(series.twenty, { sizeWeight: 0.2, chanceWeight: 0.2 }), 1.11580790676675);
    near(tsb(b, { sizeWeight: 0.2, chanceWeight: 0.2 }), 1.233154424832);
    near(tsb(b, { sizeWeight: 0.9, chanceWeight: 0.1 }), 0.788173469883);
    near(tsb(c, { sizeWeight: 0.2, chanceWeight: 0.2 }), 1.43226394198);
    near(tsb(c, { sizeWeight: 0.9, chanceWeight: 0.1 }), 3.1120641533459);
  });

  test("with weights of their own choice: to 1e-6, theirs end their search early", () => {
    near(optimalCroston(b), 1.6290713235773, 1e-6);
    near(optimalCroston(c), 1.5567830953296, 1e-6);
    allNear([b, c, series.twenty].map(adida), [1.5269618699986, 1.4934, 1.00273], 1e-6);
    const wanted = [1.5269618699986, 1.4694424100502, 0.9673380034206];
    allNear([b, c, series.twenty].map(imapa), wanted, 1e-6);
  });
});

describe("forecasts of the passengers are R's", () => {
  const values = series.passengers;

  test.each(["additive", "multiplicative"] as const)("Holt-Winters, %s", (seasonal) => {
    const wanted = passengers[seasonal];
    const settings: SeasonalSettings = {
      periods: 12,
      seasonal,
      levelWeight: 0.3,
      trendWeight: 0.05,
      seasonWeight: 0.2,
    };
    const still = { ...settings, levelWeight: 0, trendWeight: 0, seasonWeight: 0 };
    const start = holtWinters(values, still);
    allNear([start.level - 132 * start.trend, start.trend, ...start.season], wanted.start);
    const end = holtWinters(values, settings);
    allNear([end.level, end.trend, ...end.season], wanted.end);
    near(end.squares, wanted.squares);
    const months = Array.from({ length: 12 }, (_, month) => month + 1);
    allNear(
      months.map((ahead) => seasonalAhead(end, settings, ahead)),
      wanted.forecasts,
    );
  });

  test("Theta, with the weight that R's search ends at", () => {
    const { weight, drift, forecasts } = theta(values, 12, 12);
    near(weight, passengers.theta.weight);
    near(drift, passengers.theta.drift);
    allNear(forecasts, passengers.theta.forecasts);
  });

  test("simple smoothing with a weight that is chosen", () => {
    const { weight, level, squares } = fittedSes(values);
    near(weight, passengers.ses.weight, 1e-6);
    near(level, passengers.ses.forecast, 1e-6);
    near(squares / (values.length - 2), passengers.ses.variance, 1e-6);
    near(optimalSes(values).level, passengers.ses.forecast, 1e-6);
  });

  test("the season before, and how far it is off in 1960", () => {
    allNear(seasonalNaive(values, 12, 12), passengers.seasonalNaive);
    const before = seasonalNaive(values.slice(0, 132), 12, 12);
    const errors = values.slice(132).map((value, month) => value - (before[month] ?? 0));
    near(average(errors), 47.8333333333);
    near(Math.sqrt(average(errors.map((error) => error ** 2))), 50.7083162147);
    const past = values
      .slice(12, 132)
      .map((value, month) => Math.abs(value - (values[month] ?? 0)));
    near(average(errors.map(Math.abs)) / average(past), 1.57088122605);
  });
});

describe("edges", () => {
  const weights = { sizeWeight: 0.2, chanceWeight: 0.1 };
  const methods: readonly ((demand: readonly number[]) => number)[] = [
    (demand) => ses(demand, 0.2),
    (demand) => optimalSes(demand).level,
    (demand) => croston(demand, one("croston", 0.1)),
    (demand) => croston(demand, { ...one("sba", 0.1), start: "mean" }),
    (demand) => croston(demand, one("sbj", 1)),
    (demand) => tsb(demand, weights),
    (demand) => tsb(demand, { ...weights, start: "mean" }),
    adida,
    imapa,
    optimalCroston,
  ];

  test("no history and no demand forecast 0", () => {
    for (const method of methods) {
      expect(method([])).toBe(0);
      expect(method([0])).toBe(0);
      expect(method([0, 0, 0, 0])).toBe(0);
    }
    expect(shapeOf([0, 0])).toEqual({ class: "none", interval: Infinity, variation: 0 });
    expect(theta([], 2).forecasts).toEqual([0, 0]);
    expect(holt([], 0.3, 0.1)).toEqual({ level: 0, trend: 0 });
  });

  test("one period is its own forecast", () => {
    for (const method of methods.filter((_, index) => ![3, 4].includes(index))) {
      near(method([7]), 7);
    }
    expect(croston([7], one("sbj", 1))).toBe(0);
    expect(theta([7], 2).forecasts).toEqual([7, 7]);
    expect(holt([7], 0.3, 0.1)).toEqual({ level: 7, trend: 0 });
  });

  test("one demand late in the series counts its interval from the start", () => {
    expect(decompose([0, 0, 0, 8])).toEqual({ sizes: [8], intervals: [4] });
    near(croston([0, 0, 0, 8], one("croston", 0.3)), 2);
    near(tsb([0, 0, 0, 8], weights), 0.8);
    near(tsb([0, 0, 0, 8], { ...weights, start: "mean" }), 8 * (0.25 * 0.9 ** 2 * 0.9 + 0.1));
  });

  test("a mean interval of two and a half sums two periods, as R and Python round", () => {
    // Sums of two: 4 and 6, smoothed by 0.1 to 0.3. A sum of three would be 6, and 2 a period.
    expect(adida([0, 4, 0, 0, 6])).toBeGreaterThan(2.05);
    expect(adida([0, 4, 0, 0, 6])).toBeLessThan(2.35);
  });

  test("a value on a limit of the classes is on its far side", () => {
    const every = (interval: number) =>
      Array.from({ length: 25 }, (_, n) => (n < interval ? [0, 5] : [5])).flat();
    expect(shapeOf(every(8)).interval).toBe(1.32);
    expect(shapeOf(every(8)).class).toBe("intermittent");
    expect(shapeOf(every(7)).class).toBe("smooth");
    expect(shapeOf([1, 1, 1, 10]).class).toBe("erratic");
    expect(shapeOf([0, 1, 0, 1, 0, 1, 0, 10]).class).toBe("lumpy");
  });

  test("NaN and infinity are refused, and demand below 0", () => {
    const any = [
      ...methods,
      (v: readonly number[]) => holt(v, 0.3, 0.1).level,
      (v: readonly number[]) => theta(v, 1).weight,
      (v: readonly number[]) => naive(v),
    ];
    for (const method of any) {
      expect(() => method([1, Number.NaN, 2])).toThrow(RangeError);
      expect(() => method([1, 2, Number.POSITIVE_INFINITY])).toThrow(RangeError);
    }
    for (const method of methods.slice(2)) expect(() => method([1, -1, 2])).toThrow(RangeError);
    expect(() => shapeOf([-1])).toThrow(RangeError);
    near(ses([-1, -3], 0.5), -2);
  });

  test("weights outside 0 to 1 are refused", () => {
    for (const weight of [-0.1, 1.1, Number.NaN]) {
      expect(() => ses([1], weight)).toThrow(RangeError);
      expect(() => holt([1], 0.1, weight)).toThrow(RangeError);
      expect(() => croston([1], one("sba", weight))).toThrow(RangeError);
      expect(() => tsb([1], { sizeWeight: 0.1, chanceWeight: weight })).toThrow(RangeError);
    }
  });

  test("less than two seasons start no Holt-Winters, nor does a 0 that is to be multiplied", () => {
    const settings: SeasonalSettings = {
      periods: 4,
      seasonal: "multiplicative",
      levelWeight: 0.3,
      trendWeight: 0.1,
      seasonWeight: 0.1,
    };
    expect(() => holtWinters([1, 2, 3, 4, 5, 6, 7], settings)).toThrow(RangeError);
    expect(() => holtWinters([1, 2, 3, 4, 5, 6, 7, 0], settings)).toThrow(RangeError);
    expect(() => holtWinters([1, 2], { ...settings, periods: 1 })).toThrow(RangeError);
  });

  test("a series that never changes has no season and no drift", () => {
    const { drift, forecasts } = theta(new Array<number>(30).fill(5), 3, 12);
    expect(drift).toBe(0);
    expect(forecasts).toEqual([5, 5, 5]);
  });
});

describe("properties", () => {
  const demand = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000 })), {
    maxLength: 60,
  });
  const methods: readonly ((values: readonly number[]) => number)[] = [
    (values) => ses(values, 0.3),
    (values) => croston(values, one("sba", 0.1)),
    (values) => croston(values, { ...one("sbj", 0.2), start: "mean" }),
    (values) => tsb(values, { sizeWeight: 0.1, chanceWeight: 0.1 }),
    (values) => tsb(values, { sizeWeight: 0.3, chanceWeight: 0.02, start: "mean" }),
    adida,
    imapa,
    optimalCroston,
  ];

  test("demand forecasts a finite number that is not below 0 and not above the most that was", () => {
    void fc.assert(
      fc.property(demand, (values) => {
        for (const method of methods) {
          const found = method(values);
          expect(found).toBeGreaterThanOrEqual(0);
          expect(found).toBeLessThanOrEqual(Math.max(0, ...values) * (1 + 1e-12));
        }
        for (const found of theta(values, 3, 7).forecasts) expect(found).not.toBeNaN();
      }),
      { numRuns: 60 },
    );
  });

  test("ten times the demand forecasts ten times as much", () => {
    void fc.assert(
      fc.property(demand, (values) => {
        const tenfold = values.map((value) => value * 10);
        for (const method of methods.slice(0, 5)) near(method(tenfold), 10 * method(values));
        const wanted = sesRun(values, 0.2).squares * 100;
        near(sesRun(tenfold, 0.2).squares, wanted);
      }),
      { numRuns: 60 },
    );
  });

  test("an item that is dead fades by TSB and never by Croston", () => {
    const alive = [3, 0, 4, 3, 0, 5];
    const dead = [...alive, ...new Array<number>(60).fill(0)];
    const weights = { sizeWeight: 0.1, chanceWeight: 0.1 };
    expect(tsb(dead, weights)).toBeLessThan(tsb(alive, weights) / 100);
    expect(croston(dead, one("sba", 0.1))).toBe(croston(alive, one("sba", 0.1)));
  });
});

test("one demand behind zeros smooths with the smallest weight: every weight has the same error", () => {
  expect(adida([0, 0, 5])).toBeCloseTo(5 / 3, 12);
  expect(imapa([0, 0, 5])).toBeCloseTo((0.5 + 2.5 + 5 / 3) / 3, 12);
});
