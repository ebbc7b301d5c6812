import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { Thinning } from "./thinning.ts";

const bucketMs = 300_000;

/** In two portions, which makes no difference. */
function thinned(samples: readonly Sample[], ofMs: number): number[] {
  const thinning = new Thinning(ofMs);
  const half = Math.floor(samples.length / 2);
  thinning.add(samples.slice(0, half));
  thinning.add(samples.slice(half));
  return thinning.end().map(({ place, sample }) => {
    expect(sample).toBe(samples[place]);
    return place;
  });
}

const arbitrarySamples = fc
  .array(
    fc.record({
      point: fc.constantFrom("a/t" as const, "b/t" as const),
      step: fc.nat({ max: 90_000 }),
      value: fc.integer({ min: -50, max: 50 }),
      bad: fc.integer({ min: 0, max: 9 }),
    }),
    { maxLength: 200 },
  )
  .map((rows) => {
    let sampledAt = 1.8e12;
    return rows.map(({ point, step, value, bad }): Sample => {
      sampledAt += step;
      return bad === 0
        ? { point, sampledAt, quality: "bad", reason: "timeout" }
        : { point, sampledAt, quality: "good", value };
    });
  });

function spread(samples: readonly Sample[]) {
  const spreads = new Map<string, number[]>();
  for (const sample of samples) {
    if (sample.quality !== "good" || typeof sample.value !== "number") continue;
    const key = `${sample.point} ${Math.floor(sample.sampledAt / bucketMs)}`;
    const [least = sample.value, most = sample.value] = spreads.get(key) ?? [];
    spreads.set(key, [Math.min(least, sample.value), Math.max(most, sample.value)]);
  }
  return spreads;
}

test("lowest and highest of each point and five minutes stay, and everything that was not good", () => {
  fc.assert(
    fc.property(arbitrarySamples, (samples) => {
      const places = thinned(samples, bucketMs);
      const left = places.flatMap((place) => samples[place] ?? []);
      expect(places).toEqual([...new Set(places)].sort((one, other) => one - other));
      expect(spread(left)).toEqual(spread(samples));
      const bad = (rows: readonly Sample[]) => rows.filter(({ quality }) => quality !== "good");
      expect(bad(left)).toEqual(bad(samples));
    }),
  );
});

test("at most four numbers of a point are left of each stretch, the first and the last among them", () => {
  const samples = Array.from(
    { length: 90 },
    (_, row): Sample => ({
      ...{ point: "a/t", sampledAt: 3e11 + row * 10_000, quality: "good" },
      value: [5, 9, 1, 7][row % 4] ?? 0,
    }),
  );
  expect(thinned(samples, bucketMs)).toEqual([0, 1, 2, 29, 30, 33, 59, 60, 61, 62, 89]);
  expect(thinned(samples, 3_600_000)).toEqual([0, 1, 2, 89]);
});

test("a switch keeps each change of it", () => {
  const samples = Array.from(
    { length: 20 },
    (_, row): Sample => ({
      ...{ point: "door/open", sampledAt: 3e11 + row * 1_000, quality: "good" },
      value: row === 7 || row === 8,
    }),
  );
  expect(thinned(samples, bucketMs)).toEqual([0, 7, 9, 19]);
});
