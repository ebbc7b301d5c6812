import { expect, test } from "vitest";
import { locationSchema } from "../../config/schema/location.ts";
import { profileSchema } from "../../config/schema/profile.ts";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { createAlarmSystem } from "../alarms/alarm-system.ts";
import type { Rule } from "../rules/rule.ts";
import { MktLive } from "./mkt-live.ts";
import { mktRules } from "./mkt-rules.ts";
import { MktWatch } from "./mkt-watch.ts";

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 10, 1, 12);
const left: PointKey = "cold-2/left";
const right: PointKey = "cold-2/right";
const text = { zh: "", en: "" };
const config = {
  gateway: { id: "g", timezone: "UTC", language: "en" as const },
  profiles: {
    cct: profileSchema.parse({
      profile: "cct",
      name: text,
      source: "USP 1079.2",
      mkt: { window: "24h", max: 8 },
    }),
  },
  locations: {
    "cold-2": locationSchema.parse({ kind: "room", profile: "cct", temperature: [left, right] }),
    hall: locationSchema.parse({ kind: "room", temperature: "hall/temperature" }),
  },
};
const warm: Rule = {
  id: "cold-2:warm",
  when: { is: "above", point: right, limit: 20, inclusive: false, deadband: 0 },
  onDelayMs: 0,
  offDelayMs: 0,
  priority: "low",
  message: "warm",
  outputs: [],
  profile: { id: "cct", limit: "warm", excursion: true },
};

/** Two probes that are read each minute, with the real rules and alarms behind the means. */
function room() {
  const rules = [...mktRules(config), warm];
  const start = { instant: { at: noon, mono: 0 }, boot: "b", clockSynchronized: () => true };
  const alarms = createAlarmSystem({ ...start, rules, saved: new Map() });
  const points = new Map([left, right].map((point) => [point, { unit: "Cel", everyMs: minute }]));
  const live = new MktLive(new MktWatch(config, points), rules, alarms.list(), start.instant);
  const told: string[] = [];
  let mono = 0;
  const note = ({ transitions }: ReturnType<typeof alarms.step>) => {
    live.follow(transitions);
    for (const { rule, cause } of transitions) told.push(`${rule} ${cause} ${mono / hour}`);
  };
  return {
    ...{ rules, live, told },
    act: (rule: string, action: Parameters<typeof alarms.act>[1]) =>
      note(alarms.act(rule, action, { at: noon + mono, mono })),
    /** Each minute until `until`. */
    run(until: number, of: Readonly<Record<PointKey, number>>) {
      for (; mono <= until; mono += minute) {
        const instant = { at: noon + mono, mono };
        const samples = Object.entries(of).map(
          ([point, value]): Sample => ({
            point: point === left ? left : right,
            sampledAt: instant.at,
            quality: "good",
            value,
          }),
        );
        note(alarms.step([...samples, ...live.step(samples, instant)], instant));
      }
    },
  };
}

test("a location whose profile limits the mean has one rule for it, others have none", () => {
  expect(room().rules.map(({ id }) => id)).toEqual(["cold-2:mkt", "cold-2:warm"]);
  expect(mktRules(config)[0]).toMatchObject({
    priority: "medium",
    message: "Mean kinetic temperature of 1d is above 8 °C",
    location: "cold-2",
  });
});

test("the worst probe's mean over its limit is one alarm, which returns below the deadband", () => {
  const { run, told } = room();
  run(18 * hour, { [left]: 5, [right]: 5 });
  run(24 * hour, { [left]: 5, [right]: 14 });
  expect(told).toHaveLength(1);
  // 7.9 degrees and lower: the warm hours must have left the window, not only the sample.
  expect(Number(told[0]?.split(" ")[2])).toBeGreaterThan(23);
  run(48 * hour, { [left]: 5, [right]: 5 });
  expect(told.map((it) => it.split(" ")[1])).toEqual(["violated", "returned"]);
});

test("a probe that is out of service counts for nothing, and the other one goes on", () => {
  const { run, act, told, live } = room();
  run(12 * hour, { [left]: 5, [right]: 5 });
  act("cold-2:warm", { do: "out-of-service", by: "li", reason: "calibration" });
  run(30 * hour, { [left]: 5, [right]: 19 });
  expect(told.filter((it) => it.startsWith("cold-2:mkt"))).toEqual([]);
  expect(live.figures(30 * hour).map(({ mkt }) => mkt)).toMatchObject([
    { celsius: expect.closeTo(5, 6) },
    { refused: "coverage" },
  ]);
});

test("while too little is known the mean raises nothing and takes no alarm back", () => {
  const { run, told } = room();
  run(20 * hour, { [left]: 30, [right]: 30 });
  expect(told.filter((it) => it.startsWith("cold-2:mkt"))).toEqual([]);
  run(22 * hour, { [left]: 15, [right]: 15 });
  expect(told.filter((it) => it.startsWith("cold-2:mkt"))).toEqual([
    expect.stringContaining("cold-2:mkt violated"),
  ]);
  // Nothing is said for a day: the window empties, and the alarm stays.
  run(46 * hour, {});
  expect(told.filter((it) => it.startsWith("cold-2:mkt"))).toHaveLength(1);
});
