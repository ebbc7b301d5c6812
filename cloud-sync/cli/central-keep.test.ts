import { expect, test } from "vitest";
import { carriedSilentOf, keepOf } from "./central-keep.ts";

const dayMs = 86_400_000;

test("minutes are kept as long as hours unless told, and what is not named for ever", () => {
  expect(keepOf({})).toEqual({
    sample: undefined,
    sample_minute: undefined,
    sample_hour: undefined,
  });
  expect(keepOf({ keepSamples: "400d", keepAggregates: "2000d" })).toEqual({
    ...{ sample: 400 * dayMs, sample_minute: 2_000 * dayMs, sample_hour: 2_000 * dayMs },
  });
  expect(keepOf({ keepMinutes: "90d", keepAggregates: "2000d" }).sample_minute).toBe(90 * dayMs);
});

test.each(["0d", "5h", "400", "forever", "-3d"])("%s is no time to keep samples for", (text) => {
  expect(() => keepOf({ keepSamples: text })).toThrow(/--keep-samples is no time of a day or more/);
});

test("silence of gateways that only bundles come from is told in days, or left as it is", () => {
  expect(carriedSilentOf(undefined)).toEqual({ carriedSilentMs: undefined });
  expect(carriedSilentOf("30d")).toEqual({ carriedSilentMs: 30 * dayMs });
  expect(() => carriedSilentOf("5h")).toThrow(/--carried-silent-after is no time/);
});
