import fc from "fast-check";
import { expect, test } from "vitest";
import { type PlanState, planRecord, type RecordCadence } from "./record-plan.ts";

const minute = 60_000;
const storage: RecordCadence = {
  everyMs: 30 * minute,
  everyOutsideMs: 2 * minute,
  readEveryMs: minute,
  isOutside: (value) => value > 8,
};

type Reading = readonly [at: number, value: number | undefined];

function recorded(readings: readonly Reading[], cadence = storage): number[] {
  let state: PlanState | undefined;
  const times: number[] = [];
  for (const [at, value] of readings) {
    const planned = planRecord(state, at, value, cadence);
    if (planned.record) times.push(at);
    state = planned.state;
  }
  return times;
}

/** One reading a minute. */
function minutes(count: number, value: (index: number) => number | undefined): Reading[] {
  return Array.from({ length: count }, (_, index) => [index * minute, value(index)]);
}

function inMinutes(times: readonly number[]): number[] {
  return times.map((time) => time / minute);
}

test("records in range every half hour, out of range every two minutes, and one at each crossing", () => {
  const readings = minutes(78, (index) => (index >= 37 && index <= 46 ? 8.6 : 6));

  expect(inMinutes(recorded(readings))).toEqual([0, 30, 37, 39, 41, 43, 45, 47, 77]);
});

test("readings that do not meet the cadence are recorded before it is exceeded, not after", () => {
  const everySeven = { ...storage, readEveryMs: 7 * minute };
  const readings = minutes(15, () => 6).map(([at, value]): Reading => [at * 7, value]);

  expect(inMinutes(recorded(readings, everySeven))).toEqual([0, 28, 56, 84]);
  expect(inMinutes(recorded(readings, { ...storage, readEveryMs: undefined }))).toEqual([
    0, 28, 56, 84,
  ]);
});

test("a sensor that fails is a record, its silence goes on at the cadence that held before", () => {
  const inside = minutes(70, (index) => (index >= 10 && index < 65 ? undefined : 6));
  expect(inMinutes(recorded(inside))).toEqual([0, 10, 40, 65]);

  const outside = minutes(10, (index) => (index >= 3 && index < 8 ? undefined : 9));
  expect(inMinutes(recorded(outside))).toEqual([0, 2, 3, 5, 7, 8]);
});

test("late readings have a cadence of their own, and live ones go on after them", () => {
  const hour = 60;
  const live = [12 * hour, 12 * hour + 1];
  const late = [3 * hour, 3 * hour + 1, 3 * hour + 20, 3 * hour + 31];
  const readings = [...live, ...late, 12 * hour + 2].map((at): Reading => [at * minute, 6]);

  expect(inMinutes(recorded(readings))).toEqual([
    12 * hour,
    3 * hour,
    3 * hour + 20,
    12 * hour + 2,
  ]);
});

test("a wall clock that is set back does not stop the record", () => {
  const before = minutes(10, () => 6);
  const after = minutes(40, () => 6).map(([at, value]): Reading => [at - 24 * 60 * minute, value]);

  expect(inMinutes(recorded([...before, ...after]))).toEqual([0, -1440, -1410]);
});

test("no two records are ever further apart than the cadence allows, and each crossing is one", () => {
  const values = fc.option(fc.constantFrom(6, 7.9, 8, 8.1, 12), { nil: undefined });
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: minute }), values), { maxLength: 300 });
  fc.assert(
    fc.property(steps, (given) => {
      let at = 0;
      const readings = given.map(([step, value]): Reading => {
        at += step;
        return [at, value];
      });
      const times = new Set(recorded(readings));
      let last = readings[0]?.[0] ?? 0;
      let outside = false;
      let place: string | undefined;
      for (const [now, value] of readings) {
        expect(now - last).toBeLessThanOrEqual(outside ? storage.everyOutsideMs : storage.everyMs);
        const here = value === undefined ? "gap" : value > 8 ? "outside" : "inside";
        if (here !== place) expect(times.has(now)).toBe(true);
        if (times.has(now)) last = now;
        if (here !== "gap") outside = here === "outside";
        place = here;
      }
    }),
  );
});
