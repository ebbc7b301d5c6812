import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chartColumnsMax } from "./chart-columns.ts";
import { gapsMax } from "./gap.ts";
import { causeOf } from "./gap-cause.ts";
import { LateCount } from "./late-count.ts";
import type { Reading } from "./reading.ts";
import type { PlannedPoint } from "./report-plan.ts";
import { Tally } from "./tally.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const from = Date.UTC(2026, 9, 1);
const period = { from, to: from + day };

const point: PlannedPoint = {
  ...{ key: "cold/temperature", unit: "Cel", kind: "temperature", values: "number" },
  ...{ gapMs: 45 * minute, gapOutsideMs: 3 * minute, recorded: true },
  ...{ limits: [2, 8], coverageMin: 0.9 },
};

function good(at: number, value: number | boolean, more: Partial<Reading> = {}): Reading {
  const place = typeof value === "number" && value > 8 ? "outside" : "inside";
  return { at, quality: "good", value, place, clock: "synchronized", late: false, ...more };
}

function bad(at: number, reason: string): Reading {
  return { at, quality: "bad", reason, place: "gap", clock: "synchronized", late: false };
}

function tally(
  readings: readonly Reading[],
  of = point,
  pauses: { from: number; to: number }[] = [],
) {
  const tallied = new Tally(of, period, pauses);
  for (const reading of readings) tallied.take(reading);
  return tallied.figures();
}

/** Each half hour, and each two minutes above 8. */
function cadence(valueAt: (at: number) => number): Reading[] {
  const readings: Reading[] = [];
  for (let at = from; at < from + day; ) {
    const value = valueAt(at);
    readings.push(good(at, value));
    at += value > 8 ? 2 * minute : 30 * minute;
  }
  return readings;
}

describe("figures", () => {
  test("mean and MKT are weighted by time, whatever the cadence of the records", () => {
    const figures = tally(cadence((at) => (at < from + 18 * hour ? 5 : 14)));
    expect(figures.readings).toBe(36 + 180);
    expect(figures.coverage).toBe(1);
    expect(figures.mean).toBeCloseTo(7.25, 6);
    expect(figures.mkt).toEqual({ celsius: expect.closeTo(8.2852, 3), coverage: 1 });
    expect(figures.outsideMs).toBe(6 * hour);
    expect(figures.min).toEqual({ value: 5, at: from });
    expect(figures.max).toEqual({ value: 14, at: from + 18 * hour });
  });

  test("a stretch that is known too little has no MKT, and says how much is known", () => {
    const { mkt, coverage } = tally([good(from, 5), good(from + 30 * minute, 5)]);
    expect(coverage).toBeCloseTo(30 / 1440, 6);
    expect(mkt).toEqual({ refused: "coverage", coverage });
  });

  test("goods that were frozen have no MKT; those that are always frozen do", () => {
    const frosty = tally(cadence((at) => (at === from + hour ? -1 : 5)));
    expect(frosty.mkt).toEqual({ refused: "freeze", coverage: 1 });
    const freezer = tally(
      cadence(() => -18),
      { ...point, limits: [-25, -15] },
    );
    expect(freezer.mkt).toEqual({ celsius: expect.closeTo(-18, 6), coverage: 1 });
  });

  test("the value before the period holds into it and is not counted", () => {
    const first = [good(from - 20 * minute, 5), good(from + 10 * minute, 6)];
    const { readings, gaps } = tally(first, point);
    expect(readings).toBe(1);
    expect(gaps).toEqual([{ from: from + 10 * minute, to: from + day, reasons: [] }]);
  });

  test("an empty period is one gap", () => {
    const { readings, coverage, gaps, mean } = tally([]);
    expect({ readings, coverage, mean }).toEqual({ readings: 0, coverage: 0, mean: undefined });
    expect(gaps).toEqual([{ ...period, reasons: [] }]);
  });

  test("a doubtful value is counted and has no part in any sum", () => {
    const { uncertain, max } = tally([
      good(from, 5),
      { ...good(from + minute, 80), quality: "uncertain", reason: "spike" },
      good(from + 2 * minute, 5),
    ]);
    expect({ uncertain, max: max?.value }).toEqual({ uncertain: 1, max: 5 });
  });

  test("a door is told by its openings and the time that it stood open", () => {
    const door: PlannedPoint = { ...point, kind: "door", values: "boolean", limits: [] };
    const { unit: _, gapMs: __, gapOutsideMs: ___, ...silent } = door;
    const steps = [0, 10, 15, 60, 70].map((at, index) => good(from + at * minute, index % 2 === 1));
    expect(tally(steps, silent).switched).toEqual({ times: 2, onMs: 15 * minute });
  });

  test("every peak of a million readings is in the chart", () => {
    const week = new Tally({ ...point, gapMs: 2_000 }, period, []);
    for (let second = 0; second < 86_400; second += 1) {
      week.take(good(from + second * 1_000, second === 40_000 ? 30 : 5));
    }
    const { columns } = week.figures().chart;
    expect(columns).toHaveLength(chartColumnsMax);
    expect(Math.max(...columns.map((column) => column?.high ?? 0))).toBe(30);
    expect(columns.every((column) => column?.low === 5)).toBe(true);
  });
});

describe("gaps", () => {
  test("silence, a sensor without value and a pause are told apart", () => {
    const pause = { from: from + 10 * hour, to: from + 12 * hour };
    const readings = cadence(() => 5).filter(
      ({ at }) => (at < from + 2 * hour || at >= from + 4 * hour) && at < from + 20 * hour,
    );
    const broken = [...readings, bad(from + 20 * hour, "open"), bad(from + 21 * hour, "timeout")];
    const { gaps, coverage, mean } = tally(broken, point, [pause]);
    expect(gaps).toEqual([
      { from: from + 1.5 * hour, to: from + 4 * hour, reasons: [] },
      { ...pause, reasons: ["out-of-service"] },
      { from: from + 20 * hour, to: from + day, reasons: ["open", "timeout"] },
    ]);
    expect(coverage).toBeCloseTo((24 - 2.5 - 2 - 4) / 24, 6);
    expect(mean).toBeCloseTo(5, 9);
  });

  test("records out of range may not lie as far apart as those in it", () => {
    const { gaps } = tally([
      ...[good(from, 9), good(from + 30 * minute, 5), good(from + 40 * minute, 5)],
    ]);
    expect(gaps[0]).toEqual({ from, to: from + 30 * minute, reasons: [] });
  });

  test("a damaged stretch is a gap", () => {
    const tallied = new Tally(point, period, []);
    tallied.take(good(from, 5));
    tallied.damaged({ from: from + 10 * minute, to: from + 20 * minute });
    tallied.take(good(from + 20 * minute, 5));
    expect(tallied.figures().gaps[0]).toEqual({
      from: from + 10 * minute,
      to: from + 20 * minute,
      reasons: ["damaged"],
    });
  });

  test("more gaps than are listed still count in the coverage", () => {
    const flicker = Array.from({ length: gapsMax + 50 }, (_, index) => [
      bad(from + 2 * index * minute, "open"),
      good(from + (2 * index + 1) * minute, 5),
    ]).flat();
    const { gaps, gapsUnlisted, coverage } = tally(flicker);
    // The last good value holds until it is too old: one gap more.
    expect(gaps.length + gapsUnlisted).toBe(gapsMax + 51);
    expect(gaps).toHaveLength(gapsMax);
    expect(coverage).toBeCloseTo((gapsMax + 49) / 1440, 6);
  });

  test.each([
    [[], [{ kind: "power", at: 50 }], "power"],
    [[], [{ kind: "stopped", at: 101 }], "stopped"],
    [[], [{ kind: "stopped", at: 99 + 200_000 }], "unknown"],
    [
      [],
      [
        { kind: "clock", at: 5 },
        { kind: "storage", at: 6 },
      ],
      "storage",
    ],
    [["timeout"], [{ kind: "power", at: 50 }], "comms"],
    [["open"], [], "sensor"],
    [["out-of-service"], [], "out-of-service"],
    [["damaged"], [], "damaged"],
    [[], [], "unknown"],
  ] as const)("reasons %j and incidents %j make the cause %s", (reasons, incidents, cause) => {
    expect(causeOf({ from: 0, to: 100, reasons }, incidents)).toBe(cause);
  });
});

test("late are those whose number in the log is higher than that of a later sample", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(1_000), { maxLength: 60 }), (numbers) => {
      const late = new LateCount();
      for (const number of numbers) late.add(number);
      const plain = numbers.filter((number, index) =>
        numbers.slice(index + 1).some((later) => later < number),
      );
      expect(late.count).toBe(plain.length);
    }),
  );
});
