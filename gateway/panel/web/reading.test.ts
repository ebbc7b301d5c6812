import { expect, test } from "vitest";
import type { PointView } from "../api.ts";
import { groupPoints, type LocationView, pointName, readingOf } from "./reading.ts";

const fresh: PointView = {
  key: "cold-2/temperature",
  kind: "number",
  value: 4,
  quality: "good",
  sampledAt: 1_000,
  stale: false,
  staleAfterMs: 30_000,
};

test("a value grows old by itself, without news from the gateway", () => {
  expect(readingOf(fresh, 31_000)).toBe("good");
  expect(readingOf(fresh, 31_001)).toBe("old");
  expect(readingOf({ ...fresh, stale: true }, 1_000)).toBe("old");
  expect(readingOf({ ...fresh, quality: "uncertain" }, 1_000)).toBe("uncertain");
  expect(readingOf(fresh, 1_000, true)).toBe("old");
});

test("a bad value is bad at any age and a point without a sample waits", () => {
  const { value: _, ...rest } = fresh;
  expect(readingOf({ ...rest, quality: "bad", reason: "timeout" }, 1e9)).toBe("bad");
  const { quality: __, sampledAt: ___, ...silent } = rest;
  expect(readingOf(silent, 1e9)).toBe("waiting");
});

test("points stand with their location in the order of the configuration, the gateway itself last", () => {
  const room: LocationView = { id: "room", kind: "room", points: ["a/t"] };
  const shelf: LocationView = { id: "shelf", kind: "shelf", within: "room", points: [] };
  const at = (key: string, location?: string): PointView => ({
    ...fresh,
    key,
    ...(location !== undefined && { location }),
  });
  const groups = groupPoints(
    [room, { id: "empty", kind: "gate", points: [] }, shelf],
    [at("gateway/store"), at("x/y"), at("b/w", "shelf"), at("a/t"), at("c/t", "gone")],
  );
  expect(groups.map((g) => [g.location?.id, g.ownHealth, g.points.map((p) => p.key)])).toEqual([
    ["room", false, ["a/t"]],
    ["shelf", false, ["b/w"]],
    [undefined, false, ["x/y", "c/t"]],
    [undefined, true, ["gateway/store"]],
  ]);
  expect(groups[1]?.within?.id).toBe("room");
});

test("a point without a name is called by its key", () => {
  expect(pointName(fresh)).toBe("cold-2/temperature");
  expect(pointName({ ...fresh, name: "Room air" })).toBe("Room air");
});
