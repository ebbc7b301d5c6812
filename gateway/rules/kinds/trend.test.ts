import { describe, expect, test } from "vitest";
import { bad, good, minute, RuleWatch, ruleOf } from "../../../tests/support/rule-watch.ts";
import type { Condition, Trend } from "../rule.ts";
import { type Reading, ratePerHour, timeToLimitMs } from "./trend.ts";

const point = "fridge/temperature";
const line: Trend = { samples: 5, fit: "line" };
const ends: Trend = { samples: 5, fit: "ends" };

const warming: readonly Reading[] = [4, 4.4, 4.9, 5.5, 6.1].map((value, index) => [
  index * 5 * minute,
  value,
]);

test("readings every 5 min: 6.36 an hour as a line, 6.3 from end to end, 8 in 18.1 min", () => {
  expect(ratePerHour(warming, "line")).toBe(6.36);
  expect(ratePerHour(warming, "ends")).toBe(6.3);
  expect((timeToLimitMs(warming, 6.3, 8) ?? 0) / minute).toBeCloseTo(18.095, 3);
});

test("a machine that is up for years costs a rate no digit", () => {
  const late = warming.map(([mono, value]): Reading => [mono + 3e11, value]);
  expect(ratePerHour(late, "line")).toBe(6.36);
});

function play(when: Condition, readings: readonly Reading[]): readonly string[] {
  const watch = new RuleWatch(ruleOf(when));
  for (const [mono, value] of readings) watch.at(mono, good(point, value));
  return watch.seen;
}

describe("rising and falling", () => {
  const rising = (perHour: number, trend: Trend): Condition => {
    return { is: "rising", point, perHour, deadband: 0, trend };
  };

  test.for<[number, Trend, boolean]>([
    [6.35, line, true],
    [6.36, line, false],
    [6.29, ends, true],
    [6.3, ends, false],
  ])("faster than %d an hour by %j: %s", ([perHour, trend, isViolated]) => {
    const expected = isViolated ? [`${20 * minute} violated`] : [];
    expect(play(rising(perHour, trend), warming)).toEqual(expected);
  });

  test("before there are enough readings nothing is known", () => {
    expect(play(rising(1, line), warming.slice(1))).toEqual([]);
  });

  test("a fall is no negative rise", () => {
    const cooling = warming.map(([mono, value]): Reading => [mono, -value]);
    expect(play(rising(1, line), cooling)).toEqual([]);
    const falling: Condition = { is: "falling", point, perHour: 6.3, deadband: 0, trend: line };
    expect(play(falling, cooling)).toEqual([`${20 * minute} violated`]);
    expect(play(falling, warming)).toEqual([]);
  });

  test("it is over when the rate is the deadband under the limit", () => {
    const watch = new RuleWatch(
      ruleOf({ is: "rising", point, perHour: 6, deadband: 2, trend: { samples: 2, fit: "ends" } }),
    );
    for (const [at, value] of [0, 1, 1.5, 1.8, 1.9].entries()) {
      watch.at(at * 10 * minute, good(point, value)); // 6, 3, 1.8, 0.6 an hour
    }
    expect(watch.seen).toEqual([]);
    watch.at(50 * minute, good(point, 3));
    watch.at(60 * minute, good(point, 3.75)); // 4.5
    watch.at(70 * minute, good(point, 4.3)); // 3.3
    expect(watch.seen).toEqual([`${50 * minute} violated`, `${70 * minute} returned`]);
  });
});

describe("will reach", () => {
  const reach = (limit: number, aheadMinutes: number, trend = ends): Condition => {
    return { is: "will-reach", point, limit, aheadMs: aheadMinutes * minute, trend };
  };

  test("in 18.1 min: within 18.1, not within 18", () => {
    expect(play(reach(8, 18.1), warming)).toEqual([`${20 * minute} violated`]);
    expect(play(reach(8, 18), warming)).toEqual([]);
  });

  test("a limit is reached from above as well, and never by a trend that leads away", () => {
    const cooling = warming.map(([mono, value]): Reading => [mono, 10 - value]);
    expect(play(reach(2, 19), cooling)).toEqual([`${20 * minute} violated`]);
    expect(play(reach(2, 1_000), warming)).toEqual([]);
    const steady = warming.map(([mono]): Reading => [mono, 5]);
    expect(play(reach(8, 1_000), steady)).toEqual([]);
  });

  test("the limit itself, and one that was crossed on the way, are reached", () => {
    expect(play(reach(6.1, 1), warming)).toEqual([`${20 * minute} violated`]);
    expect(play(reach(5, 1), warming)).toEqual([`${20 * minute} violated`]);
  });
});

describe("what a trend is made of", () => {
  const when: Condition = {
    is: "rising",
    point,
    perHour: 6,
    deadband: 0,
    trend: { samples: 3, fit: "ends" },
  };

  test("good readings: a bad one neither counts nor lets the alarm return", () => {
    const watch = new RuleWatch(ruleOf(when));
    watch.at(0, good(point, 4));
    watch.at(10 * minute, good(point, 6));
    watch.at(15 * minute, bad(point));
    expect(watch.at(20 * minute, good(point, 8))).toBe("+");
    watch.at(21 * minute, bad(point));
    expect(watch.rules.isHeld("r")).toBe(true);
    expect(watch.at(30 * minute, good(point, 8.1))).toBe("");
    expect(watch.at(40 * minute, good(point, 8.2))).toBe("-");
  });

  test("of one instant only the last", () => {
    const watch = new RuleWatch(ruleOf(when));
    watch.at(0, good(point, 4));
    watch.at(10 * minute, good(point, 50), good(point, 4.1));
    expect(watch.at(20 * minute, good(point, 4.2))).toBe("");
  });

  test("monotonic time: a wall clock that jumps changes no rate", () => {
    const watch = new RuleWatch(ruleOf(when));
    watch.at(0, good(point, 4));
    watch.offsetMs += 86_400_000;
    watch.at(10 * minute, good(point, 4.9));
    watch.offsetMs = 0;
    expect(watch.at(20 * minute, good(point, 5.9))).toBe("");
    expect(watch.at(30 * minute, good(point, 7))).toBe("+");
  });

  test("of this boot: a restart keeps it, a reboot begins anew", () => {
    const watch = new RuleWatch(ruleOf(when));
    watch.at(0, good(point, 4));
    watch.at(10 * minute, good(point, 6));
    watch.restart();
    expect(watch.at(20 * minute, good(point, 8))).toBe("+");
    const other = new RuleWatch(ruleOf(when));
    other.at(0, good(point, 4));
    other.at(10 * minute, good(point, 6));
    other.restart();
    other.reboot(minute);
    expect(other.at(20 * minute, good(point, 8))).toBe("");
  });
});
