import { describe, expect, test } from "vitest";
import { caught, moment, rule, run } from "../../tests/support/alarm-rig.ts";

const hour = 3_600_000;
const by = "Li Na";

describe("a shelf", () => {
  test("says who, why and until when, and counts as acknowledged", () => {
    const it = run([rule("a")]);
    it.step(0, ["a", 9]);
    const { transitions } = it.act(5, "a#1", {
      do: "shelve",
      by,
      reason: "fan changed",
      forMs: 60_000,
    });
    expect(transitions).toMatchObject([
      { alarm: "a#1", from: "unacknowledged", to: "shelved", cause: "shelved", by },
    ]);
    expect(transitions[0]?.comment).toBe("fan changed");
    expect(it.alarm()).toMatchObject({
      state: "shelved",
      active: true,
      acknowledged: true,
      acknowledgedBy: by,
      acknowledgedAt: moment(5).at,
      since: moment(5).at,
      shelved: {
        by,
        reason: "fan changed",
        since: moment(5).at,
        until: moment(65).at,
        oneShot: false,
      },
    });
    expect(it.system.nextDue()).toBe(65_000);
  });

  test("ends into an alarm that nobody has seen", () => {
    const it = run([rule("a")]);
    it.step(0, ["a", 9]);
    it.act(5, "a", { do: "shelve", by, forMs: 60_000 });
    expect(it.step(65).transitions).toMatchObject([
      { from: "shelved", to: "unacknowledged", cause: "shelf-expired" },
    ]);
    expect(it.alarm()).not.toHaveProperty("shelved");
    expect(it.alarm()).not.toHaveProperty("acknowledgedBy");
    expect(it.alarm()).toMatchObject({ id: "a#1", acknowledged: false });
  });

  test("ends before a sample of the same instant counts", () => {
    const it = run([rule("a")]);
    it.step(0, ["a", 9]);
    it.act(5, "a", { do: "shelve", by, forMs: 60_000 });
    const causes = it.step(65, ["a", 5]).transitions.map(({ cause, to }) => `${cause} ${to}`);
    expect(causes).toEqual(["shelf-expired unacknowledged", "returned returned-unacknowledged"]);
  });

  test.for([
    [undefined, 8 * hour, "alarm/shelf-too-long"],
    [hour, hour, "alarm/shelf-too-long"],
  ] as const)("is no longer than its rule allows (%s)", ([shelveMsMax, longest, code]) => {
    const it = run([rule("a", shelveMsMax === undefined ? {} : { shelveMsMax })]);
    const error = caught(() => it.act(1, "a", { do: "shelve", by, forMs: longest + 1 }));
    expect(error).toMatchObject({ code, where: "a#0" });
    expect(error.message).toContain(`${longest / 60_000} min`);
    expect(it.alarm()).toBeUndefined();
    it.act(1, "a", { do: "shelve", by, forMs: longest });
    expect(it.system.nextDue()).toBe(1_000 + longest);
  });

  test.for([0, -1, Number.NaN])("of %d ms is refused", (forMs) => {
    const it = run([rule("a")]);
    const error = caught(() => it.act(1, "a", { do: "shelve", by, forMs }));
    expect(error.code).toBe("alarm/not-allowed");
  });

  test("of a rule that was never raised is listed, and leaves nothing behind", () => {
    const it = run([rule("a")]);
    it.act(1, "a", { do: "shelve", by });
    expect(it.alarm()).toMatchObject({ id: "a#0", state: "shelved", active: false });
    expect(it.alarm()?.shelved?.oneShot).toBe(true);
    it.act(2, "a#0", { do: "unshelve", by });
    expect(it.system.list()).toEqual([]);
    expect(it.disk.size).toBe(0);
  });
});

describe("a reason", () => {
  const strict = rule("a", { wantsReason: true });

  test.for([undefined, "", "  "])("is wanted, and %j is none", (comment) => {
    const it = run([strict], new Map(), { language: "zh" });
    it.step(0, ["a", 9]);
    const error = caught(() => it.act(1, "a#1", { do: "acknowledge", by, comment }));
    expect(error).toMatchObject({ code: "alarm/reason-required", where: "a#1" });
    expect(error.message).toBe("该报警需要说明原因");
    expect(it.step(2).transitions).toEqual([]);
    expect(it.alarm()?.state).toBe("unacknowledged");
  });

  test("is kept with the alarm, and goes with the acknowledgement", () => {
    const it = run([strict]);
    it.step(0, ["a", 9]);
    it.act(1, "a#1", { do: "acknowledge", by, comment: "door open" });
    expect(it.alarm()).toMatchObject({ comment: "door open", acknowledgedAt: moment(1).at });
    it.act(2, "a#1", { do: "shelve", by: "Wang", reason: "waiting for the fan", forMs: 9_000 });
    expect(it.alarm()).toMatchObject({ acknowledgedBy: by, comment: "door open" });
    it.step(11);
    expect(it.alarm()).not.toHaveProperty("comment");
  });

  test("is always wanted to take an alarm out of service", () => {
    const it = run([rule("a")]);
    const act = (reason: string) => it.act(1, "a", { do: "out-of-service", by, reason });
    expect(caught(() => act(" ")).code).toBe("alarm/reason-required");
    act("calibration");
    expect(it.alarm()?.outOfService).toEqual({ by, reason: "calibration", since: moment(1).at });
  });
});

describe("what is refused", () => {
  test("says what to do instead, and names the alarm", () => {
    const it = run([rule("a", { latch: true })]);
    it.step(0, ["a", 9]);
    const error = caught(() => it.act(1, "a", { do: "reset", by }));
    expect(error).toMatchObject({
      code: "alarm/not-allowed",
      message: "The alarm is still active and cannot be reset",
      todo: "Reset it when the value is back",
      where: "a#1",
    });
    it.act(2, "a", { do: "out-of-service", by, reason: "x" });
    const put = caught(() => it.act(3, "a", { do: "acknowledge", by }));
    expect(put.todo).toBe("Return it to service first");
  });

  test("an acknowledgement of an alarm that has returned is none of it, until that is acknowledged", () => {
    const it = run([rule("a")]);
    it.step(0, ["a", 9]);
    it.step(1, ["a", 5]);
    expect(it.alarm()?.state).toBe("returned-unacknowledged");
    expect(it.act(2, "a#1", { do: "acknowledge", by }).transitions).toMatchObject([
      { to: "normal", by },
    ]);
    const error = caught(() => it.act(3, "a#1", { do: "acknowledge", by }));
    expect(error.message).toBe("The alarm is over and acknowledged");
  });

  test("a rule that never raised an alarm has nothing to acknowledge; another one is unknown", () => {
    const it = run([rule("a")]);
    expect(caught(() => it.act(1, "a", { do: "acknowledge", by })).code).toBe("alarm/not-allowed");
    expect(caught(() => it.act(1, "b", { do: "acknowledge", by })).code).toBe("alarm/unknown");
    expect(it.disk.size).toBe(0);
  });

  test("what a timer did just before comes with the next step", () => {
    const it = run([rule("a", { onDelayMs: 5_000 })]);
    it.step(0, ["a", 9]);
    caught(() => it.act(6, "a", { do: "unshelve", by }));
    const { transitions } = it.step(7);
    expect(transitions).toMatchObject([{ to: "unacknowledged", cause: "violated" }]);
    expect([...it.disk.keys()].sort()).toEqual(["alarm/a", "rule/a"]);
  });
});

describe("a priority that rises", () => {
  const rising = rule("a", { raise: { to: "critical", afterMs: 60_000 } });

  test("is on record while nobody has acknowledged", () => {
    const it = run([rising]);
    it.step(0, ["a", 9]);
    expect(it.step(60).transitions).toMatchObject([
      {
        from: "unacknowledged",
        to: "unacknowledged",
        cause: "priority-raised",
        priority: "critical",
      },
    ]);
    expect(it.alarm()).toMatchObject({ priority: "critical", since: moment(0).at });
    expect(it.alarm()).not.toHaveProperty("reAlarms");
  });

  test("calls again, once, survives a restart, and is over with the occurrence", () => {
    const it = run([rising]);
    it.step(0, ["a", 9]);
    it.act(5, "a", { do: "acknowledge", by });
    expect(it.step(60).transitions).toMatchObject([{ to: "unacknowledged", priority: "critical" }]);
    const after = run([rising], it.disk, { instant: moment(70) });
    expect(after.alarm()).toMatchObject({ priority: "critical", reAlarms: 1 });
    expect(after.system.nextDue()).toBeUndefined();
    after.step(80, ["a", 5]);
    after.step(90, ["a", 9]);
    expect(after.alarm()).toMatchObject({ id: "a#2", priority: "medium" });
  });

  test("rises behind a shelf too, so that the end of the shelf calls with it", () => {
    const it = run([rising]);
    it.step(0, ["a", 9]);
    it.act(5, "a", { do: "shelve", by, forMs: 70_000 });
    expect(it.step(60).transitions).toMatchObject([{ from: "shelved", to: "shelved" }]);
    expect(it.step(75).transitions).toMatchObject([{ to: "unacknowledged", priority: "critical" }]);
  });

  test("never falls", () => {
    const it = run([rule("a", { priority: "critical", raise: { to: "low", afterMs: 60_000 } })]);
    it.step(0, ["a", 9]);
    expect(it.system.nextDue()).toBeUndefined();
  });
});

describe("one alarm explains another", () => {
  const rules = [rule("mains"), rule("a", { inhibitedBy: ["mains"] })];

  test("as long as it is active and in service", () => {
    const it = run(rules);
    it.step(0, ["a", 9]);
    expect(it.alarm()?.inhibited).toBeUndefined();
    const [first] = it.step(1, ["mains", 9]).alarms.filter(({ inhibited }) => inhibited === true);
    expect(first?.rule).toBe("a");
    it.act(2, "mains", { do: "shelve", by });
    expect(it.alarm()?.inhibited).toBe(true);
    it.act(3, "mains", { do: "out-of-service", by, reason: "test" });
    expect(it.alarm()?.inhibited).toBeUndefined();
    it.act(4, "mains", { do: "return-to-service", by });
    it.step(5, ["mains", 5]);
    expect(it.alarm()?.inhibited).toBeUndefined();
  });
});

test("what is put aside stands behind what is live, before what is over", () => {
  const it = run([rule("shelved"), rule("over"), rule("latched", { latch: true }), rule("live")]);
  it.step(0, ["shelved", 9], ["over", 9], ["latched", 9], ["live", 9]);
  it.act(1, "shelved", { do: "shelve", by });
  it.act(1, "over", { do: "acknowledge", by });
  it.step(2, ["over", 5], ["latched", 5]);
  const ids = it.system.list().map(({ rule: id }) => id);
  expect(ids).toEqual(["live", "latched", "shelved", "over"]);
});

describe("suppressed by design", () => {
  const when = { is: "equal", point: "a/defrost", value: true } as const;
  const defrosting = rule("a", { suppressWhile: when, suppressMsMax: 600_000 });
  const defrost = (value: boolean) =>
    [{ point: "a/defrost", sampledAt: 0, quality: "good", value }] as const;

  test("is by no person, and calls when the defrost is over and it is still too warm", () => {
    const it = run([defrosting]);
    expect(it.stepAt(moment(0), defrost(true)).transitions).toMatchObject([
      { alarm: "a#0", from: "normal", to: "suppressed", cause: "suppressed" },
    ]);
    it.step(60, ["a", 9]);
    expect(it.alarm()).toMatchObject({ id: "a#1", state: "suppressed", active: true });
    expect(it.alarm()?.suppressed).toEqual({ since: moment(0).at });
    expect(it.stepAt(moment(120), defrost(false)).transitions).toMatchObject([
      { from: "suppressed", to: "unacknowledged", cause: "unsuppressed" },
    ]);
  });

  test("for too long ends, and stays ended through a restart until the next defrost", () => {
    const it = run([defrosting]);
    it.stepAt(moment(0), defrost(true));
    it.step(60, ["a", 9]);
    expect(it.step(600).transitions).toMatchObject([{ cause: "suppression-expired" }]);
    const after = run([defrosting], it.disk, { instant: moment(610) });
    expect(after.stepAt(moment(620), defrost(true)).transitions).toEqual([]);
    after.stepAt(moment(630), defrost(false));
    expect(after.alarm()?.state).toBe("unacknowledged");
    expect(after.stepAt(moment(640), defrost(true)).transitions).toMatchObject([
      { to: "suppressed" },
    ]);
  });

  test("ends after a restart as it would have without", () => {
    const it = run([defrosting]);
    it.stepAt(moment(0), defrost(true));
    const after = run([defrosting], it.disk, { instant: moment(10) });
    expect(after.stepAt(moment(20), defrost(true)).transitions).toEqual([]);
    expect(after.stepAt(moment(30), defrost(false)).transitions).toMatchObject([
      { from: "suppressed", to: "normal" },
    ]);
    expect(after.system.list()).toEqual([]);
  });

  test("is over when the rule knows it no more", () => {
    const it = run([defrosting]);
    it.step(0, ["a", 9]);
    it.stepAt(moment(1), defrost(true));
    const after = run([rule("a")], it.disk, { instant: moment(10) });
    expect(after.step(11).transitions).toMatchObject([{ to: "unacknowledged" }]);
  });

  test("does not end what a person has suppressed", () => {
    const it = run([defrosting]);
    it.step(0, ["a", 9]);
    it.act(1, "a", { do: "suppress", by, reason: "washing" });
    it.stepAt(moment(2), defrost(true));
    expect(it.stepAt(moment(3), defrost(false)).transitions).toEqual([]);
    expect(it.alarm()?.suppressed).toEqual({ since: moment(1).at, by, reason: "washing" });
  });
});

test("an alarm whose point has no good value at present is held, not normal", () => {
  const it = run([rule("a")], new Map(), { staleAfterMs: () => 60_000 });
  it.step(0, ["a", 9]);
  expect(it.alarm()?.held).toBeUndefined();
  it.step(61);
  expect(it.alarm()).toMatchObject({ state: "unacknowledged", active: true, held: true });
  it.step(62, ["a", 9]);
  expect(it.alarm()?.held).toBeUndefined();
});

test("a total without a window begins anew when its alarm is acknowledged", () => {
  const warm = {
    is: "above",
    point: "a/temperature",
    limit: 8,
    inclusive: false,
    deadband: 0,
  } as const;
  const it = run([rule("a", { when: { is: "total", part: warm, totalMs: 60_000 } })]);
  it.step(0, ["a", 9]);
  expect(it.step(60).transitions).toMatchObject([{ to: "unacknowledged" }]);
  it.step(70, ["a", 5]);
  expect(it.step(80).alarms).toMatchObject([{ state: "unacknowledged" }]);
  const causes = it.act(90, "a", { do: "acknowledge", by }).transitions.map(({ cause }) => cause);
  expect(causes).toEqual(["acknowledged", "returned"]);
});
