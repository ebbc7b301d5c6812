import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import {
  type Act,
  clock,
  lastMsOf,
  partsFor,
  play,
  ruleOf,
  type Timeline,
  watched,
} from "../../tests/support/alarm-timeline.ts";
import type { AlarmState } from "./alarm.ts";
import { type AlarmSystem, createAlarmSystem } from "./alarm-system.ts";

const acknowledge: Act = { do: "acknowledge" };
const reset: Act = { do: "reset" };

function shelve(forMs?: number): Act {
  return { do: "shelve", forMs };
}

/** Limit 8.0 and one sample a minute unless they say otherwise. */
const timelines: readonly Timeline[] = [
  {
    id: "T1: the dip at 3:00 restarts the on-delay, the deadband holds off the return",
    deadband: 0.5,
    onDelayS: 300,
    offDelayS: 120,
    values: [7.9, 8.2, 8.3, 7.9, 8.1, 8.2, 8.3, 8.4, 8.3, 8.2, 7.8, 7.6, 8.1, 7.5, 7.4, 7.4, 7.3],
    expected: ["9:00 UNACK", "15:00 RTNUN"],
  },
  {
    id: "T2: acknowledged, then back",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7.9, 7.5, 7],
    acts: [["2:30", acknowledge]],
    expected: ["1:00 UNACK", "2:30 ACKED", "4:00 NORM"],
  },
  {
    id: "T3: back, then acknowledged",
    deadband: 0.5,
    values: [7, 8.5, 7.5, 7],
    acts: [["3:20", acknowledge]],
    expected: ["1:00 UNACK", "2:00 RTNUN", "3:20 NORM"],
  },
  {
    id: "T4: a new occurrence before anybody acknowledged the last",
    deadband: 0.5,
    values: [7, 8.5, 7.5, 8.6, 7.5],
    acts: [["4:50", acknowledge]],
    expected: ["1:00 UNACK", "2:00 RTNUN", "3:00 UNACK", "4:00 RTNUN", "4:50 NORM"],
  },
  {
    id: "T11: at the limit is inside",
    values: [8.0, 8.1, 8.0],
    expected: ["1:00 UNACK", "2:00 RTNUN"],
  },
  {
    id: "T11b: with an inclusive limit, at the limit is outside",
    inclusive: true,
    values: [8.0, 7.9],
    expected: ["0:00 UNACK", "1:00 RTNUN"],
  },
  {
    id: "T12: limit 10 with margin 1 returns at 9.0",
    limit: 10,
    deadband: 1,
    values: [10.1, 9.5, 9.1, 9.0],
    expected: ["0:00 UNACK", "3:00 RTNUN"],
  },
  {
    id: "T13: without deadband each swing is an alarm",
    everyS: 10,
    values: [7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1],
    expected: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110].map(
      (s, index) => `${clock(s * 1_000)} ${index % 2 === 0 ? "UNACK" : "RTNUN"}`,
    ),
  },
  {
    id: "T13b: a deadband makes it one alarm",
    everyS: 10,
    deadband: 0.5,
    values: [7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1],
    expected: ["0:10 UNACK"],
  },
  {
    id: "T13c: an on-delay makes it none",
    everyS: 10,
    onDelayS: 60,
    values: [7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1],
    expected: [],
  },
  {
    id: "T14: negative values",
    limit: -2,
    deadband: 0.5,
    values: [-5, -1.9, -2.2, -2.4, -2.5],
    expected: ["1:00 UNACK", "4:00 RTNUN"],
  },
  {
    id: "T12 upside down: a low limit with its margin",
    is: "below",
    limit: 2,
    deadband: 1,
    values: [1.9, 2.5, 2.9, 3.0],
    expected: ["0:00 UNACK", "3:00 RTNUN"],
  },
  {
    id: "T5: a shelf of two minutes ends while it is still too warm: it calls again",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 8.6, 8.6, 8.6],
    acts: [["1:30", shelve(120_000)]],
    expected: ["1:00 UNACK", "1:30 SHLVD", "3:30 UNACK"],
  },
  {
    id: "T6: acknowledged, shelved, back meanwhile: nobody is called",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7, 7, 7],
    acts: [
      ["1:30", acknowledge],
      ["1:40", shelve(200_000)],
    ],
    expected: ["1:00 UNACK", "1:30 ACKED", "1:40 SHLVD", "5:00 NORM"],
  },
  {
    id: "T6b: a shelf counts as acknowledged",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7, 7, 7],
    acts: [["1:40", shelve(200_000)]],
    expected: ["1:00 UNACK", "1:40 SHLVD", "5:00 NORM"],
  },
  {
    id: "T7: a one-shot shelf ends with the return",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7, 8.7, 8.7],
    acts: [
      ["1:30", acknowledge],
      ["1:40", shelve()],
    ],
    expected: ["1:00 UNACK", "1:30 ACKED", "1:40 SHLVD", "3:00 NORM", "4:00 UNACK"],
  },
  {
    id: "T7 without return: a one-shot shelf ends at the longest shelf of its rule",
    values: [7, 8.5, 8.6, 8.6, 8.7, 8.7],
    rule: { shelveMsMax: 150_000 },
    acts: [["1:30", shelve()]],
    expected: ["1:00 UNACK", "1:30 SHLVD", "4:00 UNACK"],
  },
  {
    id: "shelved before it is raised, raised and back behind the shelf, raised again",
    values: [7, 7, 8.5, 7, 8.5, 8.5, 8.5],
    acts: [
      ["0:30", shelve(300_000)],
      ["4:10", { do: "unshelve" }],
    ],
    expected: ["0:30 SHLVD", "4:10 UNACK"],
  },
  {
    id: "a shelf that is prolonged ends by the last word",
    values: [7, 8.5, 8.5, 8.5, 8.5, 8.5, 8.5],
    acts: [
      ["1:30", shelve(60_000)],
      ["2:00", shelve(180_000)],
    ],
    expected: ["1:00 UNACK", "1:30 SHLVD", "5:00 UNACK"],
  },
  {
    id: "T8: latched until acknowledged and reset, in this order",
    rule: { latch: true },
    values: [7, 8.5, 8.6, 7, 7],
    acts: [
      ["2:30", reset],
      ["3:10", reset],
      ["3:20", acknowledge],
      ["4:00", reset],
    ],
    expected: [
      "1:00 UNACK",
      "2:30 refused",
      "3:00 LATCH_UNACK",
      "3:10 refused",
      "3:20 LATCH_ACK",
      "4:00 NORM",
    ],
  },
  {
    id: "T8b: latched, acknowledged and too warm again: a new occurrence calls",
    rule: { latch: true },
    values: [7, 8.5, 7, 7, 8.6, 7, 7],
    acts: [
      ["2:30", acknowledge],
      ["5:20", acknowledge],
      ["5:50", reset],
    ],
    expected: [
      "1:00 UNACK",
      "2:00 LATCH_UNACK",
      "2:30 LATCH_ACK",
      "4:00 UNACK",
      "5:00 LATCH_UNACK",
      "5:20 LATCH_ACK",
      "5:50 NORM",
    ],
  },
  {
    id: "T9: suppressed before it is raised; the end of the suppression calls",
    deadband: 0.5,
    values: [7, 7, 8.5, 8.6, 8.6, 8.6, 7],
    acts: [
      ["1:00", { do: "suppress" }],
      ["4:00", { do: "unsuppress" }],
    ],
    expected: ["1:00 DSUPR", "4:00 UNACK", "6:00 RTNUN"],
  },
  {
    id: "a suppression that nobody ends, ends by itself",
    rule: { suppressMsMax: 150_000 },
    values: [7, 8.5, 8.6, 8.6, 8.6, 8.6],
    acts: [["1:20", { do: "suppress" }]],
    expected: ["1:00 UNACK", "1:20 DSUPR", "3:50 UNACK"],
  },
  {
    id: "out of service does not end by itself, and calls when it is over",
    values: [7, 8.5, 7, 8.6, 8.6, 8.6],
    acts: [
      ["0:30", { do: "out-of-service", reason: "calibration" }],
      ["1:10", acknowledge],
      ["4:30", { do: "return-to-service" }],
    ],
    expected: ["0:30 OOSRV", "1:10 refused", "4:30 UNACK"],
  },
  {
    id: "suppressed while shelved: the shelf shows again, then ends",
    values: [7, 8.5, 8.5, 8.5, 8.5, 8.5, 8.5],
    acts: [
      ["1:20", shelve(240_000)],
      ["2:20", { do: "suppress" }],
      ["3:20", { do: "unsuppress" }],
    ],
    expected: ["1:00 UNACK", "1:20 SHLVD", "2:20 DSUPR", "3:20 SHLVD", "5:20 UNACK"],
  },
  {
    id: "T10: acknowledged and forgotten for ten minutes: it calls again",
    rule: { reAlarmMs: 600_000 },
    values: [7, ...Array.from({ length: 13 }, () => 8.5)],
    acts: [["2:00", acknowledge]],
    expected: ["1:00 UNACK", "2:00 ACKED", "12:00 UNACK"],
  },
  {
    id: "T10 repeated: counted from each acknowledgement, and twice at most",
    rule: { reAlarmMs: 120_000, reAlarmMax: 2 },
    values: [7, ...Array.from({ length: 13 }, () => 8.5)],
    acts: [
      ["1:30", acknowledge],
      ["4:10", acknowledge],
      ["6:30", acknowledge],
    ],
    expected: ["1:00 UNACK", "1:30 ACKED", "3:30 UNACK", "4:10 ACKED", "6:10 UNACK", "6:30 ACKED"],
  },
  {
    id: "a priority that rises calls again, though somebody had acknowledged",
    rule: { raise: { to: "critical", afterMs: 240_000 } },
    values: [7, 8.5, 8.5, 8.5, 8.5, 8.5, 8.5],
    acts: [["1:30", acknowledge]],
    expected: ["1:00 UNACK", "1:30 ACKED", "5:00 UNACK"],
  },
  {
    id: "a return that counts as acknowledged",
    rule: { autoAcknowledge: true },
    values: [7, 8.5, 7, 8.5, 7],
    acts: [["3:30", acknowledge]],
    expected: ["1:00 UNACK", "2:00 NORM", "3:00 UNACK", "3:30 ACKED", "4:00 NORM"],
  },
];

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
