import { expect, test } from "vitest";
import type { SampleView } from "../api.ts";
import { historyColumns, newestPartFrom, summarize } from "./history.ts";

const good = (sampledAt: number, value: number | boolean | string): SampleView => ({
  sampledAt,
  quality: "good",
  value,
});
const bad = (sampledAt: number): SampleView => ({ sampledAt, quality: "bad", reason: "timeout" });

test("no line is drawn through bad samples and through silence", () => {
  const columns = historyColumns(
    [good(1_000, 4), bad(2_000), good(3_000, 5), good(9_000, 6)],
    2_000,
  );
  expect(columns.seconds).toEqual([1, 2, 3, 6, 9]);
  expect(columns.values).toEqual([4, null, 5, null, 6]);
});

test("samples that are usually far apart are one line, whatever the point's own period is", () => {
  const sparse = [0, 1, 2, 3, 9].map((i) => good(i * 600_000, i));
  expect(historyColumns(sparse, 30_000).values).toEqual([0, 1, 2, 3, null, 9]);
});

test("times rise even when the clock was set back", () => {
  const columns = historyColumns(
    [good(5_000, 1), good(4_000, 2), good(5_000, 3), good(6_000, 4)],
    1e6,
  );
  expect(columns.seconds).toEqual([5, 6]);
});

test("switches are drawn as 0 and 1, text is not drawn", () => {
  expect(historyColumns([good(1, true), good(2, false), good(3, "open")], 1e6).values).toEqual([
    1,
    0,
    null,
  ]);
});

test("the summary leaves bad samples out of the figures and counts them", () => {
  expect(summarize([good(1, 2), bad(2), good(3, 6)])).toEqual({
    count: 3,
    badCount: 1,
    lowest: 2,
    highest: 6,
    mean: 4,
  });
  expect(summarize([bad(1)])).toEqual({ count: 1, badCount: 1 });
  expect(summarize(Array.from({ length: 200_000 }, (_, i) => good(i, i))).highest).toBe(199_999);
});

test("of a point that is too busy for one answer the newest part is asked for", () => {
  const everySecond = Array.from({ length: 10_000 }, (_, i) => good(i * 1_000, i));
  const to = 86_400_000;
  const from = newestPartFrom(everySecond, to);
  expect((to - from) / 1_000).toBeGreaterThan(8_900);
  expect((to - from) / 1_000).toBeLessThan(10_000);
  expect(newestPartFrom([], to)).toBe(to);
});
