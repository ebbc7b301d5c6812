import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  certainDemand,
  gammaDemand,
  negativeBinomialDemand,
  normalDemand,
  poissonDemand,
} from "./demand.ts";
import { normalCdf, normalLoss, normalLoss2, normalQuantile, normalTail } from "./normal.ts";
import { compoundDemand } from "./select/compound-demand.ts";

function near(found: number, wanted: number, within = 1e-9): void {
  const away = Math.abs(found - wanted);
  expect(away, `${found} for ${wanted}`).toBeLessThanOrEqual(within * Math.abs(wanted));
}

/** Wanted values from SciPy 1.17; for the Poisson demand of a million from mpmath, where SciPy has five digits. */
describe("normal", () => {
  test("quantiles, far out in both tails", () => {
    const wanted = [
      [0.8, 0.8416212335729143],
      [0.9, 1.2815515655446004],
      [0.95, 1.6448536269514722],
      [0.975, 1.959963984540054],
      [0.98, 2.0537489106318225],
      [0.99, 2.3263478740408408],
      [0.995, 2.5758293035489004],
      [0.999, 3.090232306167813],
      [1e-4, -3.7190164854556804],
      [1e-9, -5.9978070150076865],
      [1e-16, -8.222082216130435],
      [1e-100, -21.273453560965322],
      [1e-300, -37.0470962993612],
    ] as const;
    for (const [p, z] of wanted) near(normalQuantile(p), z, 1e-12);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
    expect(normalQuantile(0.5)).toBe(0);
    for (const p of [-1e-9, 1.1, Number.NaN]) expect(() => normalQuantile(p)).toThrow(RangeError);
  });

  test("small tails keep their digits", () => {
    near(normalCdf(-20), 2.7536241186061556e-89, 1e-12);
    near(normalTail(8), 6.22096057427174e-16, 1e-12);
    near(normalCdf(-2.0001), 0.022744733391410532, 1e-12);
    near(normalCdf(-1.9999), 0.02275553158476718, 1e-12);
    expect(normalTail(Number.POSITIVE_INFINITY)).toBe(0);
    expect(normalCdf(Number.NaN)).toBeNaN();
  });

  test("the loss functions", () => {
    const wanted = [
      [-1.4, 1.4366681427084653],
      [-0.3, 0.5667612421172099],
      [0.3, 0.26676124211720986],
      [1, 0.08331547058768629],
      [1.5, 0.029306793762604616],
      [2, 0.008490702616829646],
      [3.1, 0.0002672490952231408],
    ] as const;
    for (const [k, loss] of wanted) near(normalLoss(k), loss);
    // The loss is the slope of the loss of the second order.
    near((normalLoss2(0.999) - normalLoss2(1.001)) / 0.002, normalLoss(1), 1e-6);
  });

  test("quantile and probability are each other's inverse, and rise", () => {
    void fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (x) => {
        const p = normalCdf(x);
        if (x < 5) expect(Math.abs(normalQuantile(p) - x)).toBeLessThan(1e-9);
        expect(normalCdf(x + 0.01)).toBeGreaterThanOrEqual(p);
        expect(normalCdf(x) + normalTail(x)).toBeCloseTo(1, 14);
      }),
    );
  });
});

describe("chance to run out", () => {
  test("normal demand of a week", () => {
    near(normalDemand(140, 7 * 36).tail(150), 0.26436666256071506);
  });

  test("Poisson", () => {
    near(poissonDemand(3.5).tail(5), 0.14238644690422175);
    near(poissonDemand(6).tail(0), 0.9975212478233336);
    near(poissonDemand(9).tail(12), 0.1242265708290351);
  });

  test("negative binomial, with its quantiles", () => {
    const week = negativeBinomialDemand(3.5, 8.4);
    near(week.tail(5), 0.20581353907300837);
    expect([week.quantile(0.95), week.quantile(0.99)]).toEqual([9, 13]);
    const month = negativeBinomialDemand(9, 27);
    near(month.tail(12), 0.22078999507541275);
    expect([month.quantile(0.95), month.quantile(0.99)]).toEqual([19, 25]);
  });
});

test("sizes that come with a probability, over three periods", () => {
  const probabilities = [
    0.421875, 0.253125, 0.1771875, 0.054, 0.01771875, 0.04471875, 0.017296875, 0.010125, 0.0016875,
    0.000421875, 0.00140625, 0.00028125, 0.000140625, 0, 0, 1.5625e-5,
  ];
  const sizes = [
    [1, 0.6],
    [2, 0.3],
    [5, 0.1],
  ] as const;
  const demand = compoundDemand(0.25, sizes, 3);
  for (const [quantity, probability] of probabilities.entries()) {
    expect(demand.tail(quantity - 1) - demand.tail(quantity)).toBeCloseTo(probability, 12);
  }
  near(demand.tail(4), 0.07609375);
  expect([0.9, 0.95, 0.99].map((p) => demand.quantile(p))).toEqual([3, 5, 7]);
});

describe("quantiles from very small to very large means", () => {
  const chances = [1e-9, 0.1, 0.95, 0.999, 1 - 1e-12];
  test.each([
    [0.05, [0, 0, 0, 2, 6]],
    [3.5, [0, 1, 7, 11, 23]],
    [250, [161, 230, 276, 300, 369]],
    [1e4, [9_406, 9_872, 10_165, 10_310, 10_711]],
    [1e6, [994_008, 998_719, 1_001_645, 1_003_092, 1_007_043]],
  ])("Poisson %d", (mean, wanted) => {
    expect(chances.map((p) => poissonDemand(mean).quantile(p))).toEqual(wanted);
  });

  const others = [1e-6, 0.5, 0.95, 0.999, 1 - 1e-10];
  test.each([
    [0.5, 1.2, [0, 0, 3, 9, 37]],
    [3.5, 8.4, [0, 3, 9, 18, 50]],
    [20, 400, [0, 14, 60, 137, 452]],
    [1e3, 5e3, [696, 999, 1_119, 1_231, 1_511]],
    [1e6, 1e10, [594_360, 996_669, 1_169_971, 1_337_701, 1_772_998]],
  ])("negative binomial %d, variance %d", (mean, variance, wanted) => {
    const demand = negativeBinomialDemand(mean, variance);
    expect(others.map((p) => demand.quantile(p))).toEqual(wanted);
  });

  test.each([
    [10, 4, [3.1710125631296644, 9.866987346795367, 15.23077824980254, 26.973712655855607]],
    [2.5, 2.5, [0.0064480801032485435, 2.175730095547763, 7.543136234694495, 25.346096880759596]],
    [1e6, 1e8, [953183.5117189806, 999966.6668642047, 1023410.4379158054, 1061148.6364888996]],
  ])("gamma %d, variance %d", (mean, variance, wanted) => {
    const demand = gammaDemand(mean, variance);
    for (const [index, p] of [1e-6, 0.5, 0.99, 1 - 1e-9].entries()) {
      near(demand.quantile(p), wanted[index] ?? Number.NaN, 1e-9);
    }
  });

  test("gamma of almost nothing, most of the time", () => {
    const demand = gammaDemand(1, 100);
    near(demand.quantile(0.5), 4.465535018910562e-29);
    near(demand.quantile(0.99), 26.50525502515818);
    expect(demand.quantile(1e-6)).toBe(0);
  });
});

describe("tails keep their digits", () => {
  test("above", () => {
    near(poissonDemand(0.05).tail(2), 2.006749362439793e-5);
    near(poissonDemand(3.5).tail(20), 1.8691836201784858e-10);
    near(poissonDemand(250).tail(400), 1.0240534508938493e-18);
    near(poissonDemand(1e6).tail(1_005_000), 2.918892467003027e-7);
    near(negativeBinomialDemand(0.5, 1.2).tail(15), 2.014216114884808e-5);
    near(negativeBinomialDemand(20, 400).tail(200), 3.8856278382791586e-5);
    near(negativeBinomialDemand(1e3, 5e3).tail(1_500), 2.0472556716051027e-10);
    near(negativeBinomialDemand(1e6, 1e10).tail(1_300_000), 0.002750293155391209);
    near(gammaDemand(10, 4).tail(25), 2.3386279340359406e-8);
    near(gammaDemand(1, 100).tail(300), 0.00013297135657015585);
    near(gammaDemand(2.5, 2.5).tail(20), 1.493367900050393e-7);
  });

  test("below", () => {
    near(poissonDemand(250).cdf(150), 5.6526626227483136e-12);
    near(poissonDemand(1e6).cdf(995_000), 2.814820383896536e-7);
    near(poissonDemand(20).cdf(2), 4.5551495055892125e-7);
  });
});

describe("edges", () => {
  test("no demand never runs out, and asks for nothing", () => {
    for (const demand of [
      poissonDemand(0),
      negativeBinomialDemand(0, 3),
      gammaDemand(0, 0),
      normalDemand(0, 0),
    ]) {
      expect([demand.tail(0), demand.cdf(0), demand.cdf(-1)]).toEqual([0, 1, 0]);
      expect([demand.quantile(0), demand.quantile(0.5), demand.quantile(0.999)]).toEqual([0, 0, 0]);
    }
  });

  test("demand that does not vary is certain", () => {
    expect(normalDemand(7, 0).tail(6.9)).toBe(1);
    expect(gammaDemand(7, 0).quantile(0.99)).toBe(7);
    expect(certainDemand(7).cdf(7)).toBe(1);
  });

  test("a variance that is not above the mean makes a Poisson demand of a negative binomial one", () => {
    for (const variance of [2, 5, 5 + 1e-13]) {
      const demand = negativeBinomialDemand(5, variance);
      near(demand.tail(8), poissonDemand(5).tail(8));
      expect(demand.quantile(0.99)).toBe(11);
    }
    near(negativeBinomialDemand(5, 5 + 1e-6).tail(8), poissonDemand(5).tail(8), 1e-6);
  });

  test("probability 0 asks for nothing and probability 1 for without end", () => {
    for (const demand of [poissonDemand(4), negativeBinomialDemand(4, 9), gammaDemand(4, 9)]) {
      expect(demand.quantile(0)).toBe(0);
      expect(demand.quantile(1)).toBe(Number.POSITIVE_INFINITY);
    }
  });

  test("what is no mean, variance or probability is refused", () => {
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => poissonDemand(bad)).toThrow(RangeError);
      expect(() => normalDemand(1, bad)).toThrow(RangeError);
      expect(() => negativeBinomialDemand(bad, 4)).toThrow(RangeError);
      expect(() => gammaDemand(1, bad)).toThrow(RangeError);
      expect(() => poissonDemand(3).quantile(bad)).toThrow(RangeError);
      expect(() => certainDemand(3).quantile(bad)).toThrow(RangeError);
    }
  });

  test("half a piece does not last longer than none, and nothing is below 0", () => {
    const demand = poissonDemand(2);
    expect(demand.tail(3.9)).toBe(demand.tail(3));
    expect([demand.tail(-0.5), demand.cdf(-0.5)]).toEqual([1, 0]);
  });
});

describe("properties", () => {
  const moments = fc.record({
    mean: fc.double({ min: 1e-3, max: 1e4, noNaN: true }),
    ratio: fc.double({ min: 1.001, max: 50, noNaN: true }),
    share: fc.double({ min: 0, max: 3, noNaN: true }),
  });

  test("probabilities rise, sum to one, and a quantile is the smallest that lasts", () => {
    void fc.assert(
      fc.property(moments, ({ mean, ratio, share }) => {
        for (const demand of [poissonDemand(mean), negativeBinomialDemand(mean, mean * ratio)]) {
          const x = Math.floor(mean * share);
          const p = demand.cdf(x);
          expect(Math.abs(p + demand.tail(x) - 1)).toBeLessThan(1e-12);
          expect(demand.cdf(x + 1)).toBeGreaterThanOrEqual(p * (1 - 1e-12));
          if (p < 1) expect(demand.quantile(p)).toBeLessThanOrEqual(x);
          const level = demand.quantile(0.95);
          expect(demand.cdf(level)).toBeGreaterThanOrEqual(0.95 - 1e-12);
          expect(demand.cdf(level - 1)).toBeLessThan(0.95);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("a gamma quantile has its probability", () => {
    void fc.assert(
      fc.property(
        moments,
        fc.double({ min: 0.001, max: 0.9999, noNaN: true }),
        ({ mean, ratio }, p) => {
          const demand = gammaDemand(mean, mean * ratio);
          const level = demand.quantile(p);
          if (level > 1e-290) near(demand.cdf(level), p, 1e-9);
        },
      ),
    );
  });
});
