import { expect, test } from "vitest";
import type { Language } from "../../config/language/language.ts";
import { ruleSchema } from "../../config/schema/rule.ts";
import { type Labels, ruleFromConfig } from "./rule-from-config.ts";

const labels: Labels = (point) =>
  point === "cold-2/temperature" ? { name: "Cold room 2", unit: "°C" } : undefined;

function rule(yaml: unknown, language: Language = "en") {
  return ruleFromConfig("r", ruleSchema.parse(yaml), language, labels);
}

const point = "cold-2/temperature";

test("a rule with all its keys", () => {
  const config = {
    point,
    above: 8,
    deadband: 0.5,
    onDelay: "5min",
    offDelay: "2min",
    priority: "critical",
    message: "too warm",
    advise: "close the door",
    location: "cold-2",
    outputs: ["stack/red"],
  };
  expect(rule(config)).toEqual({
    id: "r",
    when: { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 },
    onDelayMs: 300_000,
    offDelayMs: 120_000,
    priority: "critical",
    message: "too warm",
    advise: "close the door",
    location: "cold-2",
    outputs: ["stack/red"],
  });
});

test("all and any hold conditions of every kind, also of their own", () => {
  const when = rule({
    all: [
      {
        any: [
          { point, atOrAbove: 8 },
          { point, below: 2, deadband: 1 },
          { point, stale: "10min" },
        ],
      },
      { point, atOrBelow: 80 },
      { point: "door/open", equal: true },
    ],
  }).when;
  expect(when).toEqual({
    is: "all",
    of: [
      {
        is: "any",
        of: [
          { is: "above", point, limit: 8, inclusive: true, deadband: 0 },
          { is: "below", point, limit: 2, inclusive: false, deadband: 1 },
          { is: "stale", point, afterMs: 600_000 },
        ],
      },
      { is: "below", point, limit: 80, inclusive: true, deadband: 0 },
      { is: "equal", point: "door/open", value: true },
    ],
  });
});

test.for<[unknown, string, string]>([
  [{ point, above: 8 }, "Cold room 2 is above 8 °C", "Cold room 2 高于 8 °C"],
  [{ point, atOrBelow: 2 }, "Cold room 2 is at or below 2 °C", "Cold room 2 达到或低于 2 °C"],
  [{ point: "door/open", equal: true }, "door/open is on", "door/open 为 开"],
  [{ point: "door/open", equal: "ajar" }, "door/open is ajar", "door/open 为 ajar"],
  [
    { point, stale: "90s" },
    "Cold room 2 has had no good value for 90 s",
    "Cold room 2 已有 90 秒没有有效数值",
  ],
  [
    {
      all: [
        {
          any: [
            { point, above: 8 },
            { point, below: 2 },
          ],
        },
        { point: "door/open", equal: false },
      ],
    },
    "(Cold room 2 is above 8 °C or Cold room 2 is below 2 °C) and door/open is off",
    "(Cold room 2 高于 8 °C 或 Cold room 2 低于 2 °C) 且 door/open 为 关",
  ],
])("%j has a message of its own in both languages", ([yaml, en, zh]) => {
  expect(rule(yaml).message).toBe(en);
  expect(rule(yaml, "zh").message).toBe(zh);
});

test.for<[string, unknown]>([
  ["compares nothing", { point }],
  ["names no point", { above: 8 }],
])("a condition that %s is refused", ([reason, yaml]) => {
  expect(() => rule(yaml)).toThrow(reason);
});
