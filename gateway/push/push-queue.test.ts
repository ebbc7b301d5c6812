import { expect, test } from "vitest";
import { PushRig } from "../../tests/support/push-rig.ts";
import { deadLettersMax } from "./dead-letters.ts";
import { Draft } from "./draft.ts";
import type { Push } from "./push.ts";
import {
  PushQueue,
  pushesCriticalMax,
  pushesWaitingMax,
  uncollectedGraceMs,
} from "./push-queue.ts";

const minute = 60_000;
const instant = { at: 1_800_000_000_000, mono: 1_000 };

function letter(more: Partial<Push> = {}): Omit<Push, "id" | "version"> {
  return {
    receiver: "one",
    channel: "sms",
    address: 0,
    kind: "raised",
    alarm: "warm#1",
    priority: "low",
    language: "en",
    short: "s",
    title: "t",
    text: "x",
    fields: {},
    createdAt: instant.at,
    ttlMs: 1_000,
    ...more,
  };
}

const both = { sms: ["+8613800138000", "+8613800138001"], email: ["a@example.com"] };
const ladder = {
  steps: [
    { after: "0s", notify: ["one"] },
    { after: "10min", notify: ["two"] },
    { after: "25min", notify: ["three"] },
  ],
};

function criticalRig(more: object = {}) {
  const rig = new PushRig({
    config: { notify: { one: both, two: both, three: both }, escalation: { ladder } },
    rules: [{ id: "warm", priority: "critical", escalate: "ladder", ...more }],
  });
  rig.raise("warm");
  rig.commit();
  return rig;
}

test("each address of each channel has a push of its own, and one that is delivered cancels no other", () => {
  const rig = criticalRig();
  const ways = rig.pushes.map(({ channel, address }) => `${channel}/${address}`);
  expect(ways).toEqual(["sms/0", "sms/1", "email/0"]);
  const [first] = rig.pushes;
  rig.wall += 5_000;
  rig.settle([{ id: first?.id ?? "", state: "delivered", attempts: 2 }]);
  expect(rig.desk.waiting().map(({ channel, address }) => `${channel}/${address}`)).toEqual([
    "sms/1",
    "email/0",
  ]);
  expect(rig.state.has("push/000000000001")).toBe(false);
  expect(rig.events.at(-1)).toEqual({
    what: "delivered",
    push: first?.id,
    receiver: "one",
    channel: "sms",
    address: 0,
    kind: "raised",
    alarm: "warm#1",
    attempts: 2,
    delayMs: 5_000,
  });
  const before = rig.events.length;
  rig.settle([{ id: first?.id ?? "", state: "delivered", attempts: 2 }]);
  rig.settle([{ id: "unknown", state: "dead", attempts: 1 }]);
  expect(rig.events).toHaveLength(before);
});

test("a push that was given up leaves the queue and stays visible, over a restart too", () => {
  const rig = criticalRig();
  const id = rig.pushes[0]?.id ?? "";
  rig.settle([{ id, state: "dead", attempts: 7, problem: "number refused" }]);
  rig.restart();
  expect(rig.desk.dead()).toMatchObject([
    { id, receiver: "one", channel: "sms", attempts: 7, problem: "number refused" },
  ]);
  expect(rig.desk.waiting()).toHaveLength(2);
});

test("only the last dead letters are kept, the newest first, in as many keys", () => {
  const saved = new Map<string, unknown>();
  const queue = new PushQueue(saved, instant);
  const draft = new Draft();
  for (let index = 0; index < deadLettersMax + 20; index += 1) {
    const { id } = queue.add(letter({ short: `${index}` }), instant, draft);
    queue.settle([{ id, state: "dead", attempts: 1, at: 0, problem: "no" }], instant, draft);
  }
  const state = [...draft.follow().state].filter(([key]) => key.startsWith("dead-push/"));
  expect(state).toHaveLength(deadLettersMax);
  const again = new PushQueue(new Map(state), instant).dead();
  expect(again).toHaveLength(deadLettersMax);
  expect(again[0]?.short).toBe(`${deadLettersMax + 19}`);
  expect(again).toEqual(queue.dead());
});

test("a critical alarm whose receiver cannot be reached climbs at once, the later steps as far apart as before", () => {
  const rig = criticalRig();
  rig.advance(2 * minute);
  const [sms0, sms1, mail] = rig.pushes.map(({ id }) => id);
  rig.settle([{ id: sms0 ?? "", state: "dead", attempts: 1, problem: "refused" }]);
  rig.settle([{ id: sms1 ?? "", state: "waiting", attempts: 2, problem: "no network" }]);
  rig.settle([{ id: mail ?? "", state: "dead", attempts: 4, problem: "refused" }]);
  expect(rig.lines).toEqual(["0 one raised"]);
  rig.settle([{ id: sms1 ?? "", state: "waiting", attempts: 3, problem: "no network" }]);
  rig.advance(0);
  expect(rig.lines).toEqual(["0 one raised", "2 two escalated"]);
  expect(rig.events).toContainEqual({
    what: "unreachable",
    alarm: "warm#1",
    receivers: ["one"],
    problem: "no network",
  });
  rig.advance(60 * minute);
  expect(rig.lines.slice(2)).toEqual(["17 three escalated"]);
});

test("a receiver that one message has reached is not unreachable, nor does a lesser alarm climb early", () => {
  const rig = criticalRig();
  const lesser = criticalRig({ priority: "high" });
  const [sms0, ...others] = rig.pushes.map(({ id }) => id);
  rig.settle([{ id: sms0 ?? "", state: "delivered", attempts: 1 }]);
  for (const id of others) rig.settle([{ id, state: "dead", attempts: 1 }]);
  lesser.settle(lesser.pushes.map(({ id }) => ({ id, state: "dead", attempts: 1 })));
  for (const each of [rig, lesser]) {
    each.advance(9 * minute);
    expect(each.lines).toEqual(["0 one raised"]);
  }
});

test("a channel that is tried without success is said to fail, since when and why, until it works", () => {
  const rig = criticalRig();
  const id = rig.pushes[0]?.id ?? "";
  const since = rig.wall;
  rig.settle([{ id, state: "waiting", attempts: 1, problem: "no network" }]);
  rig.wall += minute;
  rig.settle([{ id, state: "waiting", attempts: 2, problem: "timeout" }]);
  expect(rig.desk.failing()).toEqual([
    { receiver: "one", channel: "sms", since, problem: "timeout" },
  ]);
  rig.settle([{ id, state: "delivered", attempts: 3 }]);
  expect(rig.desk.failing()).toEqual([]);
});

test("a push that nobody collects is given up after its time and some grace", () => {
  const rig = criticalRig();
  rig.move("warm", "acknowledged", "acknowledged");
  rig.commit();
  rig.advance(24 * 3_600_000 + uncollectedGraceMs - 1);
  expect(rig.desk.waiting()).toHaveLength(3);
  rig.advance(1);
  expect(rig.desk.waiting()).toEqual([]);
  expect(rig.desk.dead()).toHaveLength(3);
});

test("when too many wait the least important goes first, never a critical one, and it is counted", () => {
  const queue = new PushQueue(new Map(), instant);
  const draft = new Draft();
  queue.add(letter({ priority: "low", kind: "digest", short: "digest" }), instant, draft);
  for (let index = 1; index < pushesWaitingMax; index += 1) {
    queue.add(letter({ priority: index % 2 === 0 ? "critical" : "medium" }), instant, draft);
  }
  expect(queue.droppedTotal).toBe(0);
  queue.add(letter({ priority: "low", short: "newest" }), instant, draft);
  expect(queue.dead().map(({ short }) => short)).toEqual(["digest"]);
  queue.add(letter({ priority: "critical" }), instant, draft);
  expect(queue.dead()[0]?.short).toBe("newest");
  expect(queue.size).toBe(pushesWaitingMax);
  expect(queue.droppedTotal).toBe(2);
  expect(queue.waiting().filter(({ priority }) => priority === "critical").length).toBe(
    pushesWaitingMax / 2,
  );
});

test("critical pushes alone may be more, but not without end", () => {
  const saved = new Map<string, unknown>();
  for (let seq = 1; seq <= pushesCriticalMax; seq += 1) {
    const id = `${seq}-x`;
    saved.set(`push/${String(seq).padStart(12, "0")}`, {
      version: 1,
      id,
      ...letter({ priority: "critical" }),
    });
  }
  const queue = new PushQueue(saved, instant);
  const draft = new Draft();
  expect(queue.size).toBe(pushesCriticalMax);
  queue.add(letter({ priority: "critical" }), instant, draft);
  expect(queue.size).toBe(pushesCriticalMax);
  expect(queue.dead()[0]?.id).toBe("1-x");
});

test("a saved push that cannot be read is left alone, and its number is not given again", () => {
  const saved = new Map<string, unknown>([["push/000000000041", { version: 7 }]]);
  const queue = new PushQueue(saved, instant);
  const draft = new Draft();
  queue.add(letter(), instant, draft);
  expect([...draft.follow().state.keys()]).toEqual(["push/000000000042", "push-sequence"]);
});
