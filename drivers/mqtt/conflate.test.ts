import { expect, test } from "vitest";
import type { Sample, Value } from "../contract.ts";
import { Conflator, changesMax } from "./conflate.ts";

const good = (value: Value, point: Sample["point"] = "d/p"): Sample => ({
  point,
  sampledAt: 1,
  quality: "good",
  value,
});
const values = (samples: readonly Sample[]) =>
  samples.map((it) => (it.quality === "bad" ? it.reason : it.value));

test("the first value is due at once, of those that follow the newest once in a period", () => {
  const conflator = new Conflator(1_000);
  conflator.put(good(1));
  expect(values(conflator.take(5_000))).toEqual([1]);
  for (let i = 2; i <= 10_000; i += 1) conflator.put(good(i));
  expect(conflator.take(5_999)).toEqual([]);
  expect(conflator.nextMs()).toBe(6_000);
  expect(values(conflator.take(6_000))).toEqual([10_000]);
  expect(conflator.replaced).toBe(9_998);
  expect(conflator.nextMs()).toBeUndefined();
});

test("a door that opens and shuts within a period is seen, the same state twice is once", () => {
  const conflator = new Conflator(1_000);
  conflator.put(good(false));
  conflator.take(0);
  for (const state of [true, true, false, false]) conflator.put(good(state));
  expect(values(conflator.take(1_000))).toEqual([true, false]);
});

test("of a switch that flutters the oldest changes go, the last state stays", () => {
  const conflator = new Conflator(1_000);
  for (let i = 0; i <= 1_000; i += 1) conflator.put(good(i % 2 === 0));
  const taken = values(conflator.take(0));
  expect(taken).toHaveLength(changesMax);
  expect(taken.at(-1)).toBe(true);
});

test("bad is newer than the value before it, and takes its place", () => {
  const conflator = new Conflator(1_000);
  conflator.put(good(1));
  conflator.put({ point: "d/p", sampledAt: 2, quality: "bad", reason: "offline" });
  expect(values(conflator.take(0))).toEqual(["offline"]);
});

test("one point's flood does not hold another's first value", () => {
  const conflator = new Conflator(1_000);
  conflator.put(good(1, "d/a"));
  conflator.take(0);
  conflator.put(good(2, "d/a"));
  conflator.put(good(3, "d/b"));
  expect(values(conflator.take(500))).toEqual([3]);
});
