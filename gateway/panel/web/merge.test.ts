import fc from "fast-check";
import { expect, test } from "vitest";
import type { PointView, Snapshot } from "../api.ts";
import { applyChange, isChange, isSnapshot } from "./merge.ts";

const point = (key: string, value: number): PointView => ({
  key,
  kind: "number",
  value,
  quality: "good",
  sampledAt: 0,
  stale: false,
  staleAfterMs: 30_000,
});

const lane = { head: 0, cursor: 0, backlog: 0 };
const empty: Snapshot = {
  gateway: {
    id: "g",
    language: "en",
    timezone: "UTC",
    startedAt: 0,
    now: 0,
    clock: "synchronized",
    locations: [],
  },
  points: [point("a/t", 1), point("b/t", 2)],
  alarms: [],
  outputs: [],
  sync: { configured: false, epoch: "e", lanes: { events: lane, samples: lane } },
  notices: [],
};

test("a changed point replaces the one with its key and leaves the others in their place", () => {
  const next = applyChange(empty, { points: [point("b/t", 3), point("c/t", 4)] });
  expect(next.points.map((it) => [it.key, it.value])).toEqual([
    ["a/t", 1],
    ["b/t", 3],
    ["c/t", 4],
  ]);
  expect(next.gateway).toBe(empty.gateway);
});

test("a part that is sent empty is empty, a part that is not sent stays", () => {
  const problem = { part: "store", code: "store/full", message: "full", since: 0 };
  const noticed = applyChange(empty, { notices: [problem] });
  expect(noticed.notices).toEqual([problem]);
  expect(applyChange(noticed, {}).notices).toEqual([problem]);
  expect(applyChange(noticed, { notices: [] }).notices).toEqual([]);
});

test("after any changes each point has the value that was sent last", () => {
  const key = fc.constantFrom("a/t", "b/t", "c/t");
  const update = fc.array(fc.tuple(key, fc.integer()), { maxLength: 5 });
  fc.assert(
    fc.property(fc.array(update, { maxLength: 10 }), (updates) => {
      const expected = new Map(empty.points.map((it) => [it.key, it.value]));
      let state = empty;
      for (const pairs of updates) {
        for (const [k, v] of pairs) expected.set(k, v);
        state = applyChange(state, { points: pairs.map(([k, v]) => point(k, v)) });
      }
      expect(new Map(state.points.map((it) => [it.key, it.value]))).toEqual(expected);
      expect(state.points).toHaveLength(expected.size);
    }),
  );
});

test("what did not come from a gateway is not taken for a snapshot", () => {
  expect(isSnapshot(empty)).toBe(true);
  expect(isSnapshot({ ...empty, points: undefined })).toBe(false);
  expect(isSnapshot("<html>")).toBe(false);
  expect(isChange({})).toBe(true);
  expect(isChange({ points: {} })).toBe(false);
  expect(isChange({ gateway: [] })).toBe(false);
  expect(isChange(null)).toBe(false);
});
