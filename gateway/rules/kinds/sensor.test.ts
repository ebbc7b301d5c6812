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

const point = "fridge/temperature";
const other = "fridge/return";

describe("frozen", () => {
  const frozen: Condition = { is: "frozen", point, afterMs: hour };
  const watched = () => new RuleWatch(ruleOf(frozen), { staleAfterMs: 5 * minute });

  test("values came for an hour and none differed", () => {
    const watch = watched();
    for (let at = 0; at <= 90; at += 1) watch.at(at * minute, good(point, 4.2));
    expect(watch.seen).toEqual([`${60 * minute} violated`]);
    expect(watch.at(91 * minute, good(point, 4.3))).toBe("-");
  });

  test("any other value begins the hour anew", () => {
    const watch = watched();
    for (let at = 0; at <= 150; at += 1) watch.at(at * minute, good(point, at === 50 ? 4.3 : 4.2));
    expect(watch.seen).toEqual([`${111 * minute} violated`]);
  });

  test("silence is not frozen, and neither are bad values", () => {
    const watch = watched();
    watch.at(0, good(point, 4.2));
    watch.at(10 * hour, good(point, 4.2));
    for (let at = 0; at <= 120; at += 1) watch.at(11 * hour + at * minute, bad(point));
    watch.at(14 * hour, good(point, 4.2));
    expect(watch.seen).toEqual([]);
  });

  test("a bad value now and then does not hide it: only the time around it does not count", () => {
    const watch = watched();
    for (let at = 0; at <= 120; at += 1) {
      watch.at(at * minute, at % 30 === 15 ? bad(point) : good(point, 4.2));
    }
    expect(watch.seen).toEqual([`${64 * minute} violated`]);
  });

  test("works for switches and text", () => {
    const watch = watched();
    for (let at = 0; at <= 60; at += 1) watch.at(at * minute, good(point, "idle"));
    expect(watch.seen).toEqual([`${60 * minute} violated`]);
  });

  test("goes on after a restart, and after a reboot without the downtime", () => {
    const watch = watched();
    for (let at = 0; at <= 30; at += 1) watch.at(at * minute, good(point, 4.2));
    watch.restart();
    for (let at = 31; at <= 40; at += 1) watch.at(at * minute, good(point, 4.2));
    watch.restart();
    watch.reboot(5 * hour);
    for (let at = 0; at <= 40; at += 1) watch.at(at * minute, good(point, 4.2));
    expect(watch.seen).toEqual([`${20 * minute} violated`]);
  });
});

describe("fault", () => {
  const fault: Condition = { is: "fault", point };

  test("bad samples violate, good ones clear, uncertain ones and silence say nothing", () => {
    const watch = new RuleWatch(ruleOf(fault), { staleAfterMs: 5 * minute });
    expect(watch.at(0, uncertain(point, 4))).toBe("");
    expect(watch.at(1, bad(point))).toBe("+");
    expect(watch.at(2, uncertain(point, 4))).toBe("");
    expect(watch.at(3, good(point, 4))).toBe("-");
    expect(watch.at(2 * hour)).toBe("");
  });

  test("must last for the on-delay, by the clock", () => {
    const watch = new RuleWatch(ruleOf(fault, { onDelayMs: 10 * minute }));
    watch.at(0, bad(point));
    watch.restart();
    watch.until(hour);
    expect(watch.seen).toEqual([`${10 * minute} violated`]);
  });

  test("a sensor that falls silent is held, not repaired", () => {
    const watch = new RuleWatch(ruleOf(fault), { staleAfterMs: 5 * minute });
    watch.at(0, bad(point));
    expect(watch.rules.isHeld("r")).toBe(false);
    watch.at(6 * minute);
    expect(watch.rules.isHeld("r")).toBe(true);
    expect(watch.seen).toEqual(["0 violated"]);
  });
});

describe("difference and ratio", () => {
  const apart: Condition = {
    is: "above",
    point,
    minus: other,
    limit: 3,
    inclusive: false,
    deadband: 1,
  };

  test("the difference is known when both are", () => {
    const watch = new RuleWatch(ruleOf(apart));
    expect(watch.at(0, good(point, 9))).toBe("");
    expect(watch.at(1, good(other, 6))).toBe("");
    expect(watch.at(2, good(other, 5.9))).toBe("+");
    expect(watch.at(3, good(other, 6.9))).toBe("");
    expect(watch.at(4, good(other, 7))).toBe("-");
  });

  test("the alarm names the first point and the difference", () => {
    const watch = new RuleWatch(ruleOf(apart));
    const { changes } = watch.rules.evaluate([good(point, 9.3), good(other, 6.1)], watch.now);
    expect(changes).toMatchObject([{ to: "violated", point, value: 3.2 }]);
  });

  test("two readings of one batch are compared with each other, not with the last ones", () => {
    const watch = new RuleWatch(ruleOf(apart));
    watch.at(0, good(point, 5), good(other, 4));
    expect(watch.at(1, good(point, 25), good(other, 24))).toBe("");
    expect(watch.at(2, good(other, 4), good(point, 5))).toBe("");
  });

  test("a bad or stale value on either side neither raises nor returns", () => {
    const watch = new RuleWatch(ruleOf(apart), {
      staleAfterMs: (name) => (name === other ? 5 * minute : undefined),
    });
    watch.at(0, good(point, 9), good(other, 5));
    expect(watch.at(1, bad(other))).toBe("");
    expect(watch.rules.isHeld("r")).toBe(true);
    expect(watch.at(2, good(point, 5))).toBe("");
    expect(watch.at(3, good(other, 5))).toBe("-");
    expect(watch.at(6 * minute, good(point, 20))).toBe("");
    expect(watch.at(7 * minute, good(other, 5))).toBe("+");
  });

  test("a ratio; by 0 it is unknown", () => {
    const ratio: Condition = {
      is: "below",
      point,
      dividedBy: other,
      limit: 0.5,
      inclusive: true,
      deadband: 0,
    };
    const watch = new RuleWatch(ruleOf(ratio));
    expect(watch.at(0, good(point, -5), good(other, 0))).toBe("");
    expect(watch.at(1, good(other, 10))).toBe("+");
    expect(watch.at(2, good(other, 0))).toBe("");
    expect(watch.at(3, good(point, 5), good(other, 9.9))).toBe("-");
    expect(watch.at(4, good(other, 10))).toBe("+");
  });

  test("tenths are tenths: 8.3 - 5.3 is not above 3", () => {
    expect(8.3 - 5.3).toBeGreaterThan(3);
    const watch = new RuleWatch(ruleOf(apart));
    expect(watch.at(0, good(point, 8.3), good(other, 5.3))).toBe("");
  });

  test("a delay runs on through a restart without new values", () => {
    const watch = new RuleWatch(ruleOf(apart, { onDelayMs: 5 * minute }));
    watch.at(0, good(point, 9), good(other, 5));
    watch.restart();
    watch.until(hour);
    expect(watch.seen).toEqual([`${5 * minute} violated`]);
  });
});
