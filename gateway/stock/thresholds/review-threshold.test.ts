import fc from "fast-check";
import { expect, test } from "vitest";
import { type DemandStory, simulatedDemand } from "../../../tests/support/demand-simulator.ts";
import type { Outlook } from "../forecast/outlook.ts";
import { outlookOf } from "../forecast/select/outlook-of.ts";
import type { Policy } from "../stocked.ts";
import { decideThreshold } from "./decide-threshold.ts";
import { reviewThreshold } from "./review-threshold.ts";
import { inForce, type Threshold, type ThresholdEvent, thresholdSchema } from "./threshold.ts";

const day = 86_400_000;
const policy: Policy = {
  leadTimeMs: 9 * day,
  leadTimeSpreadMs: 0,
  reviewMs: day,
  serviceLevel: 0.95,
  expiryTiersMs: [0],
  deadAfterMs: 60 * day,
  horizonMs: 30 * day,
};
const settings = { thresholds: "apply", stepMax: 0.25 } as const;
const item = { id: "bolt", unit: "pcs" } as const;

function outlook(reorderPoint: number | undefined, more: Partial<Outlook> = {}): Outlook {
  return {
    version: 1,
    class: "smooth",
    method: "mean-negbin",
    perDay: 1,
    model: { is: "poisson", mean: 1 },
    days: 100,
    reviewedAt: 0,
    ...(reorderPoint === undefined ? {} : { reorderPoint }),
    ...more,
  };
}

interface World {
  readonly thresholds?: "fixed" | "propose" | "apply";
  readonly policy?: Policy;
}

/** A gateway that reviews one item once a day. */
function reviews({ thresholds = "apply", policy: own = policy }: World = {}) {
  let threshold: Threshold | undefined;
  let days = 0;
  const events: ThresholdEvent[] = [];
  return {
    events,
    review(of: Outlook, wait = 1) {
      days += wait;
      const stocked = { location: "a1", item, policy: own };
      const set = { ...settings, thresholds };
      const result = reviewThreshold(threshold, {
        stocked,
        outlook: of,
        settings: set,
        now: days * day,
      });
      threshold = thresholdSchema.parse(JSON.parse(JSON.stringify(result.threshold)));
      events.push(...result.events);
      return inForce(threshold, own)?.value;
    },
    decide(approve: boolean, proposal = threshold?.open?.id ?? "") {
      if (threshold === undefined) return false;
      const result = decideThreshold(threshold, proposal, {
        approve,
        person: "li",
        at: days * day,
      });
      if (result === undefined) return false;
      threshold = thresholdSchema.parse(JSON.parse(JSON.stringify(result.threshold)));
      events.push(...result.events);
      return true;
    },
    get threshold() {
      return threshold;
    },
  };
}

/** A whole life: a review each day with what was taken until then. @returns the point in force, day by day */
function life(story: DemandStory, days: number, seed: number, every = 1) {
  const demand = simulatedDemand(story, days, seed);
  const site = reviews();
  let before: Outlook | undefined;
  const points: (number | undefined)[] = [];
  for (let now = 14; now <= days; now += every) {
    const past = Float64Array.from(demand.slice(0, now));
    const last = past.findLastIndex((value) => value > 0);
    const taken = last < 0 ? {} : { takenAt: last * day };
    const history = { from: 0, days: past, today: 0, ...taken };
    const kept = before === undefined ? {} : { before };
    before = outlookOf(history, { policy, unit: "pcs", now: now * day, ...kept });
    points.push(site.review(before, every));
  }
  return { points, events: site.events, last: before };
}

test("the first point that is reckoned holds at once, and it is on record where it comes from", () => {
  const { review, events } = reviews({ thresholds: "propose" });
  expect(review(outlook(40))).toBe(40);
  expect(events).toMatchObject([
    {
      is: "applied",
      proposal: { to: 40, wanted: 40, why: { leadTimeDays: 9, serviceLevel: 0.95 } },
    },
  ]);
});

test("what is applied goes by one step a review until it is there", () => {
  const { review } = reviews();
  expect([100, 200, 200, 200, 200, 200].map((wanted) => review(outlook(wanted)))).toEqual([
    100, 125, 156, 195, 195, 195,
  ]);
});

test("a second look within the same review changes nothing", () => {
  const { review } = reviews();
  review(outlook(100));
  expect(review(outlook(200), 0.2)).toBe(100);
  expect(review(outlook(200), 0.8)).toBe(125);
});

test("no review moves a point by more than its step, nor by more than one piece where that is less", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 2 }), (wanted) => {
      const { review } = reviews();
      let before = review(outlook(wanted[0] ?? 0)) ?? 0;
      for (const next of wanted.slice(1)) {
        const after = review(outlook(next)) ?? 0;
        expect(Math.abs(after - before)).toBeLessThanOrEqual(Math.max(1, 0.25 * before));
        expect(after).toBeGreaterThanOrEqual(0);
        before = after;
      }
    }),
    { numRuns: 60 },
  );
});

test("a proposal waits for a person, says why, and is the same one until it says something else", () => {
  const site = reviews({ thresholds: "propose" });
  site.review(outlook(100));
  expect(site.review(outlook(160))).toBe(100);
  const { open } = site.threshold ?? {};
  expect(open).toMatchObject({ from: 100, to: 125, wanted: 160, why: { demandPerDay: 1 } });
  site.review(outlook(165));
  expect(site.threshold?.open).toEqual(open);
  site.review(outlook(300));
  expect(site.threshold?.open).toMatchObject({ wanted: 300 });
  expect(site.decide(true, open?.id)).toBe(false);
  expect(site.decide(true)).toBe(true);
  expect(inForce(site.threshold, policy)).toEqual({ value: 125, by: "person" });
  expect(site.events.at(-1)).toMatchObject({ is: "approved", person: "li" });
});

test("what a person rejected is not asked for again until demand asks for something else", () => {
  const site = reviews({ thresholds: "propose" });
  site.review(outlook(100));
  site.review(outlook(160));
  expect(site.decide(false)).toBe(true);
  expect(site.decide(false)).toBe(false);
  for (let n = 0; n < 5; n += 1) site.review(outlook(158 + n));
  expect(site.events.filter(({ is }) => is === "proposed")).toHaveLength(1);
  site.review(outlook(220));
  expect(site.events.at(-1)).toMatchObject({ is: "proposed", proposal: { wanted: 220 } });
});

test("a proposal is withdrawn when demand is as it was", () => {
  const site = reviews({ thresholds: "propose" });
  site.review(outlook(100));
  site.review(outlook(160));
  site.review(outlook(105));
  expect(site.events.at(-1)?.is).toBe("withdrawn");
  expect(site.threshold?.open).toBeUndefined();
});

test("a fixed point stays, and what the configuration says holds over what was reckoned before", () => {
  const fixed = reviews({ thresholds: "fixed", policy: { ...policy, reorderPoint: 30 } });
  expect([fixed.review(outlook(90)), fixed.review(outlook(90))]).toEqual([30, 30]);
  expect(fixed.events).toEqual([]);
  const kept: Threshold = { version: 1, value: 44, by: "person", configured: 40 };
  expect(inForce(kept, { ...policy, reorderPoint: 40 })).toEqual({ value: 44, by: "person" });
  expect(inForce(kept, { ...policy, reorderPoint: 50 })).toEqual({ value: 50, by: "person" });
  expect(inForce(undefined, policy)).toBeUndefined();
});

test("a clock that is set back does not stop the reviews", () => {
  const site = reviews();
  site.review(outlook(100), 50);
  expect(site.review(outlook(200), -40)).toBe(125);
});

test("a doubled demand moves the reorder point to what it needs within two lead times", () => {
  const stories: readonly DemandStory[] = [
    { demands: 5, size: 2, dispersion: 1.2 },
    { demands: 12, size: 1, dispersion: 1 },
    { demands: 4, size: 2, dispersion: 1.5, weekdays: [1.4, 1.4, 1.3, 1.2, 1.2, 0.5, 0] },
  ];
  for (const story of stories) {
    for (let seed = 1; seed <= 2; seed += 1) {
      const from = 120;
      const { points } = life({ ...story, step: { day: from, times: 2 } }, from + 18, seed);
      const before = points[from - 14] ?? 0;
      const after = points.at(-1) ?? 0;
      const needed = 2 * story.demands * story.size * 10;
      expect(before).toBeGreaterThan(needed / 2);
      expect(after).toBeGreaterThan(needed);
      expect(after).toBeLessThan(needed * 1.6);
    }
  }
});

test("demand that does not change moves its reorder point hardly ever in two years", () => {
  const smooth: readonly DemandStory[] = [
    { demands: 5, size: 2, dispersion: 1.2 },
    { demands: 4, size: 2, dispersion: 1.5, weekdays: [1.4, 1.4, 1.3, 1.2, 1.2, 0.5, 0] },
  ];
  const sparse: readonly DemandStory[] = [
    { demands: 0.25, size: 3, dispersion: 1.5 },
    { demands: 0.2, size: 8, dispersion: 15 },
  ];
  const changes = (story: DemandStory, seed: number) => {
    // Every fifth day, to spare time: a point that is looked at less often has no fewer reasons.
    const { points } = life(story, 730, seed, 5);
    const learnt = points.slice(18);
    return learnt.filter((point, index) => index > 0 && point !== learnt[index - 1]).length;
  };
  for (const story of smooth) expect(changes(story, 1)).toBeLessThanOrEqual(1);
  for (const story of sparse) expect(changes(story, 1)).toBeLessThanOrEqual(12);
});

test("a dead item stops proposing, and what it had proposed is withdrawn", () => {
  const dead = { demands: 3, size: 2, dispersion: 1.2, deadFrom: 150 };
  const { events, last } = life(dead, 330, 1);
  expect(last).toMatchObject({ class: "none" });
  const lastAt = Math.max(...events.map(({ at }) => at / day));
  expect(lastAt).toBeLessThan(150 - 13 + 60 + 1);
  const site = reviews({ thresholds: "propose" });
  site.review(outlook(100));
  site.review(outlook(20));
  expect(site.threshold?.open).toBeDefined();
  for (let n = 0; n < 100; n += 1) site.review(outlook(undefined, { class: "none", perDay: 0 }));
  expect(site.events.map(({ is }) => is)).toEqual(["applied", "proposed", "withdrawn"]);
  expect(inForce(site.threshold, policy)?.value).toBe(100);
});
