import { expect, test } from "vitest";
import type { Language } from "../../config/language/language.ts";
import { ruleSchema } from "../../config/schema/rule.ts";
import { scheduleSchema } from "../../config/schema/schedule.ts";
import type { Labels } from "./describe.ts";
import type { Condition } from "./rule.ts";
import { ruleFromConfig } from "./rule-from-config.ts";

const labels: Labels = (point) =>
  point === "cold-2/temperature" ? { name: "Cold room 2", unit: "°C" } : undefined;

function rule(yaml: unknown, language: Language = "en") {
  return ruleFromConfig({ id: "r", config: ruleSchema.parse(yaml) }, language, labels);
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
    cause: "door",
    consequence: "spoilt",
    respondWithin: "10min",
    location: "cold-2",
    outputs: ["stack/red"],
    annunciate: ["gate"],
    notify: ["night-shift"],
    escalate: "ladder",
    latch: true,
    reAlarm: "30min",
    reAlarmMax: 3,
    raiseTo: "critical",
    raiseAfter: "1h",
    autoAcknowledge: true,
    reason: "required",
    shelveMax: "1h",
    suppressWhile: { point: "plc/defrost", equal: true },
    suppressMax: "20min",
    inhibitedBy: ["mains"],
  };
  expect(rule(config)).toEqual({
    id: "r",
    when: { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 },
    onDelayMs: 300_000,
    offDelayMs: 120_000,
    priority: "critical",
    message: "too warm",
    advise: "close the door",
    cause: "door",
    consequence: "spoilt",
    respondWithinMs: 600_000,
    location: "cold-2",
    outputs: ["stack/red"],
    annunciate: ["gate"],
    notify: ["night-shift"],
    escalate: "ladder",
    latch: true,
    reAlarmMs: 1_800_000,
    reAlarmMax: 3,
    raise: { to: "critical", afterMs: 3_600_000 },
    autoAcknowledge: true,
    wantsReason: true,
    shelveMsMax: 3_600_000,
    suppressWhile: { is: "equal", point: "plc/defrost", value: true },
    suppressMsMax: 1_200_000,
    inhibitedBy: ["mains"],
  });
});

test("a rule of a storage profile says so, and stands at its location", () => {
  const profile = { id: "gsp-cold", limit: "too-warm", excursion: true };
  const placed = { id: "cold-2:too-warm", config: ruleSchema.parse({ point, above: 8 }), profile };
  expect(ruleFromConfig({ ...placed, location: "cold-2" }, "en")).toMatchObject({
    id: "cold-2:too-warm",
    profile,
    location: "cold-2",
  });
});

const other = "cold-3/temperature";
const night = { hours: [{ from: "22:00", to: "06:00" }] };

test.for<[unknown, Condition]>([
  [
    { point, minus: other, above: 3, deadband: 1 },
    { is: "above", point, minus: other, limit: 3, inclusive: false, deadband: 1 },
  ],
  [
    { point, dividedBy: other, atOrBelow: 0.5 },
    { is: "below", point, dividedBy: other, limit: 0.5, inclusive: true, deadband: 0 },
  ],
  [
    { point, frozen: "6h" },
    { is: "frozen", point, afterMs: 21_600_000 },
  ],
  [
    { point, fault: true },
    { is: "fault", point },
  ],
  [
    { point, risingFaster: 6, deadband: 1 },
    { is: "rising", point, perHour: 6, deadband: 1, trend: { samples: 5, fit: "line" } },
  ],
  [
    { point, fallingFaster: 2, samples: 3, fit: "ends" },
    { is: "falling", point, perHour: 2, deadband: 0, trend: { samples: 3, fit: "ends" } },
  ],
  [
    { point, willReach: 8, ahead: "20min" },
    {
      is: "will-reach",
      point,
      limit: 8,
      aheadMs: 1_200_000,
      trend: { samples: 5, fit: "line" },
    },
  ],
  [
    { point, risenBy: 2, within: "10min" },
    { is: "risen", point, by: 2, withinMs: 600_000, deadband: 0 },
  ],
  [
    { point, fallenBy: 2, within: "10min", deadband: 0.5 },
    { is: "fallen", point, by: 2, withinMs: 600_000, deadband: 0.5 },
  ],
  [
    { not: { point, above: 8 } },
    { is: "not", part: { is: "above", point, limit: 8, inclusive: false, deadband: 0 } },
  ],
  [
    { point, atOrAbove: 30, total: "10h" },
    {
      is: "total",
      part: { is: "above", point, limit: 30, inclusive: true, deadband: 0 },
      totalMs: 36_000_000,
    },
  ],
  [
    { any: [{ point, fault: true }], total: "1h", within: "24h" },
    {
      is: "total",
      part: { is: "any", of: [{ is: "fault", point }] },
      totalMs: 3_600_000,
      withinMs: 86_400_000,
    },
  ],
])("%j becomes the condition that it says", ([yaml, when]) => {
  expect(rule(yaml).when).toEqual(when);
});

test("during takes the hours of its schedule and the gateway's time zone along", () => {
  const hours = scheduleSchema.parse(night);
  const config = ruleSchema.parse({ during: "night" });
  const schedules = { timezone: "Asia/Shanghai", byName: { night: hours } };
  const { when, message } = ruleFromConfig({ id: "r", config }, "en", undefined, schedules);
  expect(when).toEqual({ is: "during", schedule: "night", hours, timezone: "Asia/Shanghai" });
  expect(message).toBe("it is in the hours of night");
  expect(() => ruleFromConfig({ id: "r", config }, "en")).toThrow("no schedule night");
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
  [
    { point, minus: other, above: 3 },
    "Cold room 2 minus cold-3/temperature is above 3 °C",
    "Cold room 2 减 cold-3/temperature 高于 3 °C",
  ],
  [
    { point, dividedBy: other, atOrBelow: 0.5 },
    "Cold room 2 divided by cold-3/temperature is at or below 0.5",
    "Cold room 2 除以 cold-3/temperature 达到或低于 0.5",
  ],
  [{ point, frozen: "6h" }, "Cold room 2 has not changed for 6h", "Cold room 2 已有 6h 没有变化"],
  [
    { point, fault: true },
    "Cold room 2: the sensor delivers no valid value",
    "Cold room 2：传感器没有有效数值",
  ],
  [
    { point, risingFaster: 6 },
    "Cold room 2 rises by more than 6 °C an hour",
    "Cold room 2 每小时上升超过 6 °C",
  ],
  [
    { point, fallingFaster: 6 },
    "Cold room 2 falls by more than 6 °C an hour",
    "Cold room 2 每小时下降超过 6 °C",
  ],
  [
    { point, willReach: 8, ahead: "20min" },
    "Cold room 2 will reach 8 °C within 20min",
    "Cold room 2 将在 20min 内达到 8 °C",
  ],
  [
    { point, risenBy: 2, within: "10min" },
    "Cold room 2 rose by more than 2 °C within 10min",
    "Cold room 2 在 10min 内上升超过 2 °C",
  ],
  [
    { point, fallenBy: 2, within: "10min" },
    "Cold room 2 fell by more than 2 °C within 10min",
    "Cold room 2 在 10min 内下降超过 2 °C",
  ],
  [{ not: { point, above: 8 } }, "not (Cold room 2 is above 8 °C)", "非（Cold room 2 高于 8 °C）"],
  [
    { point, above: 8, total: "10h" },
    "Cold room 2 is above 8 °C, 10h in total",
    "Cold room 2 高于 8 °C，累计 10h",
  ],
  [
    { point, above: 8, total: "3h", within: "1d" },
    "Cold room 2 is above 8 °C, 3h in total within 1d",
    "Cold room 2 高于 8 °C，在 1d 内累计 3h",
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
