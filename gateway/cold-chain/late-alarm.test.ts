import { expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { createAlarmSystem } from "../alarms/alarm-system.ts";
import type { Rule } from "../rules/rule.ts";
import { Excursions } from "./excursions.ts";
import { historicSettleMs } from "./historic-excursions.ts";
import { Lateness } from "./lateness.ts";

const minute = 60_000;
const hour = 60 * minute;
const midnight = Date.UTC(2026, 10, 1);
const point: PointKey = "cold-2/temperature";

const rule: Rule = {
  id: "cold-2:high",
  when: { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 },
  onDelayMs: 0,
  offDelayMs: 0,
  priority: "critical",
  message: "too warm",
  location: "cold-2",
  outputs: [],
  profile: { id: "gsp-cold", limit: "high", excursion: true },
};

/** The real alarms behind the real split, as the gateway runs them. */
function gateway() {
  const start = {
    instant: { at: midnight + 12 * hour, mono: 0 },
    boot: "boot-1",
    clockSynchronized: () => true,
  };
  const points = new Map([[point, { unit: "Cel", everyMs: minute }]]);
  const alarms = createAlarmSystem({ ...start, rules: [rule], saved: new Map() });
  const lateness = new Lateness({ staleAfterMs: () => 3 * minute, clockBelieved: () => true });
  const locations = { "cold-2": {} };
  const excursions = new Excursions({
    ...start,
    ...{ rules: [rule], points, locations, saved: new Map() },
  });
  return {
    excursions,
    step(mono: number, samples: readonly Sample[]) {
      const instant = { at: midnight + 12 * hour + mono, mono };
      const { live, late } = lateness.split(samples, instant);
      const step = alarms.step(live, instant);
      const { notices } = excursions.step({ samples: live, late, step, instant });
      return { transitions: step.transitions.map(({ cause }) => cause), notices };
    },
  };
}

function good(sampledAt: number, value: number): Sample {
  return { point, sampledAt, quality: "good", value };
}

test("live 5 degrees at noon, then the night's 9 degrees: no alarm, one historic excursion, one notice", () => {
  const { excursions, step } = gateway();
  const transitions: string[] = [];
  let notices = 0;
  const take = (mono: number, samples: readonly Sample[]) => {
    const result = step(mono, samples);
    transitions.push(...result.transitions);
    notices += result.notices.length;
  };
  take(0, [good(midnight + 12 * hour, 5)]);
  const night = Array.from({ length: 61 }, (_, index) =>
    good(midnight + 3 * hour + index * minute, 9),
  );
  take(1_000, night.slice(0, 20));
  take(2_000, [...night.slice(40), good(midnight + 12 * hour + 2_000, 5)]);
  take(3_000, night.slice(20, 40));
  take(3_000 + historicSettleMs, []);

  expect(transitions).toEqual([]);
  expect(notices).toBe(1);
  expect(excursions.list()).toMatchObject([
    { kind: "historic", start: midnight + 3 * hour, end: midnight + 4 * hour, outsideMs: hour },
  ]);
});

test("the same values live raise the alarm, and its excursion carries the alarm's id", () => {
  const { excursions, step } = gateway();
  const at = (mono: number) => midnight + 12 * hour + mono;
  step(0, [good(at(0), 5)]);
  expect(step(minute, [good(at(minute), 9)]).transitions).toEqual(["violated"]);
  expect(step(2 * minute, [good(at(2 * minute), 7)]).transitions).toEqual(["returned"]);
  expect(excursions.list()).toMatchObject([
    {
      id: "cold-2:high#1",
      state: "closed",
      start: at(minute),
      end: at(2 * minute),
      outsideMs: minute,
      trail: [{ cause: "violated" }, { cause: "returned" }],
    },
  ]);
});
