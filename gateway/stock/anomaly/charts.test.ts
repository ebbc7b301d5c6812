import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CusumState, cusumStep } from "./cusum.ts";
import { type EwmaChartState, ewmaLimits, ewmaStep } from "./ewma-chart.ts";
import { type PageHinkleyState, pageHinkleyDefaults, pageHinkleyStep } from "./page-hinkley.ts";
import { medianOf, modifiedZ, outlierFrom } from "./robust-z.ts";

/** Published in the NIST/SEMATECH e-Handbook: 6.3.2.4 and 6.3.2.3. */
const ewmaValues = [
  52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5, 49.6, 47.6, 49.9, 51.3, 47.8, 51.2,
  52.6, 52.4, 53.6, 52.1,
];
const ewmaLevels = [
  50.6, 49.52, 50.564, 50.1848, 50.15936, 49.211552, 49.748086, 49.85366, 50.257562, 50.330294,
  50.111206, 49.357844, 49.520491, 50.054344, 49.37804, 49.924628, 50.72724, 51.229068, 51.940348,
  51.988243,
];
const cusumValues = [
  324.925, 324.675, 324.725, 324.35, 325.35, 325.225, 324.125, 324.525, 325.225, 324.6, 324.625,
  325.15, 328.325, 327.25, 327.825, 328.5, 326.675, 327.775, 326.875, 328.35,
];
const cusumHigh = [
  0, 0, 0, 0, 0.0325, 0, 0, 0, 0, 0, 0, 0, 3.0075, 4.94, 7.4475, 10.63, 11.9875, 14.445, 16.0025,
  19.035,
];
const cusumLow = [
  0, 0.0075, 0, 0.3325, 0, 0, 0.5575, 0.715, 0.1725, 0.255, 0.3125, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

describe("EWMA chart", () => {
  const settings = { weight: 0.3, target: 50, sd: 2.0539, width: 3 };

  test("NIST's example: smoothed values, limits, no alarm", () => {
    let state: EwmaChartState | undefined;
    for (const [index, value] of ewmaValues.entries()) {
      const step = ewmaStep(settings, state, value);
      expect(step.level).toBeCloseTo(ewmaLevels[index] ?? Number.NaN, 6);
      expect(step.alarm).toBe(false);
      state = { level: step.level };
    }
    expect(ewmaLimits(settings).high).toBeCloseTo(52.588431738126616, 9);
    expect(ewmaLimits(settings).low).toBeCloseTo(47.411568261873384, 9);
  });

  test("beyond a limit is an alarm, on either side", () => {
    expect(ewmaStep(settings, { level: 50 }, 59).alarm).toBe(true);
    expect(ewmaStep(settings, { level: 50 }, 41).alarm).toBe(true);
    expect(ewmaStep(settings, { level: 50 }, 58).alarm).toBe(false);
  });

  test("NaN is no value", () => {
    expect(() => ewmaStep(settings, undefined, Number.NaN)).toThrow(RangeError);
  });
});

describe("CUSUM", () => {
  const settings = { target: 325, slack: 0.3175, limit: 4.1959 };

  test("NIST's example: both sums, first alarm at the 14th value", () => {
    let state: CusumState | undefined;
    const alarms: number[] = [];
    for (const [index, value] of cusumValues.entries()) {
      const step = cusumStep(settings, state, value);
      expect(step.high).toBeCloseTo(cusumHigh[index] ?? Number.NaN, 9);
      expect(step.low).toBeCloseTo(cusumLow[index] ?? Number.NaN, 9);
      if (step.alarm === "high") alarms.push(index + 1);
      state = JSON.parse(JSON.stringify(step));
    }
    expect(alarms[0]).toBe(14);
  });

  test("lead times that grow by a day and a half are told at the fourth receipt, steady ones never", () => {
    const leadTime = { target: 7, slack: 0.5, limit: 4 };
    const alarmAt = (values: readonly number[]) => {
      let state: CusumState | undefined;
      return values.findIndex((value) => {
        const step = cusumStep(leadTime, state, value);
        state = step;
        return step.alarm !== undefined;
      });
    };
    expect(alarmAt([7, 6.5, 7.5, 7, 8.5, 8.4, 8.7, 8.5, 8.6])).toBe(7);
    expect(alarmAt(Array.from({ length: 400 }, (_, n) => 7 + (n % 3) / 2 - 0.5))).toBe(-1);
    expect(alarmAt([5, 5, 5, 5])).toBe(2);
  });
});

describe("modified z", () => {
  test("two outliers among ten", () => {
    const values = [2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3];
    const wanted = [
      -1.57383333333333, 0.674499999999998, -0.224833333333334, 0.224833333333332, -0.6745,
      -1.57383333333333, -0.6745, 0.674499999999998, 25.855833333333266, 26.305499999999938,
    ];
    const found = modifiedZ(values);
    for (const [index, z] of found.entries()) expect(z).toBeCloseTo(wanted[index] ?? 0, 9);
    const outliers = found.flatMap((z, index) => (Math.abs(z) > outlierFrom ? [index] : []));
    expect(outliers).toEqual([8, 9]);
    expect(medianOf(values)).toBeCloseTo(2.45, 12);
  });

  test("where most values are the same the mean deviation stands in, and nothing is off where all are", () => {
    const found = modifiedZ([5, 5, 5, 5, 9]);
    expect(found[4]).toBeCloseTo(4 / (1.253314 * 0.8), 9);
    expect(found[0]).toBe(0);
    expect(modifiedZ([3, 3, 3])).toEqual([0, 0, 0]);
    expect(modifiedZ([])).toEqual([]);
    expect(() => modifiedZ([1, Number.NaN])).toThrow(RangeError);
  });

  test("is the same in another unit and from another zero", () => {
    const values = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1 });
    void fc.assert(
      fc.property(values, (given) => {
        const moved = modifiedZ(given.map((value) => value * 4 + 8));
        for (const [index, z] of modifiedZ(given).entries()) expect(moved[index]).toBeCloseTo(z, 9);
      }),
    );
  });
});

describe("Page-Hinkley", () => {
  const changes = (values: readonly number[]) => {
    let state: PageHinkleyState | undefined;
    return values.flatMap((value, index) => {
      const step = pageHinkleyStep(pageHinkleyDefaults, state, value);
      // As it comes back after a restart.
      state = step.state === undefined ? undefined : JSON.parse(JSON.stringify(step.state));
      return step.changed ? [index] : [];
    });
  };
  const still = Array.from({ length: 100 }, (_, n) => n % 2);

  test("a rise is found where river finds it, and once", () => {
    expect(changes([...still, ...new Array<number>(60).fill(3)])).toEqual([121]);
  });

  test("a fall is found as soon as the same rise", () => {
    const rise = [...still, ...new Array<number>(60).fill(3)];
    expect(changes(rise.map((value) => -value))).toEqual([121]);
  });

  test("nothing is told before thirty values", () => {
    expect(changes([0, 0, 0, ...new Array<number>(20).fill(1_000)])).toEqual([]);
    expect(changes(still)).toEqual([]);
  });
});
