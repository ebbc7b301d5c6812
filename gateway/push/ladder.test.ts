import { expect, test } from "vitest";
import { PushRig } from "../../tests/support/push-rig.ts";

const minute = 60_000;
const person = { sms: ["+8613800138000"] };
const notify = { one: person, two: person, three: person };
const step = (after: string, receiver: string, more = {}) => ({
  after,
  notify: [receiver],
  ...more,
});
const three = { steps: [step("0s", "one"), step("10min", "two"), step("20min", "three")] };

function climb(ladder: object = three) {
  const rules = [{ id: "warm", escalate: "ladder" }];
  const rig = new PushRig({ config: { notify, escalation: { ladder } }, rules });
  rig.raise("warm");
  rig.commit();
  return rig;
}

function acknowledge(rig: PushRig) {
  rig.move("warm", "acknowledged", "acknowledged", {}, "alice");
  rig.commit();
}

test("without an acknowledgement each step of the ladder tells its receivers in its time", () => {
  const rig = climb();
  rig.advance(60 * minute);
  expect(rig.lines).toEqual(["0 one raised", "10 two escalated", "20 three escalated"]);
});

test("an acknowledgement after 12 min stops the third step", () => {
  const rig = climb();
  rig.advance(12 * minute);
  acknowledge(rig);
  rig.advance(60 * minute);
  expect(rig.lines).toEqual(["0 one raised", "10 two escalated"]);
});

test("an acknowledgement at 9:59 stops the second step", () => {
  const rig = climb();
  rig.advance(10 * minute - 1_000);
  acknowledge(rig);
  rig.advance(60 * minute);
  expect(rig.lines).toEqual(["0 one raised"]);
});

test("a step that was due when somebody acknowledged is told, late as the look at it was", () => {
  const rig = climb();
  rig.mono += 10 * minute;
  rig.wall += 10 * minute;
  acknowledge(rig);
  expect(rig.lines).toEqual(["0 one raised", "10 two escalated"]);
});

test("an alarm that returned unacknowledged climbs on, and those who were told hear of the return", () => {
  const rig = climb();
  rig.advance(5 * minute);
  rig.move("warm", "returned-unacknowledged", "returned");
  rig.commit();
  rig.advance(60 * minute);
  expect(rig.lines).toEqual([
    "0 one raised",
    "5 one returned",
    "10 two escalated",
    "20 three escalated",
  ]);
});

test("a ladder that ends at the return stops there", () => {
  const rig = climb({ ...three, onReturn: "stop" });
  rig.advance(5 * minute);
  rig.move("warm", "returned-unacknowledged", "returned");
  rig.commit();
  rig.advance(60 * minute);
  expect(rig.lines).toEqual(["0 one raised", "5 one returned"]);
});

test("a step that nothing stops is told though somebody acknowledged, but not after the return", () => {
  const steps = [
    step("0s", "one"),
    step("10min", "two"),
    step("20min", "three", { until: "never" }),
  ];
  const rig = climb({ steps });
  acknowledge(rig);
  rig.advance(30 * minute);
  expect(rig.lines).toEqual(["0 one raised", "20 three escalated"]);
  const other = climb({ steps });
  acknowledge(other);
  other.move("warm", "normal", "returned");
  other.commit();
  other.advance(30 * minute);
  expect(other.lines).toEqual(["0 one raised", "0 one returned"]);
});

test("those who were told are reminded while it is acknowledged and still active", () => {
  const rig = climb({ ...three, remindEvery: "30min" });
  rig.advance(12 * minute);
  acknowledge(rig);
  rig.advance(65 * minute);
  rig.move("warm", "normal", "returned");
  rig.commit();
  rig.advance(120 * minute);
  expect(rig.lines.slice(2)).toEqual([
    "42 one reminder",
    "42 two reminder",
    "72 one reminder",
    "72 two reminder",
    "77 one returned",
    "77 two returned",
  ]);
});

test.each([
  ["shelved", "unshelved"],
  ["shelved", "shelf-expired"],
  ["suppressed", "suppression-expired"],
  ["out-of-service", "return-to-service"],
] as const)(
  "an alarm that is %s stops climbing, and begins anew when %s and still active",
  (state, cause) => {
    const rig = climb();
    rig.advance(5 * minute);
    rig.move("warm", state, state);
    rig.commit();
    rig.advance(60 * minute);
    expect(rig.lines).toEqual(["0 one raised"]);
    rig.move("warm", "unacknowledged", cause);
    rig.commit();
    rig.advance(10 * minute);
    expect(rig.lines.slice(1)).toEqual(["65 one raised", "75 two escalated"]);
  },
);

test.each(["re-alarm", "priority-raised"] as const)("%s begins the ladder anew", (cause) => {
  const rig = climb();
  rig.advance(minute);
  acknowledge(rig);
  rig.advance(20 * minute);
  rig.move("warm", "unacknowledged", cause, { priority: "critical" });
  rig.commit();
  rig.advance(10 * minute);
  expect(rig.lines).toEqual(["0 one raised", "21 one raised", "31 two escalated"]);
  expect(rig.pushes.at(-1)?.priority).toBe("critical");
});

test("exactly those who were told of an alarm hear that it returned, once", () => {
  const rig = climb();
  rig.advance(5 * minute);
  rig.move("warm", "latched-unacknowledged", "returned");
  rig.commit();
  rig.move("warm", "latched-acknowledged", "acknowledged", {}, "alice");
  rig.commit();
  rig.move("warm", "normal", "reset", {}, "alice");
  rig.commit();
  rig.advance(60 * minute);
  expect(rig.lines).toEqual(["0 one raised", "5 one returned"]);
  expect([...rig.state.keys()].filter((key) => key.startsWith("escalation/"))).toEqual([]);
});

test("an alarm that returns behind its shelf is told as returned, and the end of the shelf is silent", () => {
  const rig = climb();
  rig.move("warm", "shelved", "shelved");
  rig.commit();
  rig.advance(minute);
  rig.move("warm", "shelved", "returned");
  rig.commit();
  rig.advance(minute);
  rig.move("warm", "normal", "shelf-expired");
  rig.commit();
  expect(rig.lines).toEqual(["0 one raised", "1 one returned"]);
});

test.each([
  ["rule-removed", "ended"],
  ["one-shot-over", "returned"],
] as const)("an alarm that is over by %s is told as %s", (cause, kind) => {
  const rig = climb();
  rig.move("warm", "shelved", "shelved");
  rig.move("warm", "normal", cause);
  rig.commit();
  expect(rig.lines).toEqual(["0 one raised", `0 one ${kind}`]);
});

test("receivers of the rule are told at once, whoever climbs besides; rules without either take the default", () => {
  const ladder = { steps: [step("0s", "one"), step("5min", "two")] };
  const rules = [
    { id: "both", escalate: "ladder", notify: ["one", "three"] },
    { id: "plain", notify: ["three"] },
    { id: "neither" },
  ];
  const config = { notify, escalation: { ladder }, alarms: { escalate: "ladder" } };
  const rig = new PushRig({ config, rules });
  for (const { id } of rules) rig.raise(id);
  rig.commit();
  rig.advance(10 * minute);
  const told = rig.told.map(({ atS, receiver, alarm }) => `${atS} ${alarm} ${receiver}`);
  expect(told.sort()).toEqual([
    "0 both#1 one",
    "0 both#1 three",
    "0 neither#1 one",
    "0 plain#1 three",
    "300 both#1 two",
    "300 neither#1 two",
  ]);
});

test("a rule for whom nobody is named tells nobody", () => {
  const rig = new PushRig({ config: { notify }, rules: [{ id: "warm" }] });
  rig.raise("warm");
  rig.commit();
  rig.advance(60 * minute);
  expect(rig.pushes).toEqual([]);
  expect(rig.state.size).toBe(1);
});
