import { expect, test } from "vitest";
import { explainRules } from "./explain.ts";
import type { Language } from "./language/language.ts";
import { loadText } from "./load.ts";

const head = `version: 1
gateway: { id: g }
channels:
  bus:
    driver: modbus
    port: tcp://10.0.0.5:502
    devices:
      cold: { template: xy-md02, unitId: 1, points: { door: { table: coil, address: 1, access: read-write } } }
sms: { port: serial:/dev/serial/by-id/modem }
notify: { night: { sms: ["+8613800138000"] }, boss: { sms: ["+8613800138001"] } }
escalation:
  up: { steps: [{ notify: [night] }, { after: 10min, notify: [boss] }, { after: 1h, until: never, notify: [boss] }] }
schedules: { off: { hours: [{ from: "22:00", to: "06:00" }] } }
`;

function explain(rest: string, language: Language = "en") {
  const loaded = loadText(head + rest, "gateway.yaml");
  if (!loaded.ok) throw new Error(loaded.problems.map(({ code }) => code).join());
  return Object.fromEntries(
    explainRules(loaded.config, language).map(({ id, text }) => [id, text]),
  );
}

const warm = `rules:
  warm: { point: cold/temperature, above: 8, deadband: 0.5, onDelay: 5min, offDelay: 2min, priority: critical, outputs: [cold/door], escalate: up, advise: Close the door }
`;

test("a rule reads as a sentence: when, how long, when it is over, who hears of it, what to do", () => {
  expect(explain(warm)).toEqual({
    warm:
      "when cold/temperature is above 8 °C for 5 min, a critical alarm comes; it is over when cold/temperature " +
      "is at or below 7.5 °C for 2 min. It lights cold/door; it tells night at once, boss after 10 min unless " +
      "acknowledged, boss after 1 h in any case. Do: Close the door",
  });
  expect(explain(warm, "zh")).toEqual({
    warm:
      "当 cold/temperature 高于 8 °C 持续 5 分钟时，发出优先级为“紧急”的报警；cold/temperature 达到或低于 7.5 °C " +
      "持续 2 分钟后报警结束。点亮 cold/door；立即通知 night，10 分钟后若无人确认则通知 boss，1 小时后一律通知 boss。" +
      "处理：Close the door",
  });
});

test.each([
  ["atOrAbove: 8", "is at or above 8 °C", "is below 8 °C"],
  ["atOrAbove: 8, deadband: 1", "is at or above 8 °C", "is at or below 7 °C"],
  ["below: 2", "is below 2 °C", "is at or above 2 °C"],
  ["below: -2, deadband: 0.2", "is below -2 °C", "is at or above -1.8 °C"],
  ["atOrBelow: 2", "is at or below 2 °C", "is above 2 °C"],
  ["above: 3, minus: cold/humidity", "temperature minus cold/humidity is above 3 °C", "below 3 °C"],
  ["above: 3, dividedBy: cold/humidity", "divided by cold/humidity is above 3,", "at or below 3."],
  ["stale: 10min", "has had no good value for 10 min", "a good value of cold/temperature comes"],
  ["fault: true", "delivers bad samples", "delivers good samples again"],
  ["frozen: 2h", "has delivered the same value for 2 h", "that is no longer so"],
  [
    "risingFaster: 2",
    "rises by more than 2 °C an hour (line through the last 5 readings)",
    "no longer",
  ],
  [
    "fallingFaster: 2, fit: ends, samples: 4",
    "from the first to the last of 4 readings",
    "no longer",
  ],
  ["willReach: 8, ahead: 30min", "on its way to reach 8 °C within 30 min", "no longer"],
  ["risenBy: 3, within: 1h", "has risen by more than 3 °C within 1 h", "no longer"],
  ["fallenBy: 3, within: 90s", "has fallen by more than 3 °C within 90 s", "no longer"],
  ["above: 8, total: 10h", "is above 8 °C for 10 h in all,", "no longer"],
  ["above: 8, total: 2h, within: 1d", "is above 8 °C for 2 h in all within 1 d,", "no longer"],
])("%s is said", (keys, when, over) => {
  const { r = "" } = explain(`rules: { r: { point: cold/temperature, ${keys} } }\n`);
  const [begins, ends] = r.split("; it is over when ");
  expect(begins).toContain(when);
  expect(ends).toContain(over);
});

test("groups keep their brackets, switches are on or off, hours are named", () => {
  const { r } = explain(`rules:
  r: { any: [{ point: cold/door, equal: true }, { all: [{ during: off }, { not: { point: cold/door, equal: false } }] }] }
`);
  expect(r).toContain(
    "when cold/door is on or (it is a time of the schedule off and it is not so that cold/door is off), a medium alarm",
  );
});

test("what happens besides is said: latch, second call, rise, suppression, inhibition, nobody told", () => {
  const { r } = explain(`rules:
  p: { point: cold/door, equal: true }
  r: { point: cold/temperature, above: 9, latch: true, reAlarm: 30min, reAlarmMax: 3, raiseTo: high, raiseAfter: 1h, suppressWhile: { point: cold/door, equal: true }, suppressMax: 20min, inhibitedBy: [p], reason: required }
`);
  for (const part of [
    "acknowledged and reset it",
    "calls again every 30 min, 3 times at most",
    "After 1 h it becomes high",
    "No alarm while cold/door is on, for 20 min at most",
    "Nobody is told while p is active",
    "must say what was found",
    "only shows on the panel",
  ])
    expect(r).toContain(part);
});

test("a profile's rules name the profile, in the reader's language", () => {
  const room =
    "locations: { room: { kind: room, profile: freezer, temperature: cold/temperature } }\n";
  expect(explain(room)["room:nearly-warm"]).toContain(
    "By storage profile freezer (Freezer, -50 to -15 °C). It warns before the limit",
  );
  expect(explain(room, "zh")["room:warm"]).toContain("依据储存规范 freezer（冷冻");
  expect(explain(room, "zh")["room:warm"]).toContain("处理：关门");
});
