import { expect, test } from "vitest";
import { configSchema } from "../../config/schema/config.ts";
import type { Sample } from "../../drivers/contract.ts";
import { createAlarmSystem } from "../alarms/alarm-system.ts";
import type { Rule } from "../rules/rule.ts";
import { type Push, pushSchema } from "./push.ts";
import { PushDesk } from "./push-desk.ts";

const second = 1_000;
const minute = 60_000;
const wall = Date.UTC(2026, 11, 1);
const point = "cold-1/temperature";
const config = configSchema.parse({
  version: 1,
  gateway: { id: "wh1" },
  notify: { one: { sms: ["+8613800138000"] }, two: { sms: ["+8613800138001"] } },
  escalation: {
    ladder: {
      steps: [
        { after: "0s", notify: ["one"] },
        { after: "10min", notify: ["two"] },
      ],
    },
  },
});
const rule: Rule = {
  id: "warm",
  when: { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 },
  onDelayMs: 5 * minute,
  offDelayMs: 0,
  priority: "high",
  message: "too warm",
  outputs: [],
  escalate: "ladder",
};

/** A real alarm system and a desk over one store, one sample a minute, killed and started again at each of `kills`. */
function run(valueAt: (minutes: number) => number, minutes: number, kills: readonly number[]) {
  const state = new Map<string, unknown>();
  const pushes: (Push & { readonly atS: number })[] = [];
  const base = { boot: "b", clockSynchronized: () => true };
  const open = (mono: number) => {
    const instant = { at: wall + mono, mono };
    const alarms = createAlarmSystem({ ...base, rules: [rule], saved: new Map(state), instant });
    const desk = new PushDesk({
      ...base,
      config,
      rules: [rule],
      saved: new Map(state),
      instant,
      point: () => ({ unit: "Cel" }),
      locationName: () => undefined,
      clockSet: () => true,
      isDuring: () => undefined,
      random: (bytes) => new Uint8Array(bytes),
    });
    return { alarms, desk };
  };
  let parts = open(0);
  const step = (samples: readonly Sample[], mono: number) => {
    const instant = { at: wall + mono, mono };
    const alarmStep = parts.alarms.step(samples, instant);
    const follow = parts.desk.step({ step: alarmStep, instant });
    for (const [key, value] of [...alarmStep.stateChanges, ...follow.state]) {
      if (value === undefined) state.delete(key);
      else state.set(key, JSON.parse(JSON.stringify(value)));
      if (key.startsWith("push/")) {
        pushes.push({ ...pushSchema.parse(value), atS: mono / second });
      }
    }
  };
  for (let mono = 0; mono <= minutes * minute; mono += second) {
    if (kills.includes(mono / second)) parts = open(mono);
    const value = valueAt(mono / minute);
    const sample = { point, sampledAt: wall + mono, quality: "good", value } as const;
    step(mono % minute === 0 ? [sample] : [], mono);
  }
  return pushes.map(({ atS, receiver, kind }) => `${atS} ${receiver} ${kind}`);
}

const warmFrom2To20 = (minutes: number) => (minutes >= 2 && minutes < 20 ? 8.6 : 6);

test("from samples to pushes: the ladder begins when the delay is over, and both hear of the return", () => {
  expect(run(warmFrom2To20, 40, [])).toEqual([
    "420 one raised",
    "1020 two escalated",
    "1200 one returned",
    "1200 two returned",
  ]);
});

test("kills in the delay, between the steps and after the return change nothing of it", () => {
  const kills = [150, 419, 420, 421, 700, 1_019, 1_020, 1_199, 1_200, 1_201, 2_000];
  expect(run(warmFrom2To20, 40, kills)).toEqual(run(warmFrom2To20, 40, []));
});
