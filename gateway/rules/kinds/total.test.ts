import { describe, expect, test } from "vitest";
import {
  bad,
  good,
  hour,
  minute,
  RuleWatch,
  ruleOf,
  uncertain,
} from "../../../tests/support/rule-watch.ts";
import type { Condition } from "../rule.ts";
import { violated } from "../verdict.ts";
import { spansMax, Total } from "./total.ts";

const point = "fridge/temperature";
const warm: Condition = { is: "above", point, limit: 8, inclusive: false, deadband: 0 };
const cold: Condition = { is: "below", point, limit: -0.5, inclusive: false, deadband: 0 };

function total(part: Condition, totalMs: number, withinMs?: number): Condition {
  return { is: "total", part, totalMs, ...(withinMs === undefined ? {} : { withinMs }) };
}

/** Dips below -0.5 of these lengths in minutes, half an hour apart, a reading each minute. */
function dips(watch: RuleWatch, ...lengths: readonly number[]): void {
  let at = 0;
  for (const length of lengths) {
    for (let end = at + 30; at < end; at += 1) watch.at(at * minute, good(point, 4));
    for (let end = at + length; at < end; at += 1) watch.at(at * minute, good(point, -1));
  }
  watch.at(at * minute, good(point, 4));
}

describe("dips of 50, 45, 55, 40 and 20 min", () => {
  const lengths = [50, 45, 55, 40, 20];

  test("no dip is longer than an hour: consecutively nothing is wrong", () => {
    const watch = new RuleWatch(ruleOf(cold, { onDelayMs: hour }));
    dips(watch, ...lengths);
    expect(watch.seen).toEqual([]);
  });

  test.for([
    ["in a day", 24 * hour],
    ["without a window", undefined],
  ] as const)("three hours %s are reached 30 min into the fourth", ([, withinMs]) => {
    const watch = new RuleWatch(ruleOf(total(cold, 3 * hour, withinMs)));
    dips(watch, ...lengths);
    expect(watch.seen).toEqual([`${(4 * 30 + 150 + 30) * minute} violated`]);
  });

  test("they do not add up to three hours in any three and a half", () => {
    const watch = new RuleWatch(ruleOf(total(cold, 3 * hour, 3.5 * hour)));
    dips(watch, ...lengths);
    expect(watch.seen).toEqual([]);
  });
});

test("30.0 itself counts, four times 2.5 h: 10 h are full with the end of the fourth", () => {
  const hot: Condition = { ...warm, limit: 30, inclusive: true } as Condition;
  const watch = new RuleWatch(ruleOf(total(hot, 10 * hour)));
  for (let round = 0; round < 4; round += 1) {
    watch.at(round * 5 * hour, good(point, 30));
    watch.at((round * 5 + 2.5) * hour, good(point, 29.9));
  }
  expect(watch.seen).toEqual([`${17.5 * hour} violated`]);
  const mild = new RuleWatch(ruleOf(total(hot, 10 * hour)));
  mild.at(0, good(point, 29.9));
  mild.at(20 * hour, good(point, 29.9));
  expect(mild.seen).toEqual([]);
});

test("the alarm comes by the clock when the total is full, without a further sample", () => {
  const watch = new RuleWatch(ruleOf(total(warm, hour)));
  watch.at(0, good(point, 9));
  expect(watch.rules.nextDue()).toBe(hour);
  watch.until(2 * hour);
  expect(watch.seen).toEqual([`${hour} violated`]);
});

describe("what does not count", () => {
  test("bad, uncertain and stale time, and the deadband", () => {
    const banded: Condition = { ...warm, deadband: 1 } as Condition;
    const watch = new RuleWatch(ruleOf(total(banded, 30 * minute)), { staleAfterMs: 5 * minute });
    watch.at(0, good(point, 9));
    watch.at(4 * minute, bad(point)); // 4 min counted
    watch.at(10 * minute, good(point, 9));
    watch.at(14 * minute, uncertain(point, 9)); // 8 min
    watch.at(20 * minute, good(point, 7.5));
    watch.at(24 * minute, good(point, 9));
    watch.at(60 * minute, good(point, 9)); // 13 min: the value held for five
    for (let at = 64; at <= 80; at += 4) watch.at(at * minute, good(point, 9));
    expect(watch.seen).toEqual([`${77 * minute} violated`]);
  });

  test("time in which another part of the condition is unknown", () => {
    const door: Condition = { is: "equal", point: "fridge/door", value: true };
    const both: Condition = { is: "all", of: [warm, door] };
    const watch = new RuleWatch(ruleOf(total(both, 10 * minute)));
    watch.at(0, good(point, 9));
    watch.at(20 * minute, good("fridge/door", true));
    watch.until(60 * minute);
    expect(watch.seen).toEqual([`${30 * minute} violated`]);
  });

  test("either of two parts keeps it counting when the other falls silent", () => {
    const cool: Condition = { ...warm, point: "fridge/second" } as Condition;
    const watch = new RuleWatch(ruleOf(total({ is: "any", of: [warm, cool] }, 20 * minute)), {
      staleAfterMs: (name) => (name === point ? 5 * minute : undefined),
    });
    watch.at(0, good(point, 9), good("fridge/second", 9));
    watch.until(60 * minute);
    expect(watch.seen).toEqual([`${20 * minute} violated`]);
  });
});

describe("when it is over", () => {
  test("in a window: when so much has left it that the total is under the limit", () => {
    const watch = new RuleWatch(ruleOf(total(warm, 20 * minute, hour)));
    watch.at(0, good(point, 9));
    watch.at(25 * minute, good(point, 5));
    watch.until(3 * hour);
    expect(watch.seen).toEqual([`${20 * minute} violated`, `${65 * minute + 1} returned`]);
  });

  test("in a window: not while the value is inside the deadband", () => {
    const banded: Condition = { ...warm, deadband: 1 } as Condition;
    const watch = new RuleWatch(ruleOf(total(banded, 50 * minute, hour)));
    watch.at(0, good(point, 9));
    watch.at(50 * minute, good(point, 7.5));
    watch.until(80 * minute); // under the limit since 60 min
    watch.at(81 * minute, good(point, 7));
    expect(watch.seen).toEqual([`${50 * minute} violated`, `${81 * minute} returned`]);
  });

  test("in a window: what leaves at the old end while it is out of range comes in at the other", () => {
    const watch = new RuleWatch(ruleOf(total(warm, 50 * minute, hour)));
    watch.at(0, good(point, 9));
    watch.at(50 * minute, good(point, 5));
    watch.at(59 * minute, good(point, 9));
    watch.at(81 * minute, good(point, 5)); // 51 min
    watch.until(2 * hour);
    expect(watch.seen).toEqual([`${50 * minute} violated`, `${82 * minute + 1} returned`]);
  });

  test("a window that loses what it gains is full once the old time has left it", () => {
    const watch = new RuleWatch(ruleOf(total(warm, 95 * minute, 100 * minute)));
    watch.at(0, good(point, 9));
    watch.at(50 * minute, good(point, 5));
    watch.at(60 * minute, good(point, 9));
    watch.until(99 * minute);
    expect(watch.rules.nextDue()).toBe(155 * minute);
    watch.until(300 * minute);
    expect(watch.seen).toEqual([`${155 * minute} violated`]);
  });

  test("without a window: when a person has acknowledged it and the value is back", () => {
    const watch = new RuleWatch(ruleOf(total(warm, 20 * minute)));
    watch.at(0, good(point, 9));
    watch.at(25 * minute, good(point, 5));
    watch.until(48 * hour);
    expect(watch.restartTotals()).toBe("-");
    watch.at(50 * hour, good(point, 9));
    watch.at(50 * hour + 19 * minute, good(point, 5));
    watch.at(51 * hour, good(point, 9));
    watch.until(52 * hour);
    expect(watch.seen.slice(2)).toEqual([`${51 * hour + minute} violated`]);
  });

  test("acknowledged while it is out of range: it counts anew from there", () => {
    const watch = new RuleWatch(ruleOf(total(warm, 20 * minute)));
    watch.at(0, good(point, 9));
    watch.until(30 * minute);
    expect(watch.restartTotals()).toBe("");
    watch.at(49 * minute, good(point, 5));
    expect(watch.seen).toEqual([`${20 * minute} violated`, `${49 * minute} returned`]);
  });

  test("a restart of totals leaves windows and other rules alone", () => {
    const watch = new RuleWatch(ruleOf(total(warm, 20 * minute, hour)));
    watch.at(0, good(point, 9));
    watch.until(25 * minute);
    expect(watch.restartTotals()).toBe("");
    expect(watch.rules.isHeld("r")).toBe(false);
    expect(watch.rules.restartTotals("nobody", watch.now).changes).toEqual([]);
  });
});

describe("restarts", () => {
  test("ten hours survive the end of the process, in order or by a kill", () => {
    for (const how of ["restart", "kill"] as const) {
      const watch = new RuleWatch(ruleOf(total(warm, 10 * hour)));
      watch.at(0, good(point, 9));
      watch.at(6 * hour, good(point, 5));
      watch[how]();
      watch.at(7 * hour, good(point, 9));
      watch.until(8 * hour);
      watch[how]();
      watch.until(20 * hour);
      expect(watch.seen).toEqual([`${11 * hour} violated`]);
    }
  });

  test("a process that was away for longer than a value holds does not count that time", () => {
    const watch = new RuleWatch(ruleOf(total(warm, hour)), { staleAfterMs: 2 * minute });
    for (let at = 0; at <= 30; at += 1) watch.at(at * minute, good(point, 9));
    const stoppedAt = watch.now.at;
    watch.mono = 90 * minute;
    watch.kill({ stoppedAt });
    for (let at = 90; at <= 130; at += 1) watch.at(at * minute, good(point, 9));
    // 30 min, two more by which the value held, and the rest from the first sample on.
    expect(watch.seen).toEqual([`${(90 + 28) * minute} violated`]);
  });

  test("after a reboot the total is what it was, and the downtime does not count", () => {
    const watch = new RuleWatch(ruleOf(total(warm, 10 * hour)));
    watch.at(0, good(point, 9));
    watch.at(6 * hour, good(point, 5));
    watch.reboot(5 * hour);
    watch.at(hour, good(point, 9));
    watch.until(20 * hour);
    expect(watch.seen).toEqual([`${5 * hour} violated`]);
  });

  test("after a reboot a window knows how long the machine was down", () => {
    const watch = new RuleWatch(ruleOf(total(warm, hour, 4 * hour)));
    watch.at(0, good(point, 9));
    watch.at(50 * minute, good(point, 5));
    watch.reboot(3.5 * hour); // 30 min of it are left in the window, and leave it.
    watch.at(0, good(point, 9));
    watch.until(2 * hour);
    expect(watch.seen).toEqual([`${hour} violated`]);
    const unset = new RuleWatch(ruleOf(total(warm, hour, 4 * hour)));
    unset.at(0, good(point, 9));
    unset.at(50 * minute, good(point, 5));
    unset.reboot(3.5 * hour, { clockSynchronized: () => false });
    unset.at(0, good(point, 9));
    unset.until(30 * minute);
    expect(unset.seen).toEqual([`${10 * minute} violated`]);
  });
});

test("a wall clock that jumps changes no total", () => {
  const watch = new RuleWatch(ruleOf(total(warm, 2 * hour, 24 * hour)));
  const wall = watch.offsetMs;
  watch.at(0, good(point, 9));
  for (const [index, offsetMs] of [wall - 24 * hour, 0, wall + 24 * hour].entries()) {
    watch.offsetMs = offsetMs;
    watch.at((index + 1) * 20 * minute, good(point, 9));
  }
  watch.until(5 * hour);
  expect(watch.seen).toEqual([`${2 * hour} violated`]);
});

test("more violations than are kept apart lose no time, and leave the window in the end", () => {
  const one = new Total({ totalMs: 10 * hour, withinMs: 24 * hour });
  let mono = 0;
  for (let index = 0; index < 2 * spansMax; index += 1) {
    one.take(violated, mono, Number.POSITIVE_INFINITY);
    mono += 10_000;
    one.take(0, mono, Number.POSITIVE_INFINITY);
    mono += 50_000 + (index % 7) * 1_000;
  }
  expect(one.at(mono)).toBe(2 * spansMax * 10_000);
  expect(JSON.stringify(one.save()).length).toBeLessThan(spansMax * 30);
  expect(one.at(mono + 12 * hour)).toBeGreaterThan(0);
  expect(one.at(mono + 24 * hour)).toBe(0);
});
