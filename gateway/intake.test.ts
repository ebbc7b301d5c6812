import { beforeEach, describe, expect, test } from "vitest";
import type { Sample } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { alarmIn } from "../tests/support/alarms.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import type { AlarmTransition } from "./alarms/alarm.ts";
import type { AlarmStep } from "./alarms/alarm-system.ts";
import type { Part, Problem } from "./health/health.ts";
import { Intake, type Published, pendingSamplesFlush, pendingSamplesMax } from "./intake.ts";
import { LatestSamples } from "./latest.ts";
import type { Commit } from "./store/store.ts";

const nothing: AlarmStep = { transitions: [], stateChanges: new Map(), alarms: [] };
const raised: AlarmTransition = {
  alarm: "warm#1",
  rule: "warm",
  from: "normal",
  to: "unacknowledged",
  at: 0,
  cause: "violated",
  priority: "high",
  message: "too warm",
};

const warm = alarmIn("unacknowledged", { priority: "high" });

function setUp(flushEveryMs = 10_000) {
  const clock = new ManualClock();
  const commits: Commit[] = [];
  const published: Published[] = [];
  const reports: [Part, Problem | undefined][] = [];
  let refuse: RackwatchError | undefined;
  let next: AlarmStep = nothing;
  const store = {
    commit(commit: Commit) {
      if (refuse !== undefined) throw refuse;
      commits.push(structuredClone({ ...commit }));
    },
    heal: () => refuse === undefined,
    problem: undefined,
    corrections: [],
  };
  const intake = new Intake({
    clock,
    log: memoryLog().log,
    boot: "boot-1",
    clockQuality: () => "synchronized",
    store,
    response: {
      step: (live) => ({ ...next, events: [], state: next.stateChanges, live, touched: new Set() }),
      checkpoint: () => ({ events: [], state: new Map() }),
      act: () => ({ ...next, events: [], state: next.stateChanges, live: [], touched: new Set() }),
      take: () => ({ ...next, events: [], state: next.stateChanges, live: [], touched: new Set() }),
      correct: () => ({ ...nothing, events: [], state: new Map(), live: [], touched: new Set() }),
    },
    process: (samples) => samples,
    latest: new LatestSamples(),
    health: { report: (part, problem) => reports.push([part, problem]) },
    flushEveryMs,
    seen: () => undefined,
    published: (what) => published.push(what),
  });
  return {
    clock,
    commits,
    published,
    reports,
    intake,
    refuseWith: (error: RackwatchError | undefined) => {
      refuse = error;
    },
    nextStep: (step: AlarmStep) => {
      next = step;
    },
  };
}

function sample(value: number): Sample {
  return { point: "cold/temperature", sampledAt: value, quality: "good", value };
}

describe("the intake", () => {
  let it: ReturnType<typeof setUp>;
  beforeEach(() => {
    it = setUp();
  });

  test("gathers samples until the flush is due, and nothing is published before the commit", async () => {
    it.intake.accept([sample(1)]);
    it.intake.accept([sample(2)]);
    expect(it.commits).toHaveLength(0);
    expect(it.published).toHaveLength(0);
    await it.clock.advance(10_000);
    it.intake.tick();
    expect(it.commits.map((c) => c.samples.length)).toEqual([2]);
    expect(it.published.map((p) => p.samples.length)).toEqual([2]);
  });

  test("commits an alarm transition at once, with the samples that wait and the state that belongs to it", () => {
    it.intake.accept([sample(1)]);
    it.nextStep({
      transitions: [raised],
      stateChanges: new Map([["alarm/warm", { n: 1 }]]),
      alarms: [warm],
    });
    it.intake.accept([sample(9)]);
    expect(it.commits).toHaveLength(1);
    expect(it.commits[0]?.samples).toHaveLength(2);
    expect(it.commits[0]?.events.map((e) => e.kind)).toEqual(["alarm"]);
    expect(it.commits[0]?.state.get("alarm/warm")).toEqual({ n: 1 });
    expect(it.published[0]?.alarms).toEqual([warm]);
  });

  test("commits when a flush is full before it is due", () => {
    it.intake.accept(Array.from({ length: pendingSamplesFlush }, (_, i) => sample(i)));
    expect(it.commits).toHaveLength(1);
  });

  test("writes nothing when nothing happened", async () => {
    await it.clock.advance(60_000);
    it.intake.tick();
    expect(it.commits).toHaveLength(0);
  });

  test("drives alarms on although the disk refuses, says so, and writes everything when it heals", async () => {
    it.refuseWith(new RackwatchError("store/full", "the disk is full"));
    it.nextStep({
      transitions: [raised],
      stateChanges: new Map([["alarm/warm", 1]]),
      alarms: [warm],
    });
    it.intake.accept([sample(9)]);
    expect(it.published).toEqual([{ samples: [], live: [], alarms: [warm], touched: new Set() }]);
    expect(it.reports[0]?.[1]?.code).toBe("store/full");
    it.nextStep(nothing);
    it.refuseWith(undefined);
    it.intake.tick();
    expect(it.commits).toHaveLength(0);
    await it.clock.advance(1_000);
    it.intake.tick();
    expect(it.commits[0]?.samples).toEqual([sample(9)]);
    expect(it.commits[0]?.events).toHaveLength(1);
    expect(it.commits[0]?.state.get("alarm/warm")).toBe(1);
    expect(it.reports.at(-1)).toEqual(["store", undefined]);
  });

  test("keeps a bounded number of samples while the disk refuses and records how many went", async () => {
    it.refuseWith(new RackwatchError("store/io", "broken"));
    const block = Array.from({ length: 5_000 }, (_, i) => sample(i));
    for (let i = 0; i < pendingSamplesMax / 5_000 + 1; i += 1) {
      it.intake.accept(block);
      await it.clock.advance(1_000);
    }
    it.refuseWith(undefined);
    await it.clock.advance(1_000);
    it.intake.tick();
    expect(it.commits[0]?.samples).toHaveLength(pendingSamplesMax);
    expect(it.commits[0]?.events[0]?.body).toMatchObject({ samples: 5_000 });
  });

  test("a step of the wall clock is on record, and rows before it keep their own offset", () => {
    it.intake.accept([sample(1)]);
    const before = it.clock.now();
    it.clock.setWall(before + 3_600_000);
    it.intake.accept([sample(2)]);
    expect(it.commits).toHaveLength(2);
    expect(it.commits[0]?.samples).toEqual([sample(1)]);
    expect(it.commits[1]?.events[0]).toMatchObject({
      kind: "clock",
      body: { steppedMs: 3_600_000 },
    });
    expect((it.commits[1]?.clock.offsetMs ?? 0) - (it.commits[0]?.clock.offsetMs ?? 0)).toBe(
      3_600_000,
    );
  });
});
