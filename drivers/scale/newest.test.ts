import { expect, test } from "vitest";
import { changesMax, Newest } from "./newest.ts";
import type { ScaleReading } from "./protocol.ts";

const weighing = (weight: number, stable = true, change: Partial<ScaleReading> = {}) => ({
  reading: { kind: "reading", status: "ok", weight, unit: "kg", ...change } as const,
  stable,
  sampledAt: 0,
});
const weights = (taken: readonly { readonly reading: ScaleReading }[]) =>
  taken.map(({ reading }) => reading.weight);

test("of a stream with nothing but other weights only the newest is kept", () => {
  const newest = new Newest();
  expect(newest.note(weighing(0))).toBe(true);
  expect(weights(newest.takeChanges())).toEqual([0]);
  for (let weight = 1; weight < 100; weight += 1) expect(newest.note(weighing(weight))).toBe(false);
  expect(newest.takeChanges()).toEqual([]);
  expect(newest.takeNewest()?.reading.weight).toBe(99);
  expect(newest.takeNewest()).toBeUndefined();
});

test("each change of stability, net, unit or status is a change of its own, in the order of the stream", () => {
  const newest = new Newest();
  newest.note(weighing(1));
  newest.note(weighing(2, false));
  newest.note(weighing(3, true));
  newest.note(weighing(4, true, { net: true }));
  newest.note(weighing(5, true, { net: true, unit: "lb" }));
  newest.note(weighing(6, true, { net: true, unit: "lb", status: "overload" }));
  expect(weights(newest.takeChanges())).toEqual([1, 2, 3, 4, 5, 6]);
});

test("a change makes what came before it old", () => {
  const newest = new Newest();
  newest.note(weighing(1));
  newest.note(weighing(2));
  newest.note(weighing(3, false));
  expect(newest.takeNewest()).toBeUndefined();
});

test("a scale that flickers fills no memory: the oldest changes go", () => {
  const newest = new Newest();
  for (let at = 0; at < changesMax * 3; at += 1) newest.note(weighing(at, at % 2 === 0));
  const kept = weights(newest.takeChanges());
  expect(kept.length).toBe(changesMax);
  expect(kept.at(-1)).toBe(changesMax * 3 - 1);
});

test("after a silence the same weighing is a change again", () => {
  const newest = new Newest();
  newest.note(weighing(1));
  newest.forget();
  expect(newest.note(weighing(1))).toBe(true);
});
