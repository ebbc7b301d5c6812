import { expect, test } from "vitest";
import { freshnessOf } from "./freshness.ts";

const now = 100_000_000;
test("a gateway is live, then quiet; who is silent or stopped, central says, whatever the clocks show", () => {
  const heard = (ageMs: number) => ({ state: "reporting", lastContactAt: now - ageMs }) as const;
  expect(freshnessOf(heard(119_999), now)).toBe("live");
  expect(freshnessOf(heard(120_000), now)).toBe("quiet");
  expect(freshnessOf({ state: "silent", lastContactAt: now }, now)).toBe("silent");
  expect(freshnessOf({ state: "stopped", lastContactAt: now }, now)).toBe("stopped");
  expect(freshnessOf({ state: "never" }, now)).toBe("new");
});
