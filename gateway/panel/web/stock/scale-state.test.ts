import { expect, test } from "vitest";
import type { PointView } from "../../api.ts";
import type { LocationView } from "../reading.ts";
import { scaleOf } from "./scale-state.ts";

const now = 1_000_000;
const bare: LocationView = { id: "a1", kind: "shelf", points: [] };
const shelf: LocationView = { ...bare, weight: "a1/weight" };
const point = (given: Partial<PointView> = {}): PointView => ({
  key: "a1/weight",
  kind: "number",
  quality: "good",
  value: 2,
  sampledAt: now - 1_000,
  stale: false,
  staleAfterMs: 60_000,
  ...given,
});
const state = (points: readonly PointView[], outdated = false) =>
  scaleOf(shelf, points, now, outdated)?.state;

test("a shelf rests, moves, is old or silent as its scale says", () => {
  const stable = (value: boolean) => point({ key: "a1/stable", kind: "boolean", value });
  expect(state([point()])).toBe("resting");
  expect(state([point(), stable(true)])).toBe("resting");
  expect(state([point(), stable(false)])).toBe("moving");
  expect(state([point({ quality: "uncertain" })])).toBe("moving");
  expect(state([point({ sampledAt: now - 61_000 })])).toBe("old");
  expect(state([point()], true)).toBe("old");
  expect(state([point({ quality: "bad", reason: "timeout" })])).toBe("bad");
  expect(state([{ key: "a1/weight", kind: "number", stale: false, staleAfterMs: 1 }])).toBe(
    "waiting",
  );
});

test("where no scale stands nothing is said of one", () => {
  expect(scaleOf(bare, [point()], now, false)).toBeUndefined();
  expect(state([])).toBeUndefined();
});
