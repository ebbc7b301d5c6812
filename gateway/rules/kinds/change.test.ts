import { describe, expect, test } from "vitest";
import { bad, good, minute, RuleWatch, ruleOf } from "../../../tests/support/rule-watch.ts";
import type { Condition } from "../rule.ts";
import { ChangeMemory, extremesMax } from "./change.ts";
import { nothingKept } from "./memory.ts";

const point = "fridge/temperature";
const risen: Condition = { is: "risen", point, by: 2, withinMs: 10 * minute, deadband: 0 };
const fallen: Condition = { ...risen, is: "fallen" } as Condition;

function play(when: Condition, values: Readonly<Record<number, number>>): RuleWatch {
  const watch = new RuleWatch(ruleOf(when));
  for (const [at, value] of Object.entries(values)) {
    watch.at(Number(at) * minute, good(point, value));
  }
  return watch;
}

describe("risen and fallen", () => {
  test("more than the amount above the lowest value of the window, both ends included", () => {
    expect(play(risen, { 0: 4, 5: 5, 10: 6.1 }).seen).toEqual([`${10 * minute} violated`]);
    expect(play(risen, { 0: 4, 5: 5, 10: 6 }).seen).toEqual([]);
    expect(play(risen, { 0: 4, 5: 5, 11: 6.9 }).seen).toEqual([]);
  });

  test("a fall is the mirror of a rise", () => {
    expect(play(fallen, { 0: -4, 5: -5, 10: -6.1 }).seen).toEqual([`${10 * minute} violated`]);
    expect(play(fallen, { 0: 4, 5: 9 }).seen).toEqual([]);
  });

  test("it is over by the clock when the low value leaves the window", () => {
    const watch = play(risen, { 0: 4, 5: 7 });
    watch.until(60 * minute);
    expect(watch.seen).toEqual([`${5 * minute} violated`, `${10 * minute + 1} returned`]);
  });

  test("the deadband holds it while the change is near the limit", () => {
    const banded = { ...risen, deadband: 1 } as Condition;
    expect(play(banded, { 0: 4, 2: 7, 4: 5.5 }).seen).toEqual([`${2 * minute} violated`]);
    const seen = play(banded, { 0: 4, 2: 7, 4: 5 }).seen;
    expect(seen).toEqual([`${2 * minute} violated`, `${4 * minute} returned`]);
  });

  test("a bad value holds the last state, also when the window moves on", () => {
    const watch = play(risen, { 0: 4, 5: 7 });
    watch.at(6 * minute, bad(point));
    watch.until(60 * minute);
    expect(watch.seen).toEqual([`${5 * minute} violated`]);
    expect(watch.at(61 * minute, good(point, 7))).toBe("-");
  });

  test("a restart keeps the window, a reboot begins it anew", () => {
    const watch = play(risen, { 0: 4 });
    watch.restart();
    expect(watch.at(5 * minute, good(point, 7))).toBe("+");
    const other = play(risen, { 0: 4 });
    other.restart();
    other.reboot(minute);
    expect(other.at(2 * minute, good(point, 7))).toBe("");
  });
});

test("a rise that is slower than the extremes that are kept is still measured to a 120th", () => {
  const withinMs = 3_600_000;
  const leaf = { is: "risen", point, by: 1, withinMs, deadband: 0 } as const;
  const memory = new ChangeMemory(leaf, nothingKept);
  const seconds = 3 * 3_600;
  for (let at = 0; at <= seconds; at += 1) memory.learn(good(point, at), at * 1_000);
  const saved = memory.save() as { extremes: readonly (readonly [number, number])[] };
  expect(saved.extremes.length).toBeLessThanOrEqual(extremesMax);
  const [, lowest = 0] = saved.extremes[0] ?? [];
  expect(seconds - lowest).toBeGreaterThanOrEqual(3_600);
  expect(seconds - lowest).toBeLessThanOrEqual(3_600 * (1 + 1 / 60));
});
