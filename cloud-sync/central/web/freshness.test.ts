import { expect, test } from "vitest";
import type { GatewayRow } from "../api.ts";
import { byNeed, freshnessOf } from "./freshness.ts";

const now = 100_000_000;
const gateway = (id: string, quietMs: number, activeAlarms = 0): GatewayRow => ({
  id,
  lastContactAt: now - quietMs,
  marks: { events: 0, samples: 0 },
  activeAlarms,
  state: "reporting",
  points: 0,
  records: { rejects: 0, gaps: 0, conflicts: 0 },
});

test("a gateway is live, then quiet; who is silent or stopped, central says, whatever the clocks show", () => {
  expect(freshnessOf(gateway("a", 119_999), now)).toBe("live");
  expect(freshnessOf(gateway("a", 120_000), now)).toBe("quiet");
  expect(freshnessOf({ state: "silent", lastContactAt: now }, now)).toBe("silent");
  expect(freshnessOf({ state: "stopped", lastContactAt: now }, now)).toBe("stopped");
  expect(freshnessOf({ state: "never" }, now)).toBe("new");
});

test("what needs somebody stands first", () => {
  const silent: GatewayRow = { ...gateway("b", 1e7), state: "silent" };
  const rows = [gateway("z", 0), silent, gateway("a", 0), gateway("c", 0, 3)];
  expect(rows.sort((a, b) => byNeed(a, b, now)).map(({ id }) => id)).toEqual(["c", "b", "a", "z"]);
});
