import { expect, test } from "vitest";
import type { GatewayRow } from "../api.ts";
import { byNeed, freshnessOf } from "./freshness.ts";

const now = 100_000_000;
const gateway = (id: string, quietMs: number, activeAlarms = 0): GatewayRow => ({
  id,
  lastContactAt: now - quietMs,
  marks: { events: 0, samples: 0 },
  activeAlarms,
  points: 0,
});

test("a gateway is live, then quiet, then silent; one that never spoke is new, not silent", () => {
  expect(freshnessOf(gateway("a", 119_999), now)).toBe("live");
  expect(freshnessOf(gateway("a", 120_000), now)).toBe("quiet");
  expect(freshnessOf(gateway("a", 899_999), now)).toBe("quiet");
  expect(freshnessOf(gateway("a", 900_000), now)).toBe("silent");
  expect(freshnessOf({}, now)).toBe("new");
});

test("what needs somebody stands first", () => {
  const rows = [gateway("z", 0), gateway("b", 1e7), gateway("a", 0), gateway("c", 0, 3)];
  expect(rows.sort((a, b) => byNeed(a, b, now)).map(({ id }) => id)).toEqual(["c", "b", "a", "z"]);
});
