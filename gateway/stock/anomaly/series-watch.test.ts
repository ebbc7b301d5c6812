import { describe, expect, test } from "vitest";
import { type LabelledWindow, nabScore, normalised } from "../../../tests/support/nab-score.ts";
import { noise } from "../../../tests/support/noise.ts";
import { type EwmaZState, ewmaZStep } from "./ewma-z.ts";
import { type SeriesWatchState, seriesWatchDefaults, seriesWatchStep } from "./series-watch.ts";

/** Rows of an alarm each, the state as it comes back after a restart. */
function alarmsIn(values: readonly number[]): { readonly row: number; readonly is: string }[] {
  let state: SeriesWatchState | undefined;
  return values.flatMap((value, row) => {
    const step = seriesWatchStep(seriesWatchDefaults, state, value);
    state = row % 1_000 === 0 ? JSON.parse(JSON.stringify(step.state)) : step.state;
    return step.anomaly === undefined ? [] : [{ row, is: step.anomaly }];
  });
}

/** A cold room: a wave of a day, a slow wander, sensor noise. */
function room(seed: number, rows: number): number[] {
  const random = noise(seed);
  const gauss = () => random() + random() + random() + random() - 2;
  let wander = 0;
  return Array.from({ length: rows }, (_, row) => {
    wander = 0.99 * wander + 0.05 * gauss();
    return 5 + 0.5 * Math.sin((row * 2 * Math.PI) / 288) + wander + 0.2 * gauss();
  });
}

describe("a watched series", () => {
  const rows = 20_000;
  const windows: readonly LabelledWindow[] = [
    [4_000, 4_500],
    [9_000, 9_500],
    [14_000, 15_000],
  ];
  const changed = (seed: number) =>
    room(seed, rows).map((value, row) => {
      if (row >= 4_100 && row < 4_104) return value + 8;
      if (row >= 9_100 && row < 9_500) return value + 3;
      if (row >= 14_000 && row < 15_000) return value + (row - 14_000) * 0.004;
      return value;
    });

  test.each([11, 12, 13])(
    "a spike, a shift and a drift are told, at most one false alarm in 1,000 rows (seed %i)",
    (seed) => {
      const alarms = alarmsIn(changed(seed)).map(({ row }) => row);
      const score = nabScore(alarms, windows, rows);
      expect(score.hits).toBe(3);
      expect(score.falseAlarms).toBeLessThanOrEqual(rows / 1_000);
      expect(normalised(score.points, windows.length)).toBeGreaterThan(50);
    },
  );

  test("a shift is told in its first row, and what follows it is not told again", () => {
    const values = room(14, 6_000).map((value, row) =>
      row >= 5_000 && row < 5_150 ? value + 8 : value,
    );
    const near = alarmsIn(values).filter(({ row }) => row >= 5_000 && row < 5_200);
    expect(near.map(({ row }) => row)).toEqual([5_000]);
  });

  test("nothing is told before the warm-up is over", () => {
    const values = room(15, 99).map((value, row) => (row === 50 ? 90 : value));
    expect(alarmsIn(values)).toEqual([]);
  });

  test("a series that stood still does not alarm at its first digit, and does at a failure", () => {
    const still = [...room(16, 2_000), ...new Array<number>(3_000).fill(5)];
    const before = alarmsIn(still);
    expect(alarmsIn([...still, 5.01, 5, 5, 5.01])).toEqual(before);
    expect(alarmsIn([...still, 9, 9, 9])).toHaveLength(before.length + 1);
    expect(alarmsIn([...new Array<number>(500).fill(5), 9, 9, 9]).map(({ row }) => row)).toEqual([
      501,
    ]);
  });

  test("a gap is no value", () => {
    expect(() => seriesWatchStep(seriesWatchDefaults, undefined, Number.NaN)).toThrow(RangeError);
  });

  test("its state is a dozen numbers however long it runs", () => {
    let state: SeriesWatchState | undefined;
    for (const value of room(17, 3_000)) {
      state = seriesWatchStep(seriesWatchDefaults, state, value).state;
    }
    expect(JSON.stringify(state).length).toBeLessThan(400);
  });
});

describe("a value against its exponential mean", () => {
  const settings = { weight: 0.01, warmUp: 50, clip: 3, floor: 0.001 };
  const stateAfter = (values: readonly number[]): EwmaZState | undefined => {
    let state: EwmaZState | undefined;
    for (const value of values) state = ewmaZStep(settings, state, value).state;
    return state;
  };

  test("warm-up gives the plain mean and variance", () => {
    const values = [1, 2, 3, 4, 10];
    expect(stateAfter(values)).toMatchObject({ mean: 4, least: 1, most: 10 });
    expect(stateAfter(values)?.variance).toBeCloseTo(10, 12);
  });

  test("an outlier moves the mean no further than three deviations would", () => {
    const values = Array.from({ length: 60 }, (_, n) => n % 2);
    const before = stateAfter(values);
    const off = ewmaZStep(settings, before, 1e6);
    expect(off.z).toBeGreaterThan(1e6);
    const most = (before?.mean ?? 0) + 0.01 * 3 * Math.sqrt(before?.variance ?? 0);
    expect(off.state.mean).toBeCloseTo(most, 9);
  });
});

describe("the benchmark's score", () => {
  const windows: readonly LabelledWindow[] = [
    [2_000, 2_099],
    [5_000, 5_099],
  ];

  test("is 0 for saying nothing and 100 for the first row of each window", () => {
    expect(normalised(nabScore([], windows, 10_000).points, 2)).toBe(0);
    expect(normalised(nabScore([2_000, 5_000], windows, 10_000).points, 2)).toBeCloseTo(100, 9);
  });

  test("a false alarm costs 0.11 before any window, and less just after one", () => {
    const points = (row: number) => nabScore([row, 2_000, 5_000], windows, 10_000).points - 2;
    expect(points(1_900)).toBeCloseTo(-0.11, 12);
    expect(points(8_000)).toBeCloseTo(-0.11, 12);
    expect(points(2_105)).toBeGreaterThan(-0.02);
    expect(points(100)).toBeCloseTo(0, 12);
  });

  test("a late hit is worth less, and the second one in a window nothing", () => {
    const early = nabScore([2_010], windows, 10_000);
    const late = nabScore([2_095], windows, 10_000);
    expect(late.points).toBeLessThan(early.points);
    expect(nabScore([2_010, 2_050], windows, 10_000)).toEqual(early);
  });
});
