import { expect, test } from "vitest";
import type { PointDescription, Sample } from "../../drivers/contract.ts";
import { ProbeRecord } from "./probe-record.ts";

const weight: PointDescription = {
  ...{ key: "a1/weight", kind: "number", unit: "kg", access: "read", everyMs: 1_000 },
};
const sample = (value: number): Sample => ({
  ...{ point: "a1/weight", sampledAt: 0, quality: "good", value },
});
const bad = (reason: string): Sample => ({
  ...{ point: "a1/weight", sampledAt: 0, quality: "bad", reason },
});

test("lowest, highest and the reasons of what was wrong are counted point by point", () => {
  const record = new ProbeRecord([weight]);
  for (const it of [sample(2), bad("timeout"), sample(-1), bad("timeout"), sample(1)])
    record.hear(it);
  expect(record.points).toEqual([
    {
      ...{ point: "a1/weight", unit: "kg", last: 1, samples: 5, good: 3, lowest: -1, highest: 2 },
      reasons: { timeout: 2 },
    },
  ]);
});

test("it is well when the last sample was not bad, and something was heard at all", () => {
  const record = new ProbeRecord([weight]);
  expect(record.isWell).toBe(false);
  record.hear(bad("timeout"));
  expect(record.isWell).toBe(false);
  record.hear(sample(1));
  expect(record.isWell).toBe(true);
});

test("it is complete when each point with a period was heard; events and outputs may stay away", () => {
  const { everyMs: _, ...event } = { ...weight, key: "a1/arrived" as const };
  const order = { ...weight, key: "a1/tare" as const, access: "write" as const };
  const record = new ProbeRecord([weight, event, order]);
  expect(record.isComplete).toBe(false);
  record.hear(sample(1));
  expect(record.isComplete).toBe(true);
  expect(record.points.map(({ point }) => point)).not.toContain("a1/tare");
});

test("an answer is the first that comes behind a question", () => {
  const record = new ProbeRecord([weight]);
  expect(record.traffic).toBeUndefined();
  record.pass("in", 5, 0);
  record.pass("out", 8, 100);
  record.pass("in", 4, 130);
  record.pass("in", 4, 190);
  record.pass("out", 8, 200);
  record.pass("in", 8, 210);
  expect(record.traffic).toEqual({
    ...{ bytesIn: 21, bytesOut: 16 },
    latencyMs: { least: 10, middle: 30, most: 30, count: 2 },
  });
});
