import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Priority } from "../../config/schema/rule.ts";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import type { AlarmAction } from "./alarm.ts";
import { returnedAlarmsMax } from "./alarm-list.ts";
import { type AlarmSystemParts, createAlarmSystem } from "./alarm-system.ts";

function point(id: string): PointKey {
  return `${id}/temperature`;
}

function rule(id: string, priority: Priority = "medium", more: Partial<Rule> = {}): Rule {
  return {
    id,
    when: { is: "above", point: point(id), limit: 8, inclusive: false, deadband: 0 },
    onDelayMs: 0,
    offDelayMs: 0,
    priority,
    message: `${id} is too warm`,
    outputs: ["stack/red"],
    ...more,
  };
}

function moment(s: number): Instant {
  return { at: 1_700_000_000_000 + s * 1_000, mono: s * 1_000 };
}

function value(id: string, celsius: number): Sample {
  return { point: point(id), sampledAt: 0, quality: "good", value: celsius };
}

/** A system that writes what it says to be stored, as JSON, into `disk`. */
function run(
  rules: readonly Rule[],
  disk = new Map<string, unknown>(),
  more: Partial<AlarmSystemParts> = {},
) {
  const system = createAlarmSystem({
    rules,
    saved: new Map(disk),
    instant: moment(0),
    boot: "b",
    clockSynchronized: () => true,
    ...more,
  });
  const keep = (step: ReturnType<typeof system.step>) => {
    for (const [key, json] of step.stateChanges) {
      if (json === undefined) disk.delete(key);
      else disk.set(key, JSON.parse(JSON.stringify(json)));
    }
    return step;
  };
  return {
    disk,
    system,
    step: (s: number, ...samples: readonly Sample[]) => keep(system.step(samples, moment(s))),
    acknowledge: (s: number, id: string, comment?: string) =>
      keep(system.act(id, { do: "acknowledge", by: "Li Na", comment }, moment(s))),
    act: (s: number, target: string, action: AlarmAction) =>
      keep(system.act(target, action, moment(s))),
  };
}

describe("an alarm", () => {
  test("is raised with what, where and since when, and its transition says why", () => {
    const it = run([rule("a", "critical", { advise: "close the door", location: "cold-2" })]);
    const { transitions, alarms } = it.step(5, value("a", 9.5));
    expect(alarms).toEqual([
      {
        id: "a#1",
        rule: "a",
        state: "unacknowledged",
        active: true,
        acknowledged: false,
        latched: false,
        priority: "critical",
        message: "a is too warm",
        advise: "close the door",
        location: "cold-2",
        outputs: ["stack/red"],
        point: "a/temperature",
        value: 9.5,
        raisedAt: moment(5).at,
        since: moment(5).at,
      },
    ]);
    expect(transitions).toEqual([
      {
        alarm: "a#1",
        rule: "a",
        from: "normal",
        to: "unacknowledged",
        at: moment(5).at,
        cause: "violated",
        point: "a/temperature",
        value: 9.5,
        priority: "critical",
        message: "a is too warm",
      },
    ]);
  });

  test("keeps who acknowledged it and what they said; the next occurrence starts without", () => {
    const it = run([rule("a")]);
    it.step(0, value("a", 9));
    const { transitions } = it.acknowledge(1, "a#1", "door was open");
    expect(transitions).toMatchObject([
      { from: "unacknowledged", to: "acknowledged", by: "Li Na", comment: "door was open" },
    ]);
    it.step(2, value("a", 5));
    expect(it.system.list()[0]).toMatchObject({ state: "normal", acknowledgedBy: "Li Na" });
    const [next] = it.step(3, value("a", 9)).alarms;
    expect(next).toMatchObject({ id: "a#2", state: "unacknowledged" });
    expect(next).not.toHaveProperty("acknowledgedBy");
    expect(next).not.toHaveProperty("comment");
  });

  test("counts its occurrences on after a restart", () => {
    const it = run([rule("a")]);
    it.step(0, value("a", 9));
    it.step(1, value("a", 5));
    const after = run([rule("a")], it.disk);
    expect(after.step(2, value("a", 9)).transitions).toMatchObject([
      { alarm: "a#2", from: "returned-unacknowledged", to: "unacknowledged" },
    ]);
  });
});

describe("an acknowledgement is refused", () => {
  const caught = (action: () => unknown) => {
    try {
      action();
    } catch (error) {
      return error;
    }
    throw new Error("nothing was refused");
  };

  test("a second time, naming who was first, and nothing changes", () => {
    const it = run([rule("a")]);
    it.step(0, value("a", 9));
    it.acknowledge(1, "a#1");
    expect(caught(() => it.acknowledge(2, "a#1"))).toMatchObject({
      code: "alarm/not-allowed",
      message: "The alarm was already acknowledged by Li Na",
      where: "a#1",
    });
    expect(it.step(3).transitions).toEqual([]);
  });

  test("when the alarm is over, or was followed by a later one", () => {
    const it = run([rule("a")], new Map(), { language: "zh" });
    it.step(0, value("a", 9));
    it.acknowledge(1, "a#1");
    it.step(2, value("a", 5));
    expect(caught(() => it.acknowledge(3, "a#1"))).toMatchObject({
      code: "alarm/not-allowed",
      message: "该报警已结束且已确认",
    });
    it.step(4, value("a", 9));
    expect(caught(() => it.acknowledge(5, "a#1"))).toMatchObject({
      code: "alarm/not-allowed",
      todo: "请确认新的报警",
    });
  });

  test.for(["a#2", "a#0", "a#x", "b", "b#1", "", "#", "a#1.5"])(
    "when there is no alarm %j",
    (id) => {
      const it = run([rule("a")]);
      it.step(0, value("a", 9));
      expect(caught(() => it.acknowledge(1, id))).toMatchObject({ code: "alarm/unknown" });
    },
  );
});

describe("the list", () => {
  test("begins with what nobody has seen, by priority, the newest first", () => {
    const rules = [
      rule("over"),
      rule("seen", "critical"),
      rule("low", "low"),
      rule("older", "high"),
      rule("newer", "high"),
    ];
    const it = run(rules);
    for (const [s, { id }] of rules.entries()) it.step(s, value(id, 9));
    it.acknowledge(10, "over#1");
    it.step(11, value("over", 5));
    it.acknowledge(12, "seen#1");
    const ids = it.system.list().map((alarm) => alarm.rule);
    expect(ids).toEqual(["newer", "older", "low", "seen", "over"]);
  });

  test("ends with the last alarms that are over, and holds no more than its limit of them", () => {
    const rules = Array.from({ length: returnedAlarmsMax + 5 }, (_, n) => rule(`r${n}`));
    const it = run(rules);
    for (const [s, { id }] of rules.entries()) {
      it.step(s, value(id, 9));
      it.acknowledge(s, `${id}#1`);
      it.step(s, value(id, 5));
    }
    const ids = it.system.list().map((alarm) => alarm.rule);
    expect(ids.length).toBe(returnedAlarmsMax);
    expect(ids[0]).toBe(`r${returnedAlarmsMax + 4}`);
  });
});

describe("another configuration", () => {
  test("a rule that was removed takes its alarm along, on record, and leaves nothing behind", () => {
    const it = run([rule("a"), rule("b", "medium", { onDelayMs: 60_000 })]);
    it.step(0, value("a", 9), value("b", 9));
    expect([...it.disk.keys()].sort()).toEqual(["alarm/a", "rule/a", "rule/b"]);
    const after = run([rule("c")], it.disk);
    expect(after.system.list()).toEqual([]);
    const { transitions } = after.step(1);
    expect(transitions).toMatchObject([
      { alarm: "a#1", from: "unacknowledged", to: "normal", cause: "rule-removed" },
    ]);
    expect(after.disk.size).toBe(0);
    expect(after.step(2).transitions).toEqual([]);
  });

  test("a rule with another condition begins anew, on record", () => {
    const it = run([rule("a")]);
    it.step(0, value("a", 9));
    const when = { ...rule("a").when, limit: 8.5 } as Rule["when"];
    const after = run([rule("a", "medium", { when })], it.disk);
    expect(after.system.resumptions.get("a")).toBe("condition-changed");
    expect(after.step(1, value("a", 9)).transitions).toMatchObject([
      { alarm: "a#1", to: "normal", cause: "rule-removed" },
      { alarm: "a#2", to: "unacknowledged", cause: "violated" },
    ]);
  });

  test("another text, priority or output reaches an alarm that is active", () => {
    const it = run([rule("a")]);
    it.step(0, value("a", 9));
    const changed = rule("a", "critical", { message: "hot", outputs: ["stack/blue"] });
    const after = run([changed], it.disk);
    expect(after.system.list()).toMatchObject([
      { id: "a#1", priority: "critical", message: "hot", outputs: ["stack/blue"] },
    ]);
  });
});

describe("saved state", () => {
  test("a disk that refuses changes nothing of what is true", () => {
    const system = createAlarmSystem({
      rules: [rule("a")],
      saved: new Map(),
      instant: moment(0),
      boot: "b",
      clockSynchronized: () => true,
    });
    system.step([value("a", 9)], moment(0));
    const { alarms } = system.act("a#1", { do: "acknowledge", by: "Li Na" }, moment(1));
    expect(alarms).toMatchObject([{ state: "acknowledged" }]);
  });

  test("an alarm without its rule's state stays active until a value says otherwise", () => {
    const it = run([rule("a")]);
    it.step(0, value("a", 9));
    it.disk.delete("rule/a");
    const after = run([rule("a")], it.disk);
    expect(after.step(1, value("a", 9)).transitions).toEqual([]);
    expect(after.step(2, value("a", 5)).transitions).toMatchObject([{ cause: "returned" }]);
  });

  test("a rule's state without its alarm raises the alarm anew", () => {
    const it = run([rule("a")]);
    it.step(0, value("a", 9));
    it.disk.set("alarm/a", { version: 1, state: "acknowledged" });
    const after = run([rule("a")], it.disk);
    expect(after.step(1, value("a", 9)).transitions).toMatchObject([{ to: "unacknowledged" }]);
  });

  test("no JSON whatever makes the start fail", () => {
    const key = fc.constantFrom("alarm/a", "rule/a", "alarm/gone", "rule/gone", "alarm/", "user/x");
    const property = fc.property(fc.array(fc.tuple(key, fc.jsonValue())), (entries) => {
      const it = run([rule("a")], new Map(entries));
      expect(it.step(1, value("a", 9)).alarms).toMatchObject([{ state: "unacknowledged" }]);
    });
    fc.assert(property);
  });
});

test("kept or restarted, the same samples and acknowledgements give the same alarms", () => {
  const rules = [rule("a", "high", { onDelayMs: 2_500 }), rule("b", "low", { offDelayMs: 1_500 })];
  const action = fc.oneof(
    fc.record({ id: fc.constantFrom("a", "b"), celsius: fc.constantFrom(7, 8.5) }),
    fc.constant("acknowledge" as const),
    fc.constant("restart" as const),
  );
  const property = fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
    const seen = [false, true].map((restarts) => {
      let it = run(rules);
      const all: unknown[] = [];
      // After a restart the value is the first that violated, not the last.
      const note = ({ transitions }: ReturnType<typeof it.step>) => {
        for (const { value: celsius, ...rest } of transitions) all.push([rest, typeof celsius]);
      };
      for (const [s, what] of actions.entries()) {
        for (let due = it.system.nextDue(); due !== undefined && due <= s * 1_000; ) {
          note(it.step(due / 1_000));
          due = it.system.nextDue();
        }
        if (what === "restart") {
          if (restarts) it = run(rules, it.disk, { instant: moment(s) });
        } else if (what !== "acknowledge") {
          note(it.step(s, value(what.id, what.celsius)));
        } else {
          const [first] = it.system.list();
          const waits =
            first?.state === "unacknowledged" || first?.state === "returned-unacknowledged";
          if (waits) note(it.acknowledge(s, first.id));
        }
      }
      return all;
    });
    expect(seen[1]).toEqual(seen[0]);
  });
  fc.assert(property, { numRuns: 300 });
});
