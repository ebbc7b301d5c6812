import { expect, test } from "vitest";
import { rule, run } from "../../tests/support/alarm-rig.ts";
import type { Instant } from "../rules/rule.ts";
import type { TimeCorrection } from "../store/time-shift.ts";
import type { AlarmSystemParts } from "./alarm-system.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const trueOffset = Date.UTC(2026, 10, 20);

/** A clock that was never set: it began at 0 with the boot. */
const in1970 = (mono: number): Instant => ({ at: mono, mono });
const inTruth = (mono: number): Instant => ({ at: trueOffset + mono, mono });

function found(mono: number, wrongOffset = 0, boot = "b"): TimeCorrection {
  const clocks = [{ offsetMs: wrongOffset, fromMono: 0, throughMono: mono }];
  return { boot, mono, offsetMs: trueOffset, clocks };
}

const warm = [{ point: "a/temperature", sampledAt: 0, quality: "good", value: 9 }] as const;
const calm = [{ point: "a/temperature", sampledAt: 0, quality: "good", value: 5 }] as const;
const unset: Partial<AlarmSystemParts> = { instant: in1970(0), clockSynchronized: () => false };

test("an alarm of 1970 shows its true times as soon as the clock is set, and none of its timers moves", () => {
  const one = rule("a", { reAlarmMs: 10 * minuteMs, raise: { to: "critical", afterMs: dayMs } });
  const it = run([one], new Map(), unset);
  it.stepAt(in1970(minuteMs), warm);
  it.system.act("a", { do: "acknowledge", by: "Li" }, in1970(2 * minuteMs));
  const due = it.system.nextDue();
  const step = it.system.correct(found(3 * minuteMs), inTruth(3 * minuteMs));
  expect(step.transitions).toEqual([]);
  expect(step.alarms).toMatchObject([
    {
      state: "acknowledged",
      raisedAt: trueOffset + minuteMs,
      since: trueOffset + 2 * minuteMs,
      acknowledgedAt: trueOffset + 2 * minuteMs,
    },
  ]);
  expect(step.stateChanges.get("alarm/a")).toMatchObject({ raisedAt: trueOffset + minuteMs });
  expect(it.system.nextDue()).toBe(due);
  it.stepAt(inTruth(12 * minuteMs - 1), []);
  expect(it.alarm()?.state).toBe("acknowledged");
  it.stepAt(inTruth(12 * minuteMs), []);
  expect(it.alarm()?.state).toBe("unacknowledged");
});

test("a shelf ends when it was to end, and says so by the right clock", () => {
  const it = run([rule("a")], new Map(), unset);
  it.stepAt(in1970(minuteMs), warm);
  it.system.act("a", { do: "shelve", by: "Li", forMs: 30 * minuteMs }, in1970(2 * minuteMs));
  it.system.correct(found(5 * minuteMs), inTruth(5 * minuteMs));
  expect(it.alarm()?.shelved).toMatchObject({
    since: trueOffset + 2 * minuteMs,
    until: trueOffset + 32 * minuteMs,
  });
  it.stepAt(inTruth(32 * minuteMs - 1), []);
  expect(it.alarm()?.state).toBe("shelved");
  it.stepAt(inTruth(32 * minuteMs), []);
  expect(it.alarm()?.state).toBe("unacknowledged");
});

test("a power cut that raised an alarm and ended the boot: the time before it stays, though the next boot's clock says it again", () => {
  const before = run([rule("a")], new Map(), { instant: inTruth(0), boot: "before" });
  before.stepAt(inTruth(10_000), warm);
  // The machine wakes an hour later at the time of its last end.
  const asleep: Instant = { at: trueOffset + 5_000, mono: 0 };
  const after = run([rule("a"), rule("b")], before.disk, { ...unset, instant: asleep });
  const during = { at: trueOffset + 12_000, mono: 7_000 };
  after.stepAt(during, [{ point: "b/temperature", sampledAt: 0, quality: "good", value: 9 }]);
  const correction: TimeCorrection = {
    ...{ boot: "b", mono: 20_000, offsetMs: trueOffset + 3_600_000 },
    clocks: [{ offsetMs: trueOffset + 5_000, fromMono: 0, throughMono: 20_000 }],
  };
  after.system.correct(correction, { at: trueOffset + 3_620_000, mono: 20_000 });
  expect(after.alarm()).toMatchObject({ raisedAt: trueOffset + 10_000 });
  expect(after.alarm("b")).toMatchObject({ raisedAt: trueOffset + 3_607_000 });
});

test("the same after a restart of the program in between", () => {
  const disk = new Map<string, unknown>();
  run([rule("a")], disk, { instant: inTruth(0), boot: "before" }).stepAt(inTruth(10_000), warm);
  const asleep: Instant = { at: trueOffset + 5_000, mono: 0 };
  run([rule("a")], disk, { ...unset, instant: asleep }).stepAt({ ...asleep, mono: 1_000 }, calm);
  const again = run([rule("a")], disk, { ...unset, instant: { ...asleep, mono: 2_000 } });
  const correction = { ...found(20_000, trueOffset + 5_000), offsetMs: trueOffset + 3_600_000 };
  again.system.correct(correction, { at: trueOffset + 3_620_000, mono: 20_000 });
  expect(again.alarm()?.raisedAt).toBe(trueOffset + 10_000);
});

test("a program that died between the correction and the alarm's new times has them at its next start, once", () => {
  const disk = new Map<string, unknown>();
  // Two minutes behind: what is right already lies within the time that was wrong.
  const behind = trueOffset - 2 * minuteMs;
  const at = (mono: number): Instant => ({ at: behind + mono, mono });
  const first = run([rule("a")], disk, { ...unset, instant: at(0) });
  first.stepAt(at(minuteMs), warm);
  const corrections = [found(10 * minuteMs, behind)];
  const start = { instant: inTruth(11 * minuteMs), corrections };
  for (const mono of [11, 12]) {
    const next = run([rule("a")], disk, { ...start, instant: inTruth(mono * minuteMs) });
    next.stepAt(inTruth(mono * minuteMs), []);
    expect(next.alarm()?.raisedAt).toBe(trueOffset + minuteMs);
  }
});

test("what a right clock dated stays as it is", () => {
  const it = run([rule("a")], new Map(), { instant: inTruth(0) });
  it.stepAt(inTruth(minuteMs), warm);
  const clocks = [
    { offsetMs: trueOffset - dayMs, fromMono: 5 * minuteMs, throughMono: 6 * minuteMs },
  ];
  const correction = { boot: "b", mono: 6 * minuteMs, offsetMs: trueOffset, clocks };
  const step = it.system.correct(correction, inTruth(6 * minuteMs));
  expect(step.stateChanges.size).toBe(0);
  expect(it.alarm()?.raisedAt).toBe(trueOffset + minuteMs);
});
