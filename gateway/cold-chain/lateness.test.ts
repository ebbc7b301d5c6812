import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { Lateness } from "./lateness.ts";

const noon = Date.UTC(2026, 10, 1, 12);
const hour = 3_600_000;
const day = 24 * hour;

function sample(sampledAt: number, value = 5): Sample {
  return { point: "cold-2/temperature", sampledAt, quality: "good", value };
}

function lateness(staleAfterMs?: number, believed = true) {
  return new Lateness({ staleAfterMs: () => staleAfterMs, clockBelieved: () => believed });
}

test("what is older than the newest of its point is late, whether or not the clock can be believed", () => {
  const split = lateness(undefined, false);
  const mono = 1_000;
  expect(split.split([sample(noon)], { at: noon, mono }).late).toEqual([]);

  const old = [sample(noon - 9 * hour, 9), sample(noon - 8 * hour, 9)];
  const after = { at: noon + 1_000, mono: mono + 1_000 };
  expect(split.split([...old, sample(noon + 1_000)], after)).toMatchObject({
    live: [sample(noon + 1_000)],
    late: old,
  });
});

test("the first sample of a point is late when it is older than five minutes", () => {
  const instant = { at: noon, mono: 1_000 };
  expect(lateness().split([sample(noon - 300_001)], instant).late).toHaveLength(1);
  expect(lateness().split([sample(noon - 300_000)], instant).late).toHaveLength(0);
  expect(lateness(undefined, false).split([sample(noon - day)], instant).late).toHaveLength(0);
});

test("a point that may be silent for an hour may also be told an hour later", () => {
  const instant = { at: noon, mono: 1_000 };
  expect(lateness(hour).split([sample(noon - hour)], instant).late).toHaveLength(0);
  expect(lateness(hour).split([sample(noon - hour - 1)], instant).late).toHaveLength(1);
});

test("two samples of one millisecond are both live, and the array is the one that came", () => {
  const samples = [sample(noon, 5), sample(noon, 6)];
  expect(lateness().split(samples, { at: noon, mono: 0 }).live).toBe(samples);
});

test("a device whose clock runs ahead is live, also after it was put right", () => {
  const split = lateness();
  expect(split.split([sample(noon + hour)], { at: noon, mono: 0 }).late).toEqual([]);
  const later = { at: noon + 60_000, mono: 60_000 };
  expect(split.split([sample(noon + 60_000)], later).late).toEqual([]);
});

const steps = fc.array(fc.constantFrom(day, -day, hour, -hour, -noon, noon, 0), {
  minLength: 1,
  maxLength: 12,
});

test("a wall clock that is set to whatever makes nothing late, not even what was on its way", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 900 }), (offsets, transitMs) => {
      const split = lateness();
      let wall = noon;
      let mono = 1_000_000;
      const take = (sampledAt: number) => split.split([sample(sampledAt)], { at: wall, mono });
      for (const offset of offsets) {
        for (let second = 0; second < 3; second += 1) {
          wall += 1_000;
          mono += 1_000;
          expect(take(wall - transitMs).late).toEqual([]);
        }
        const onItsWay = wall;
        wall += offset + 100;
        mono += 100;
        expect(take(onItsWay).late).toEqual([]);
      }
    }),
  );
});

test("what was on its way at a step is fresh for five minutes only", () => {
  const split = lateness();
  split.split([], { at: noon, mono: 0 });
  split.split([], { at: noon + day, mono: 1_000 });
  const other: Sample = { ...sample(noon), point: "cold-3/temperature" };
  expect(split.split([sample(noon)], { at: noon + day + 1_000, mono: 2_000 }).late).toEqual([]);
  const muchLater = { at: noon + day + 400_000, mono: 401_000 };
  split.split([], muchLater);
  expect(split.split([other], muchLater).late).toEqual([other]);
});

test("live and late together are what came, and each keeps its order", () => {
  const ages = fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 40 });
  fc.assert(
    fc.property(ages, (given) => {
      const samples = given.map((age, index) => sample(noon - age, index));
      const { live, late } = lateness().split(samples, { at: noon, mono: 0 });
      const value = (one: Sample) => (one.quality === "bad" ? -1 : Number(one.value));
      const both = [...live, ...late].sort((left, right) => value(left) - value(right));
      expect(both).toEqual(samples);
      expect(live.map(value)).toEqual(live.map(value).sort((left, right) => left - right));
      expect(late.map(value)).toEqual(late.map(value).sort((left, right) => left - right));
    }),
  );
});
