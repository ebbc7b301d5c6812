import { expect, test } from "vitest";
import { PushRig } from "../../tests/support/push-rig.ts";

const day = 86_400_000;
const receivers = {
  one: { sms: ["+8613800138000"], email: ["a@example.com"] },
  nobody: {},
};

function rigOf(clockSet = () => true) {
  return new PushRig({
    config: { notify: receivers, alarms: { testEvery: "30d" } },
    rules: [],
    clockSet,
    testTargets: ["output/stack/red"],
  });
}

function testOne(rig: PushRig): void {
  const follow = rig.desk.testReceiver("one", "alice", rig.instant);
  if (follow !== undefined) rig.take(follow);
}

test("a test goes to each address of a receiver as a test, and belongs to no alarm", () => {
  const rig = rigOf();
  testOne(rig);
  expect(
    rig.pushes.map(({ channel, kind, alarm, title }) => [channel, kind, alarm, title]),
  ).toEqual([
    ["sms", "test", undefined, "TEST from Depot"],
    ["email", "test", undefined, "TEST from Depot"],
  ]);
  expect(rig.pushes[0]?.text).toContain("alice");
});

test("quiet hours, floods and priorities do not hold a test back", () => {
  const quiet = {
    ...receivers.one,
    quiet: { during: "night", except: [] },
    priorities: ["critical"],
  };
  const rig = new PushRig({ config: { notify: { one: quiet } }, rules: [], isDuring: () => true });
  testOne(rig);
  expect(rig.pushes).toHaveLength(2);
});

test("the result of each address is on record with who tested and when, over a restart", () => {
  const rig = rigOf();
  testOne(rig);
  const at = rig.wall;
  const [sms, mail] = rig.pushes.map(({ id }) => id);
  rig.restart({ downMs: 1_000 });
  rig.settle([{ id: sms ?? "", state: "delivered", attempts: 1 }]);
  rig.settle([{ id: mail ?? "", state: "dead", attempts: 9, problem: "no such mailbox" }]);
  rig.restart();
  expect(rig.desk.tests.get("receiver/one")).toEqual({
    at,
    by: "alice",
    results: { "sms/0": "delivered", "email/0": "no such mailbox" },
  });
  const tested = rig.events.filter(({ what }) => what === "tested");
  expect(tested.map(({ target, result }) => `${target} ${result}`)).toEqual([
    "receiver/one/sms/0 delivered",
    "receiver/one/email/0 no such mailbox",
  ]);
});

test("the result of an older test does not count for a later one", () => {
  const rig = rigOf();
  testOne(rig);
  const older = rig.pushes[0]?.id ?? "";
  rig.advance(60_000);
  testOne(rig);
  rig.settle([{ id: older, state: "delivered", attempts: 1 }]);
  expect(rig.desk.tests.get("receiver/one")?.results["sms/0"]).toBe("waiting");
});

test("a receiver that is unknown or has no address cannot be tested", () => {
  const rig = rigOf();
  expect(rig.desk.testReceiver("nobody", "alice", rig.instant)).toBeUndefined();
  expect(rig.desk.testReceiver("other", "alice", rig.instant)).toBeUndefined();
});

test("what was not tested for testEvery is due; nothing is while the clock is not set", () => {
  const rig = rigOf();
  expect(rig.desk.testsDue(rig.instant)).toEqual(["receiver/one", "output/stack/red"]);
  testOne(rig);
  rig.take(rig.desk.noteTest("output/stack/red", "bob", "confirmed", rig.instant));
  rig.restart();
  expect(rig.desk.testsDue(rig.instant)).toEqual([]);
  rig.wall += 30 * day - 1;
  expect(rig.desk.testsDue(rig.instant)).toEqual([]);
  rig.wall += 1;
  expect(rig.desk.testsDue(rig.instant)).toEqual(["receiver/one", "output/stack/red"]);
  expect(rigOf(() => false).desk.testsDue(rig.instant)).toEqual([]);
});
