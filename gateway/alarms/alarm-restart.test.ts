import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RackwatchError } from "../../drivers/errors.ts";
import { moment, rule, run } from "../../tests/support/alarm-rig.ts";
import type { Rule } from "../rules/rule.ts";
import type { AlarmAction } from "./alarm.ts";
import type { AlarmStep } from "./alarm-system.ts";

const by = "Li Na";

describe("another boot", () => {
  const rules = [
    rule("shelved"),
    rule("acked", { reAlarmMs: 600_000 }),
    rule("latched", { latch: true }),
    rule("service"),
  ];

  /** Everything put aside at 10 s, saved last at 100 s by a sample that raises `shelved` anew. */
  function saved(synchronized: boolean) {
    const it = run(rules, new Map(), { clockSynchronized: () => synchronized });
    it.step(0, ["shelved", 9], ["acked", 9], ["latched", 9], ["service", 9]);
    it.act(10, "shelved", { do: "shelve", by, forMs: 300_000 });
    it.act(10, "acked", { do: "acknowledge", by });
    it.act(10, "service", { do: "out-of-service", by, reason: "calibration" });
    it.step(20, ["latched", 5]);
    it.step(90, ["shelved", 5]);
    it.step(100, ["shelved", 9]);
    return it.disk;
  }

  /** The machine was down for two minutes; its monotonic clock begins at 7 s. */
  const up = { instant: { at: moment(220).at, mono: 7_000 }, boot: "b2" };

  test("finds every state as it was, and says nothing about it", () => {
    const it = run(rules, saved(true), up);
    expect(it.stepAt(up.instant, []).transitions).toEqual([]);
    const states = Object.fromEntries(it.system.list().map((alarm) => [alarm.rule, alarm.state]));
    expect(states).toEqual({
      latched: "latched-unacknowledged",
      acked: "acknowledged",
      shelved: "shelved",
      service: "out-of-service",
    });
    expect(it.alarm("shelved")).toMatchObject({ id: "shelved#2", active: true });
  });

  test("counts the downtime where the wall clock can be believed", () => {
    const it = run(rules, saved(true), up);
    expect(it.alarm("shelved")?.shelved?.until).toBe(moment(310).at);
    expect(it.system.nextDue()).toBe(7_000 + 90_000);
    const step = it.stepAt({ at: moment(310).at, mono: 97_000 }, []);
    expect(step.transitions).toMatchObject([{ alarm: "shelved#2", cause: "shelf-expired" }]);
    expect(it.system.nextDue()).toBe(7_000 + 390_000);
  });

  test.for([
    ["was not set before", false, true, 220],
    ["is not set after", true, false, -1_700_000_000],
    ["is set, but runs behind what is on record", true, true, -3_600],
  ] as const)(
    "a wall clock that %s ends no shelf: the rest of it begins again",
    ([_, wasSet, isSet, wallS]) => {
      const instant = { at: moment(wallS).at, mono: 7_000 };
      const start = { instant, boot: "b2", clockSynchronized: () => isSet };
      const it = run(rules, saved(wasSet), start);
      expect(it.system.nextDue()).toBe(7_000 + 210_000);
      expect(it.alarm("shelved")?.shelved?.until).toBe(moment(wallS + 210).at);
    },
  );

  test("is one boot: a process that starts again in it loses no second", () => {
    const second = run(rules, saved(false), up);
    second.stepAt({ at: moment(221).at, mono: 8_000 }, []);
    const instant = { at: moment(240).at, mono: 27_000 };
    const again = run(rules, second.disk, { instant, boot: "b2" });
    expect(again.system.nextDue()).toBe(7_000 + 210_000);
  });

  test("a third one begins where the second left off", () => {
    const second = run(rules, saved(false), up);
    second.stepAt({ at: moment(240).at, mono: 27_000 }, []);
    const third = run(rules, second.disk, { instant: { at: 5, mono: 1_000 }, boot: "b3" });
    expect(third.system.nextDue()).toBe(1_000 + 210_000);
  });
});

test("a database of version 1 is read, and its timers begin", () => {
  const row = {
    version: 1,
    occurrence: 4,
    state: "acknowledged",
    priority: "medium",
    message: "a is too warm",
    point: "a/temperature",
    value: 9,
    raisedAt: 1,
    since: 2,
    acknowledgedBy: by,
  };
  const disk = new Map<string, unknown>([["alarm/a", row]]);
  const it = run([rule("a", { reAlarmMs: 60_000 })], disk, { instant: moment(100) });
  expect(it.alarm()).toMatchObject({ id: "a#4", state: "acknowledged", acknowledgedBy: by });
  expect(it.step(101, ["a", 9]).transitions).toEqual([]);
  expect(it.system.nextDue()).toBe(160_000);
});

test("a rule that is gone takes shelf and alarm along, on record", () => {
  const it = run([rule("a"), rule("b")]);
  it.act(1, "a", { do: "shelve", by });
  const after = run([rule("b")], it.disk);
  expect(after.step(2).transitions).toMatchObject([
    { alarm: "a#0", from: "shelved", to: "normal", cause: "rule-removed" },
  ]);
  expect(after.disk.size).toBe(0);
});

test("another limit ends the alarm behind a shelf, not the shelf", () => {
  const it = run([rule("a")]);
  it.step(0, ["a", 9]);
  it.act(1, "a", { do: "shelve", by });
  const when = { ...rule("a").when, limit: 8.5 } as Rule["when"];
  const after = run([rule("a", { when })], it.disk, { instant: moment(2) });
  expect(after.step(3).transitions).toMatchObject([{ from: "shelved", cause: "one-shot-over" }]);
  const timed = run([rule("a")]);
  timed.step(0, ["a", 9]);
  timed.act(1, "a", { do: "shelve", by, forMs: 60_000 });
  const later = run([rule("a", { when })], timed.disk, { instant: moment(2) });
  expect(later.step(3).transitions).toMatchObject([{ from: "shelved", to: "shelved" }]);
  expect(later.alarm()).toMatchObject({ state: "shelved", active: false });
});

const rules = [
  rule("a", {
    onDelayMs: 2_500,
    reAlarmMs: 3_000,
    reAlarmMax: 2,
    raise: { to: "critical", afterMs: 7_000 },
  }),
  rule("b", { offDelayMs: 1_500, latch: true, shelveMsMax: 6_000, suppressMsMax: 4_000 }),
  rule("c", { autoAcknowledge: true, wantsReason: true }),
];

const actions: readonly AlarmAction[] = [
  { do: "acknowledge", by, comment: "seen" },
  { do: "acknowledge", by },
  { do: "reset", by },
  { do: "shelve", by, reason: "x", forMs: 2_000 },
  { do: "shelve", by, reason: "x" },
  { do: "unshelve", by },
  { do: "suppress", by },
  { do: "unsuppress", by },
  { do: "out-of-service", by, reason: "x" },
  { do: "return-to-service", by },
];

test("kept, restarted or booted again, the same samples and actions give the same alarms", () => {
  const id = fc.constantFrom("a", "b", "c");
  const happening = fc.oneof(
    fc.record({ id, celsius: fc.constantFrom(7, 8.5) }),
    fc.record({ id, action: fc.constantFrom(...actions) }),
    fc.constant("restart" as const),
  );
  const property = fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
    const [kept, restarted] = [false, true].map((restarts) => {
      let it = run(rules);
      const all: unknown[] = [];
      // After a restart the value is the first that violated, not the last.
      const note = ({ transitions }: AlarmStep) => {
        for (const { value, ...rest } of transitions) all.push([rest, typeof value]);
      };
      for (const [s, what] of happenings.entries()) {
        for (let due = it.system.nextDue(); due !== undefined && due <= s * 1_000; ) {
          note(it.step(due / 1_000));
          due = it.system.nextDue();
        }
        if (what === "restart") {
          if (restarts) it = run(rules, it.disk, { instant: moment(s) });
        } else if ("celsius" in what) note(it.step(s, [what.id, what.celsius]));
        else {
          try {
            note(it.act(s, what.id, what.action));
          } catch (error) {
            all.push(error instanceof RackwatchError ? error.message : error);
          }
        }
        for (const { active, acknowledged, state } of it.system.list()) {
          if (active && !acknowledged) {
            expect(["unacknowledged", "suppressed", "out-of-service"]).toContain(state);
          }
        }
      }
      // Until the next sample nothing is known of the point.
      return { all, list: it.system.list().map(({ value, held, ...alarm }) => alarm) };
    });
    expect(restarted).toEqual(kept);
  });
  fc.assert(property, { numRuns: 300 });
});
