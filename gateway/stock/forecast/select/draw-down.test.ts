import { expect, test } from "vitest";
import { type DemandStory, simulatedDemand } from "../../../../tests/support/demand-simulator.ts";
import type { Policy } from "../../stocked.ts";
import { coverDays } from "./cover.ts";
import { outlookOf } from "./outlook-of.ts";

const day = 86_400_000;
const policy: Policy = {
  leadTimeMs: 6 * day,
  leadTimeSpreadMs: 0,
  reviewMs: day,
  serviceLevel: 0.95,
  expiryTiersMs: [0],
  deadAfterMs: 180 * day,
  horizonMs: 30 * day,
};
const ahead = 7;
const past = 90;

/**
 * A shelf that nobody refills: reviewed once a day, looked at after every piece, which go evenly over the day.
 * @returns days from the warning to the piece that is not there
 */
function warnedAhead(story: DemandStory, seed: number) {
  const demand = simulatedDemand(story, past + 120, seed);
  let there = Math.round(story.demands * story.size * 30);
  let position: number | undefined;
  let cover: number | undefined;
  for (let today = past; today < demand.length; today += 1) {
    const days = Float64Array.from(demand.slice(0, today));
    const history = { from: 0, days, today: 0, takenAt: (today - 1) * day };
    const found = outlookOf(history, { policy, unit: "pcs", now: today * day });
    const pieces = demand[today] ?? 0;
    for (let piece = 1; piece <= pieces; piece += 1) {
      const now = today + piece / (pieces + 1);
      there -= 1;
      if (there < 0) return { position: now - (position ?? now), cover: now - (cover ?? now) };
      if (there <= (found.reorderPoint ?? 0)) position ??= now;
      if ((coverDays(found, there) ?? ahead) < ahead) cover ??= now;
    }
  }
  throw new Error("it never ran out");
}

const stories: readonly DemandStory[] = [
  { demands: 10, size: 1, dispersion: 1 },
  { demands: 5, size: 2, dispersion: 1.2 },
  { demands: 3, size: 3, dispersion: 2 },
];

test("a steady draw-down warns before lead time and review are reached, and not twice as early", () => {
  const found = stories.flatMap((story) =>
    Array.from({ length: 20 }, (_, index) => warnedAhead(story, index + 1).position),
  );
  const onTime = found.filter((days) => days >= ahead);
  expect(onTime.length / found.length).toBeGreaterThanOrEqual(0.95);
  for (const days of found) {
    expect(days).toBeGreaterThanOrEqual(ahead - 2);
    expect(days).toBeLessThan(2 * ahead);
  }
});

test("days of cover come true: at the mean demand, within a day or two of the day on which it is gone", () => {
  const found = stories.flatMap((story) =>
    Array.from({ length: 6 }, (_, index) => warnedAhead(story, index + 1).cover),
  );
  const mean = found.reduce((sum, days) => sum + days, 0) / found.length;
  expect(mean).toBeGreaterThan(ahead - 1);
  expect(mean).toBeLessThan(ahead + 1);
});
