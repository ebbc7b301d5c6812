import { expect, test } from "vitest";
import { alarmLimits } from "./alarm-limits.ts";
import type { Condition } from "./rules/rule.ts";

const point = "cold/temperature";

test.each<[string, Condition, unknown]>([
  [
    "above",
    { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 },
    { is: "above", value: 8, inclusive: false },
  ],
  [
    "at or below",
    { is: "below", point, limit: -2, inclusive: true, deadband: 0 },
    { is: "below", value: -2, inclusive: true },
  ],
  ["equal", { is: "equal", point: "door/open", value: true }, { is: "equal", value: true }],
  [
    "a total",
    {
      is: "total",
      totalMs: 60_000,
      part: { is: "above", point, limit: 8, inclusive: true, deadband: 0 },
    },
    { is: "above", value: 8, inclusive: true },
  ],
  [
    "a difference",
    { is: "above", point, minus: "hall/temperature", limit: 3, inclusive: false, deadband: 0 },
    { is: "above", value: 3, inclusive: false },
  ],
  ["a total of an age", { is: "total", totalMs: 1, part: { is: "fault", point } }, undefined],
  ["stale", { is: "stale", point, afterMs: 60_000 }, undefined],
  [
    "several values",
    { is: "any", of: [{ is: "equal", point: "door/open", value: true }] },
    undefined,
  ],
])("a rule that compares %s shows a limit only where there is one", (_, when, limit) => {
  const rule = { id: "r", when, onDelayMs: 0, offDelayMs: 0, priority: "low" } as const;
  expect(alarmLimits([{ ...rule, message: "", outputs: [] }]).get("r")).toEqual(limit);
});
