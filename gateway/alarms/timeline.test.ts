import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import {
  lastMsOf,
  partsFor,
  play,
  ruleOf,
  type Timeline,
  watched,
} from "../../tests/support/alarm-timeline.ts";
import { timelines } from "../../tests/support/alarm-timelines.ts";
import type { AlarmState } from "./alarm.ts";
import { type AlarmSystem, createAlarmSystem } from "./alarm-system.ts";

test.for(timelines)("$id", (timeline) => {
  expect(play(timeline)).toEqual(timeline.expected);
});

describe("nothing but values and monotonic time decides", () => {
  test("a kill before any one sample changes nothing", () => {
    for (const timeline of timelines) {
      for (const index of timeline.values.keys()) {
        const killedAt = [index * (timeline.everyS ?? 60) * 1_000];
        expect(play(timeline, { killedAt })).toEqual(timeline.expected);
      }
    }
  });

  const moments = fc.array(fc.integer({ min: 0, max: 960_000 }), { maxLength: 12 });
  const within = (timeline: Timeline, all: readonly number[]) =>
    all.filter((ms) => ms <= lastMsOf(timeline));

  test("kills at any moments of any timeline change nothing", () => {
    const property = fc.property(fc.constantFrom(...timelines), moments, (timeline, all) => {
      const killedAt = within(timeline, all);
      expect(play(timeline, { killedAt })).toEqual(timeline.expected);
    });
    fc.assert(property, { numRuns: 400 });
  });

  test("a machine that boots again at any moments keeps the timers of its alarms", () => {
    const undelayed = timelines.filter(({ onDelayS, offDelayS }) => !onDelayS && !offDelayS);
    const property = fc.property(fc.constantFrom(...undelayed), moments, (timeline, all) => {
      const killedAt = within(timeline, all);
      expect(play(timeline, { killedAt, reboots: true })).toEqual(timeline.expected);
    });
    fc.assert(property, { numRuns: 400 });
  });

  test("ticks in between change nothing", () => {
    const property = fc.property(fc.constantFrom(...timelines), moments, (timeline, all) => {
      const ticks = within(timeline, all);
      expect(play(timeline, { ticks })).toEqual(timeline.expected);
    });
    fc.assert(property);
  });

  test("T16: a wall clock that steps back an hour and forward a day neither fires nor extends a timer", () => {
    const wallErrorMs = (ms: number) =>
      ms < 120_000 ? 0 : ms < 600_000 ? -3_600_000 : 24 * 3_600_000;
    for (const timeline of timelines) {
      expect(play(timeline, { wallErrorMs })).toEqual(timeline.expected);
      expect(
        play(timeline, { wallErrorMs, killedAt: within(timeline, [180_000, 360_000, 540_000]) }),
      ).toEqual(timeline.expected);
    }
  });

  test("T16: a wall clock at 1970, then a day ahead, ends no shelf and calls nobody early or late", () => {
    const wallErrorMs = (ms: number) =>
      ms < 100_000 ? -1_700_000_000_000 : ms < 280_000 ? 24 * 3_600_000 : -24 * 3_600_000;
    for (const timeline of timelines) {
      expect(play(timeline, { wallErrorMs })).toEqual(timeline.expected);
      expect(
        play(timeline, { wallErrorMs, killedAt: within(timeline, [95_000, 290_000]) }),
      ).toEqual(timeline.expected);
    }
  });

  test("T16: an on-delay of five minutes fires five minutes of monotonic time after the violation", () => {
    const wallErrorMs = (ms: number) => (ms < 120_000 ? 0 : -3_600_000);
    const seen = play(
      { id: "T16", onDelayS: 300, values: [8.5, 8.5, 8.5, 8.5, 8.5, 8.5, 8.5], expected: [] },
      { wallErrorMs },
    );
    expect(seen).toEqual(["5:00 UNACK"]);
  });
});

test("an alarm is raised when its delay ends, with no sample to trigger it", () => {
  const rule = ruleOf({ id: "", onDelayS: 90, values: [], expected: [] });
  const system = createAlarmSystem(partsFor(rule, new Map(), { at: 0, mono: 0 }));
  system.step([{ point: watched, sampledAt: 0, quality: "good", value: 9 }], { at: 0, mono: 0 });
  expect(system.nextDue()).toBe(90_000);
  expect(system.step([], { at: 89_999, mono: 89_999 }).transitions).toEqual([]);
  const [transition] = system.step([], { at: 90_000, mono: 90_000 }).transitions;
  expect(transition).toMatchObject({
    to: "unacknowledged",
    cause: "violated",
    value: 9,
    point: watched,
  });
  expect(system.nextDue()).toBeUndefined();
});

const states: readonly AlarmState[] = ["unacknowledged", "acknowledged", "returned-unacknowledged"];

test.for(states)(
  "T15: an alarm that is %s is that after a reboot, without another transition",
  (state) => {
    const rule = ruleOf({ id: "", deadband: 0.5, values: [], expected: [] });
    const saved = new Map<string, unknown>();
    const save = ({ stateChanges }: ReturnType<AlarmSystem["step"]>) => {
      for (const [key, value] of stateChanges) saved.set(key, value);
    };
    const before = createAlarmSystem(partsFor(rule, saved, { at: 0, mono: 0 }));
    const value = (at: number, celsius: number): Sample[] => [
      { point: watched, sampledAt: at, quality: "good", value: celsius },
    ];
    save(before.step(value(0, 8.6), { at: 0, mono: 0 }));
    if (state === "acknowledged") {
      save(before.act("cold-2-warm#1", { do: "acknowledge", by: "Li Na" }, { at: 1, mono: 1 }));
    }
    if (state === "returned-unacknowledged") save(before.step(value(2, 5), { at: 2, mono: 2 }));

    const afterBoot = { ...partsFor(rule, saved, { at: 9_000_000, mono: 20_000 }), boot: "b2" };
    const after = createAlarmSystem(afterBoot);
    expect(after.list()[0]).toMatchObject({ id: "cold-2-warm#1", state });
    const still = state === "returned-unacknowledged" ? 5 : 8.6;
    expect(
      after.step(value(9_000_000, still), { at: 9_000_000, mono: 20_000 }).transitions,
    ).toEqual([]);
    expect(after.list()[0]).toMatchObject({ id: "cold-2-warm#1", state });
  },
);

test("T15: a value that went bad while the machine was off raises the alarm with the first sample", () => {
  const rule = ruleOf({ id: "", values: [], expected: [] });
  const system = createAlarmSystem(partsFor(rule, new Map(), { at: 9_000_000, mono: 20_000 }));
  const sample: Sample = { point: watched, sampledAt: 9_000_000, quality: "good", value: 8.6 };
  const { transitions } = system.step([sample], { at: 9_000_000, mono: 20_000 });
  expect(transitions).toMatchObject([{ alarm: "cold-2-warm#1", to: "unacknowledged", value: 8.6 }]);
});

test("what happens behind a shelf is on record, with the state that stays", () => {
  const behind = timelines.find(({ id }) => id.startsWith("shelved before"));
  expect(behind === undefined ? [] : play(behind, { logged: true })).toEqual([
    "0:30 SHLVD",
    "2:00 SHLVD (violated)",
    "3:00 SHLVD (returned)",
    "4:00 SHLVD (violated)",
    "4:10 UNACK",
  ]);
});
