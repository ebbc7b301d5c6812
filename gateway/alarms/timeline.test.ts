import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import type { AlarmState } from "./alarm.ts";
import { type AlarmSystem, type AlarmSystemParts, createAlarmSystem } from "./alarm-system.ts";

const point: PointKey = "cold-2/temperature";

interface Timeline {
  readonly id: string;
  readonly is?: "above" | "below";
  readonly limit?: number;
  readonly inclusive?: boolean;
  readonly deadband?: number;
  readonly onDelayS?: number;
  readonly offDelayS?: number;
  readonly everyS?: number;
  readonly values: readonly number[];
  /** When somebody acknowledges, `m:ss`. */
  readonly acknowledge?: readonly string[];
  readonly expected: readonly string[];
}

/** The verified timelines: limit 8.0 and one sample a minute unless they say otherwise. */
const timelines: readonly Timeline[] = [
  {
    id: "T1: the dip at 3:00 restarts the on-delay, the deadband holds off the return",
    deadband: 0.5,
    onDelayS: 300,
    offDelayS: 120,
    values: [7.9, 8.2, 8.3, 7.9, 8.1, 8.2, 8.3, 8.4, 8.3, 8.2, 7.8, 7.6, 8.1, 7.5, 7.4, 7.4, 7.3],
    expected: ["9:00 unacknowledged", "15:00 returned-unacknowledged"],
  },
  {
    id: "T2: acknowledged, then back",
    deadband: 0.5,
    values: [7, 8.5, 8.6, 7.9, 7.5, 7],
    acknowledge: ["2:30"],
    expected: ["1:00 unacknowledged", "2:30 acknowledged", "4:00 normal"],
  },
  {
    id: "T3: back, then acknowledged",
    deadband: 0.5,
    values: [7, 8.5, 7.5, 7],
    acknowledge: ["3:20"],
    expected: ["1:00 unacknowledged", "2:00 returned-unacknowledged", "3:20 normal"],
  },
  {
    id: "T4: a new occurrence before anybody acknowledged the last",
    deadband: 0.5,
    values: [7, 8.5, 7.5, 8.6, 7.5],
    acknowledge: ["4:50"],
    expected: [
      "1:00 unacknowledged",
      "2:00 returned-unacknowledged",
      "3:00 unacknowledged",
      "4:00 returned-unacknowledged",
      "4:50 normal",
    ],
  },
  {
    id: "T11: at the limit is inside",
    values: [8.0, 8.1, 8.0],
    expected: ["1:00 unacknowledged", "2:00 returned-unacknowledged"],
  },
  {
    id: "T11b: with an inclusive limit, at the limit is outside",
    inclusive: true,
    values: [8.0, 7.9],
    expected: ["0:00 unacknowledged", "1:00 returned-unacknowledged"],
  },
  {
    id: "T12: limit 10 with margin 1 returns at 9.0",
    limit: 10,
    deadband: 1,
    values: [10.1, 9.5, 9.1, 9.0],
    expected: ["0:00 unacknowledged", "3:00 returned-unacknowledged"],
  },
  {
    id: "T13: without deadband each swing is an alarm",
    everyS: 10,
    values: [7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1],
    expected: [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110].map(
      (s, index) =>
        `${clock(s * 1_000)} ${index % 2 === 0 ? "unacknowledged" : "returned-unacknowledged"}`,
    ),
  },
  {
    id: "T13b: a deadband makes it one alarm",
    everyS: 10,
    deadband: 0.5,
    values: [7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1, 7.9, 8.1],
    expected: ["0:10 unacknowledged"],
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
    expected: ["1:00 unacknowledged", "4:00 returned-unacknowledged"],
  },
  {
    id: "T12 upside down: a low limit with its margin",
    is: "below",
    limit: 2,
    deadband: 1,
    values: [1.9, 2.5, 2.9, 3.0],
    expected: ["0:00 unacknowledged", "3:00 returned-unacknowledged"],
  },
];

function ruleOf(timeline: Timeline): Rule {
  const { is = "above", limit = 8, inclusive = false, deadband = 0 } = timeline;
  const { onDelayS = 0, offDelayS = 0 } = timeline;
  return {
    id: "cold-2-warm",
    when: { is, point, limit, inclusive, deadband },
    onDelayMs: onDelayS * 1_000,
    offDelayMs: offDelayS * 1_000,
    priority: "critical",
    message: "too warm",
    outputs: [],
  };
}

interface Conditions {
  /** Before which samples the process is killed and started again. */
  readonly killedBefore?: readonly number[];
  /**
   * Milliseconds of monotonic time at which the machine booted: 0 of the timeline comes that much
   * later.
   */
  readonly bootMono?: number;
  /** Further moments, in ms of the timeline, at which the clock ticks. */
  readonly ticks?: readonly number[];
  /** The wall clock's error by timeline time. */
  readonly wallErrorMs?: (ms: number) => number;
}

/**
 * Plays a timeline with ticks at every moment at which a timer is due; what happened, as `m:ss
 * state`.
 */
function play(timeline: Timeline, conditions: Conditions = {}): string[] {
  const { killedBefore = [], bootMono = 50_000, ticks = [], wallErrorMs = () => 0 } = conditions;
  const { values, everyS = 60, acknowledge = [] } = timeline;
  const saved = new Map<string, unknown>();
  const seen: string[] = [];
  const instant = (ms: number): Instant => ({
    at: 1_700_000_000_000 + ms + wallErrorMs(ms),
    mono: bootMono + ms,
  });
  const begin = (ms: number) => createAlarmSystem(parts(ruleOf(timeline), saved, instant(ms)));
  let system: AlarmSystem = begin(0);

  const take = (ms: number, step: ReturnType<AlarmSystem["step"]>) => {
    for (const { to } of step.transitions) seen.push(`${clock(ms)} ${to}`);
    for (const [key, value] of step.stateChanges) {
      if (value === undefined) saved.delete(key);
      else saved.set(key, JSON.parse(JSON.stringify(value)));
    }
  };
  const tickUntil = (ms: number) => {
    for (;;) {
      const due = (system.nextDue() ?? Number.POSITIVE_INFINITY) - bootMono;
      if (due > ms) return;
      take(due, system.step([], instant(due)));
    }
  };
  const moments = [
    ...values.map((value, index) => ({ ms: index * everyS * 1_000, index, value })),
    ...acknowledge.map((at) => ({ ms: msOf(at), index: -1, value: undefined })),
    ...ticks.map((ms) => ({ ms, index: -2, value: undefined })),
  ].sort((a, b) => a.ms - b.ms);
  for (const { ms, index, value } of moments) {
    if (killedBefore.includes(index)) system = begin(ms);
    tickUntil(ms);
    if (index === -2) take(ms, system.step([], instant(ms)));
    else if (value === undefined) {
      const [alarm] = system.list();
      take(ms, system.act(alarm?.id ?? "none", { do: "acknowledge", by: "Li Na" }, instant(ms)));
    } else {
      const sample: Sample = { point, sampledAt: instant(ms).at, quality: "good", value };
      take(ms, system.step([sample], instant(ms)));
    }
  }
  tickUntil((values.length - 1) * everyS * 1_000);
  return seen;
}

function parts(
  rule: Rule,
  saved: ReadonlyMap<string, unknown>,
  instant: Instant,
): AlarmSystemParts {
  const clockSynchronized = () => true;
  return {
    rules: [rule],
    saved,
    instant,
    boot: "b1",
    clockSynchronized,
    staleAfterMs: () => 180_000,
  };
}

function clock(ms: number): string {
  const s = ms / 1_000;
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

function msOf(text: string): number {
  const [minutes = 0, seconds = 0] = text.split(":").map(Number);
  return (minutes * 60 + seconds) * 1_000;
}

test.for(timelines)("$id", (timeline) => {
  expect(play(timeline)).toEqual(timeline.expected);
});

describe("nothing but values and monotonic time decides", () => {
  test("a kill before any one sample of T1 changes nothing", () => {
    for (const timeline of timelines) {
      for (let index = 0; index < timeline.values.length; index += 1) {
        expect(play(timeline, { killedBefore: [index] })).toEqual(timeline.expected);
      }
    }
  });

  test("kills before any samples of any timeline change nothing", () => {
    const property = fc.property(
      fc.constantFrom(...timelines),
      fc.array(fc.nat(16), { maxLength: 8 }),
      (timeline, killedBefore) => {
        expect(play(timeline, { killedBefore })).toEqual(timeline.expected);
      },
    );
    fc.assert(property);
  });

  test("ticks in between change nothing", () => {
    const property = fc.property(
      fc.constantFrom(...timelines),
      fc.array(fc.integer({ min: 0, max: 960_000 }), { maxLength: 40 }),
      (timeline, all) => {
        const lastMs = (timeline.values.length - 1) * (timeline.everyS ?? 60) * 1_000;
        const ticks = all.filter((ms) => ms <= lastMs);
        expect(play(timeline, { ticks })).toEqual(timeline.expected);
      },
    );
    fc.assert(property);
  });

  test("T16: a wall clock that steps back an hour and forward a day neither fires nor extends a timer", () => {
    const wallErrorMs = (ms: number) =>
      ms < 120_000 ? 0 : ms < 600_000 ? -3_600_000 : 24 * 3_600_000;
    for (const timeline of timelines) {
      expect(play(timeline, { wallErrorMs })).toEqual(timeline.expected);
      expect(play(timeline, { wallErrorMs, killedBefore: [3, 6, 9] })).toEqual(timeline.expected);
    }
  });

  test("T16: an on-delay of five minutes fires five minutes of monotonic time after the violation", () => {
    const wallErrorMs = (ms: number) => (ms < 120_000 ? 0 : -3_600_000);
    const seen = play(
      { id: "T16", onDelayS: 300, values: [8.5, 8.5, 8.5, 8.5, 8.5, 8.5, 8.5], expected: [] },
      { wallErrorMs },
    );
    expect(seen).toEqual(["5:00 unacknowledged"]);
  });
});

test("an alarm is raised when its delay ends, with no sample to trigger it", () => {
  const rule = ruleOf({ id: "", onDelayS: 90, values: [], expected: [] });
  const system = createAlarmSystem(parts(rule, new Map(), { at: 0, mono: 0 }));
  system.step([{ point, sampledAt: 0, quality: "good", value: 9 }], { at: 0, mono: 0 });
  expect(system.nextDue()).toBe(90_000);
  expect(system.step([], { at: 89_999, mono: 89_999 }).transitions).toEqual([]);
  const [transition] = system.step([], { at: 90_000, mono: 90_000 }).transitions;
  expect(transition).toMatchObject({ to: "unacknowledged", cause: "violated", value: 9, point });
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
    const before = createAlarmSystem(parts(rule, saved, { at: 0, mono: 0 }));
    const value = (at: number, celsius: number): Sample[] => [
      { point, sampledAt: at, quality: "good", value: celsius },
    ];
    save(before.step(value(0, 8.6), { at: 0, mono: 0 }));
    if (state === "acknowledged") {
      save(before.act("cold-2-warm#1", { do: "acknowledge", by: "Li Na" }, { at: 1, mono: 1 }));
    }
    if (state === "returned-unacknowledged") save(before.step(value(2, 5), { at: 2, mono: 2 }));

    const afterBoot = { ...parts(rule, saved, { at: 9_000_000, mono: 20_000 }), boot: "b2" };
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
  const system = createAlarmSystem(parts(rule, new Map(), { at: 9_000_000, mono: 20_000 }));
  const sample: Sample = { point, sampledAt: 9_000_000, quality: "good", value: 8.6 };
  const { transitions } = system.step([sample], { at: 9_000_000, mono: 20_000 });
  expect(transitions).toMatchObject([{ alarm: "cold-2-warm#1", to: "unacknowledged", value: 8.6 }]);
});
