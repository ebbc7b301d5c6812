import { expect, test } from "vitest";
import { moment, rule, run } from "../../tests/support/alarm-rig.ts";
import type { AlarmStep } from "../alarms/alarm-system.ts";
import type { Rule } from "../rules/rule.ts";
import { Peaks, peakSavedEveryMs } from "./peaks.ts";

/** Alarms and peaks over one disk; `restart` is another process over it. */
function world(rules: readonly Rule[], disk = new Map<string, unknown>()) {
  const alarms = run(rules, disk);
  const peaks = new Peaks(rules, new Map([...disk].filter(([key]) => key.startsWith("peak/"))));
  let writes = 0;
  const follow = (step: AlarmStep, s: number, value: number | undefined) => {
    const samples =
      value === undefined
        ? []
        : [{ point: "a/temperature", sampledAt: 0, quality: "good", value } as const];
    const { state } = peaks.step({ samples, step, instant: moment(s) });
    for (const [key, json] of state) {
      writes += 1;
      if (json === undefined) disk.delete(key);
      else disk.set(key, json);
    }
  };
  return {
    peaks,
    disk,
    writes: () => writes,
    at: (s: number, value: number) => follow(alarms.step(s, ["a", value]), s, value),
    acknowledge: (s: number) =>
      follow(alarms.act(s, "a", { do: "acknowledge", by: "li" }), s, undefined),
    restart: () => world(rules, disk),
  };
}

test("the worst value of an alarm is known at its end, and until the next one", () => {
  const { peaks, at, acknowledge } = world([rule("a")]);
  at(0, 8.6);
  at(1, 9.9);
  at(2, 9.1);
  at(3, 7);
  expect(peaks.of("a#1")).toBe(9.9);
  acknowledge(4);
  expect(peaks.of("a#1")).toBe(9.9);
  at(5, 20);
  expect([peaks.of("a#1"), peaks.of("a#2")]).toEqual([undefined, 20]);
});

test("below a limit the lowest value is the worst", () => {
  const low = {
    is: "below",
    point: "a/temperature",
    limit: 2,
    inclusive: true,
    deadband: 0,
  } as const;
  const { peaks, at } = world([rule("a", { when: { is: "all", of: [low] } })]);
  at(0, 2);
  at(1, -4);
  at(2, 1);
  expect(peaks.of("a#1")).toBe(-4);
});

test("it survives a restart, goes on, and leaves nothing behind", () => {
  const first = world([rule("a")]);
  first.at(0, 8.6);
  first.at(61, 12);
  const second = first.restart();
  second.at(70, 9);
  expect(second.peaks.of("a#1")).toBe(12);
  second.at(71, 7);
  second.acknowledge(72);
  expect([...second.disk.keys()].filter((key) => key.startsWith("peak/"))).toEqual([]);
});

test("a room that warms up with each sample is written once in a while", () => {
  const { at, writes } = world([rule("a")]);
  for (let s = 0; s <= 600; s += 1) at(s, 8.1 + s / 100);
  expect(writes()).toBeLessThanOrEqual(2 + 600_000 / peakSavedEveryMs);
});

test("a rule without one limit of its own point has no peak", () => {
  const when = {
    is: "above",
    point: "a/temperature",
    limit: 8,
    inclusive: false,
    deadband: 0,
  } as const;
  const { peaks, at } = world([rule("a", { when: { ...when, minus: "b/temperature" } })]);
  at(0, 8.6);
  expect(peaks.of("a#1")).toBeUndefined();
});
