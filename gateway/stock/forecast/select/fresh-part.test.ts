import { expect, test } from "vitest";
import { simulatedDemand } from "../../../../tests/support/demand-simulator.ts";
import { freshFrom } from "./fresh-part.ts";

const steady = { demands: 4, size: 2, dispersion: 1.5 };
const seeds = Array.from({ length: 30 }, (_, index) => index + 1);

test("a doubled demand is seen within two weeks, and what was before it no longer counts", () => {
  const found = seeds.filter((seed) => {
    const days = simulatedDemand({ ...steady, step: { day: 200, times: 2 } }, 214, seed);
    return freshFrom(days) >= 193;
  });
  expect(found.length).toBeGreaterThanOrEqual(27);
});

test("a halved demand is seen within three weeks", () => {
  const found = seeds.filter((seed) => {
    const days = simulatedDemand({ ...steady, step: { day: 200, times: 0.5 } }, 221, seed);
    return freshFrom(days) >= 193;
  });
  expect(found.length).toBeGreaterThanOrEqual(27);
});

test("demand that does not change keeps its whole history, wild sizes, weekdays and one large order included", () => {
  const stories = [
    steady,
    { demands: 0.2, size: 8, dispersion: 15 },
    { demands: 3, size: 2, dispersion: 2, weekdays: [1.4, 1.4, 1.4, 1.4, 1.4, 0, 0] },
  ];
  const changed = stories.flatMap((story) =>
    seeds.filter((seed) => freshFrom(simulatedDemand(story, 400, seed)) > 0),
  );
  expect(changed.length).toBeLessThanOrEqual(2);
  const days = simulatedDemand(steady, 200, 1);
  expect(freshFrom([...days, 900, ...days.slice(0, 3)])).toBe(0);
});

test("days that are all alike, or too few, have no change", () => {
  expect(freshFrom(new Array<number>(100).fill(4))).toBe(0);
  expect(freshFrom([0, 0, 0, 9, 9, 9])).toBe(0);
  expect(freshFrom([])).toBe(0);
});
