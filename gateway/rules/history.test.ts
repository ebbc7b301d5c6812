import fc from "fast-check";
import { expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { bad, good, RuleWatch, ruleOf, uncertain } from "../../tests/support/rule-watch.ts";
import type { Condition, Trend } from "./rule.ts";

/**
 * Each condition said once more, slowly: over the whole history, at every instant at which anything
 * may change. Times are whole milliseconds, few of them, so that borders are met.
 */
const point: PointKey = "a/value";

interface Step {
  readonly mono: number;
  readonly sample: Sample;
}

const anySample = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 12 }).map((value) => good(point, value)) },
  { weight: 1, arbitrary: fc.constant(bad(point)) },
  { weight: 1, arbitrary: fc.constant(uncertain(point, 12)) },
);
const anyHistory = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 40 }), anySample), { maxLength: 40 })
  .map((steps) => {
    let mono = 0;
    return steps.map(([afterMs, sample]): Step => {
      mono += afterMs;
      return { mono, sample };
    });
  });

type Truth = "violated" | "clear" | "between" | "unknown";

/** The changes that follow from what is true at each millisecond, samples last. */
function changesOf(end: number, truthAt: (mono: number, before: boolean) => Truth): string[] {
  const seen: string[] = [];
  let active = false;
  for (let mono = 0; mono <= end; mono += 1) {
    for (const before of [true, false]) {
      const truth = truthAt(mono, before);
      if (!active && truth === "violated") seen.push(`${mono} violated`);
      if (active && truth === "clear") seen.push(`${mono} returned`);
      if (truth === "violated") active = true;
      if (truth === "clear") active = false;
    }
  }
  return seen;
}

/** Samples by an instant; `before`: without those of the instant itself. */
function until(history: readonly Step[], mono: number, before: boolean): readonly Step[] {
  return history.filter((step) => (before ? step.mono < mono : step.mono <= mono));
}

const endMs = 40 * 40 + 400;

function played(when: Condition, history: readonly Step[], restartAt: readonly number[] = []) {
  const watch = new RuleWatch(ruleOf(when));
  for (const [index, { mono, sample }] of history.entries()) {
    watch.at(mono, sample);
    if (restartAt.includes(index)) watch.restart();
  }
  watch.until(endMs);
  return watch.seen;
}

function agrees(
  anyWhen: fc.Arbitrary<Condition>,
  truthOf: (when: Condition, history: readonly Step[]) => (mono: number, before: boolean) => Truth,
): void {
  const property = fc.property(anyWhen, anyHistory, (when, history) => {
    expect(played(when, history)).toEqual(changesOf(endMs, truthOf(when, history)));
  });
  fc.assert(property, { numRuns: 60 });
}

const limit: Condition = { is: "above", point, limit: 8, inclusive: false, deadband: 2 };

function limitTruth(sample: Sample | undefined): Truth {
  if (sample?.quality !== "good") return "unknown";
  const value = Number(sample.value);
  if (value > 8) return "violated";
  return value <= 6 ? "clear" : "between";
}

test("a total is the time of violation, millisecond by millisecond", () => {
  const anyTotal = fc
    .record({
      totalMs: fc.integer({ min: 1, max: 150 }),
      extraMs: fc.option(fc.integer({ min: 0, max: 200 })),
    })
    .map(({ totalMs, extraMs }): Condition => {
      const window = extraMs === null ? {} : { withinMs: totalMs + extraMs };
      return { is: "total", part: limit, totalMs, ...window };
    });
  agrees(anyTotal, (when, history) => {
    if (when.is !== "total") throw new Error("no total");
    const { totalMs, withinMs = endMs } = when;
    // Whether the millisecond from `mono` on counts.
    const counted = Array.from({ length: endMs + 1 }, (_, mono) =>
      limitTruth(until(history, mono, false).at(-1)?.sample) === "violated" ? 1 : 0,
    );
    const sums = [0];
    for (const one of counted) sums.push((sums.at(-1) ?? 0) + one);
    return (mono, before) => {
      const from = Math.max(0, mono - withinMs);
      const sum = (sums[mono] ?? 0) - (sums[from] ?? 0);
      if (sum >= totalMs) return "violated";
      const now = limitTruth(until(history, mono, before).at(-1)?.sample);
      return now === "violated" ? "between" : now;
    };
  });
});

test("a change is the distance to the furthest good value of the window", () => {
  const anyChange = fc
    .record({
      is: fc.constantFrom("risen", "fallen"),
      by: fc.integer({ min: 1, max: 8 }),
      withinMs: fc.integer({ min: 1, max: 150 }),
      deadband: fc.integer({ min: 0, max: 2 }),
    })
    .map((given): Condition => ({ ...given, point }));
  agrees(anyChange, (when, history) => {
    if (when.is !== "risen" && when.is !== "fallen") throw new Error("no change");
    const sign = when.is === "risen" ? 1 : -1;
    return (mono, before) => {
      const known = until(history, mono, before);
      const last = known.at(-1)?.sample;
      if (last?.quality !== "good") return "unknown";
      const changes = known.flatMap(({ mono: at, sample }) =>
        sample.quality === "good" && mono - at <= when.withinMs
          ? [sign * (Number(last.value) - Number(sample.value))]
          : [],
      );
      const change = Math.max(0, ...changes);
      if (change > when.by) return "violated";
      return change <= when.by - when.deadband ? "clear" : "between";
    };
  });
});

test("a trend is the slope of the newest good values, a projection what follows from it", () => {
  const anyTrend = fc
    .record({
      is: fc.constantFrom<"rising" | "falling" | "will-reach">("rising", "falling", "will-reach"),
      samples: fc.integer({ min: 2, max: 6 }),
      fit: fc.constantFrom<Trend["fit"]>("line", "ends"),
      perMs: fc.constantFrom(0.01, 0.05, 0.11),
      aheadMs: fc.integer({ min: 1, max: 200 }),
    })
    .map(({ is, samples, fit, perMs, aheadMs }): Condition => {
      const trend = { samples, fit };
      if (is === "will-reach") return { is, point, limit: 9.5, aheadMs, trend };
      return { is, point, perHour: perMs * 3_600_000 + 1, deadband: 0, trend };
    });
  agrees(anyTrend, (when, history) => (mono, before) => {
    if (!("trend" in when)) throw new Error("no trend");
    const known = until(history, mono, before);
    if (known.at(-1)?.sample.quality !== "good") return "unknown";
    const readings = known
      .flatMap(({ mono: x, sample }) =>
        sample.quality === "good" ? [{ x, y: Number(sample.value) }] : [],
      )
      .slice(-when.trend.samples);
    if (readings.length < when.trend.samples) return "unknown";
    const slope = when.trend.fit === "line" ? slopeOf(readings) : slopeOf(ends(readings));
    if (when.is === "rising") return slope * 3_600_000 > when.perHour ? "violated" : "clear";
    if (when.is === "falling") return -slope * 3_600_000 > when.perHour ? "violated" : "clear";
    if (when.is !== "will-reach") throw new Error("no projection");
    const first = readings[0]?.y ?? 0;
    const last = readings.at(-1)?.y ?? 0;
    if (first < when.limit !== last < when.limit) return "violated";
    const inMs = (when.limit - last) / slope;
    const isReached = Math.abs(slope) > 1e-12 && inMs >= 0 && inMs <= when.aheadMs + 1e-6;
    return isReached ? "violated" : "clear";
  });
});

/** By the normal equations, as they stand in a textbook. */
function slopeOf(readings: readonly { x: number; y: number }[]): number {
  const n = readings.length;
  const sum = (of: (one: { x: number; y: number }) => number) =>
    readings.reduce((total, one) => total + of(one), 0);
  const [x, y, xy, xx] = [
    sum((o) => o.x),
    sum((o) => o.y),
    sum((o) => o.x * o.y),
    sum((o) => o.x ** 2),
  ];
  return (n * xy - x * y) / (n * xx - x * x);
}

function ends(readings: readonly { x: number; y: number }[]) {
  return readings.filter((_, index) => index === 0 || index === readings.length - 1);
}

const anyOfEvery = fc.constantFrom<Condition>(
  { is: "total", part: limit, totalMs: 90 },
  { is: "total", part: limit, totalMs: 60, withinMs: 150 },
  { is: "total", part: { is: "not", part: limit }, totalMs: 60, withinMs: 150 },
  { is: "risen", point, by: 4, withinMs: 100, deadband: 1 },
  { is: "fallen", point, by: 4, withinMs: 100, deadband: 0 },
  { is: "rising", point, perHour: 50_000, deadband: 0, trend: { samples: 4, fit: "line" } },
  { is: "will-reach", point, limit: 9.5, aheadMs: 80, trend: { samples: 3, fit: "ends" } },
  { is: "frozen", point, afterMs: 50 },
  { is: "fault", point },
  {
    is: "all",
    of: [
      { is: "not", part: limit },
      { is: "fallen", point, by: 2, withinMs: 90, deadband: 0 },
    ],
  },
  { is: "above", point, minus: "b/value", limit: 2, inclusive: true, deadband: 1 },
);

test("a restart behind any samples changes nothing", () => {
  const anyRestarts = fc.array(fc.nat(40), { maxLength: 6 });
  const property = fc.property(anyOfEvery, anyHistory, anyRestarts, (when, history, restarts) => {
    const both = history.map((step, index) =>
      index % 3 === 2 ? { ...step, sample: { ...step.sample, point: "b/value" as const } } : step,
    );
    expect(played(when, both, restarts)).toEqual(played(when, both));
  });
  fc.assert(property, { numRuns: 300 });
});

test("a wall clock that jumps a day, or to 1970, changes nothing", () => {
  const anyJumps = fc.array(
    fc.tuple(fc.nat(40), fc.constantFrom(-86_400_000, 86_400_000, Number.NaN)),
    { maxLength: 4 },
  );
  const property = fc.property(anyOfEvery, anyHistory, anyJumps, (when, history, jumps) => {
    const watch = new RuleWatch(ruleOf(when, { onDelayMs: 15, offDelayMs: 10 }));
    const calm = new RuleWatch(ruleOf(when, { onDelayMs: 15, offDelayMs: 10 }));
    for (const [index, { mono, sample }] of history.entries()) {
      watch.at(mono, sample);
      calm.at(mono, sample);
      for (const [at, jumpMs] of jumps) {
        if (at === index) watch.offsetMs = Number.isNaN(jumpMs) ? 0 : watch.offsetMs + jumpMs;
      }
    }
    watch.until(endMs);
    calm.until(endMs);
    expect(watch.seen).toEqual(calm.seen);
  });
  fc.assert(property, { numRuns: 200 });
});
