import { expect, test } from "vitest";
import type { Priority } from "../../config/schema/rule.ts";
import type { Push } from "../push/push.ts";
import { type Parcel, retryMs, SmsQueue } from "./queue.ts";

const numbers = ["+861380000001", "+861380000002"];
const digestEveryMs = 300_000;

function push(id: string, changes: Partial<Push> = {}): Push {
  return {
    version: 1,
    id,
    receiver: "guard",
    channel: "sms",
    address: 0,
    kind: "raised",
    priority: "high",
    language: "en",
    short: `text of ${id}`,
    title: "",
    text: "",
    fields: {},
    createdAt: 0,
    ttlMs: 3_600_000,
    ...changes,
  };
}

function queue(perHourMax = 60) {
  return new SmsQueue({
    perHourMax,
    digestEveryMs,
    random: () => 0.5,
    numberOf: ({ receiver, address }) => (receiver === "guard" ? numbers[address] : undefined),
  });
}

const at = (mono: number) => ({ at: mono, mono });
const failed = { is: "failed", problem: "the phone is off", mayHaveLeft: false } as const;
const delivered = { is: "delivered" } as const;

/** Sends all that may leave now. */
function drain(it: SmsQueue, mono: number): Parcel[] {
  const sent: Parcel[] = [];
  for (let parcel = it.next(mono); parcel !== undefined; parcel = it.next(mono)) {
    sent.push(parcel);
    it.settle(parcel, delivered, at(mono));
  }
  return sent;
}

test("the most urgent leaves first, then the oldest; other channels are not its own", () => {
  const it = queue();
  const of = (id: string, priority: Priority, createdAt: number) =>
    push(id, { priority, createdAt });
  it.take([of("a", "low", 1), of("b", "critical", 3), of("c", "critical", 2)], at(0));
  it.take(
    [
      of("a", "low", 1),
      of("b", "critical", 3),
      of("c", "critical", 2),
      push("m", { channel: "email" }),
    ],
    at(0),
  );
  expect(drain(it, 0).map(({ ids }) => ids)).toEqual([["c"], ["b"], ["a"]]);
  expect(it.deliveries().map(({ id, state }) => [id, state])).toEqual([
    ["a", "delivered"],
    ["b", "delivered"],
    ["c", "delivered"],
  ]);
});

test("a number that fails waits longer each time, and delays no other number", () => {
  const it = queue();
  it.take([push("a"), push("b", { address: 1 })], at(0));
  const first = it.next(0);
  expect(first).toMatchObject({ number: numbers[0], ids: ["a"] });
  if (first !== undefined) it.settle(first, failed, at(0));
  expect(drain(it, 0).map(({ ids }) => ids)).toEqual([["b"]]);
  expect(it.deliveries()[0]).toMatchObject({
    state: "waiting",
    attempts: 1,
    problem: failed.problem,
  });

  let mono = 0;
  const pauses: number[] = [];
  for (let turn = 0; turn < 9; turn += 1) {
    const due = it.nextDue(mono) ?? 0;
    expect(it.next(due - 1)).toBeUndefined();
    pauses.push(due - mono);
    mono = due;
    const again = it.next(mono);
    if (again !== undefined) it.settle(again, failed, at(mono));
  }
  expect(pauses.slice(0, 3)).toEqual([5_000, 10_000, 20_000]);
  expect(pauses.at(-1)).toBe(retryMs.longest);
  const last = it.next(mono + retryMs.longest);
  if (last !== undefined) it.settle(last, delivered, at(mono));
  expect(it.deliveries()[0]).toEqual({ id: "a", state: "delivered", attempts: 11, at: mono });
});

test("a push whose time is over is dead and says the last problem, whatever the wall clock does", () => {
  const it = queue();
  const pushes = [push("a", { ttlMs: 60_000 })];
  it.take(pushes, at(1_000));
  it.take(pushes, { at: 9_999_999_999, mono: 60_999 });
  expect(it.deliveries()).toMatchObject([{ state: "waiting" }]);
  const parcel = it.next(61_000);
  if (parcel !== undefined) it.settle(parcel, failed, at(60_999));
  it.take(pushes, at(61_000));
  expect(it.changes().at(-1)).toMatchObject({
    state: "dead",
    attempts: 1,
    problem: "Given up, its time is over. Last problem: the phone is off",
  });
  expect(it.next(3_600_000)).toBeUndefined();
});

test("a refusal that is final is dead at once; a receiver that is gone too", () => {
  const it = queue();
  it.take([push("a"), push("b", { receiver: "nobody" }), push("c", { address: 7 })], at(0));
  const parcel = it.next(0);
  if (parcel !== undefined) it.settle(parcel, { is: "refused", problem: "no such number" }, at(5));
  expect(it.changes()).toMatchObject([
    { id: "b", state: "dead", attempts: 0, problem: "The receiver has no such number any more" },
    { id: "c", state: "dead" },
    { id: "a", state: "dead", attempts: 1, problem: "no such number" },
  ]);
  expect(it.changes()).toEqual([]);
});

test("what was settled is not sent again while it is still queued, and forgotten when it is not", () => {
  const it = queue();
  it.take([push("a")], at(0));
  expect(drain(it, 0)).toHaveLength(1);
  it.take([push("a")], at(10));
  expect(it.next(10)).toBeUndefined();
  it.take([], at(20));
  expect(it.deliveries()).toEqual([]);
});

test("near the hour's limit all that waits for a number is one digest with count and priority", () => {
  const it = queue(20);
  const many = Array.from({ length: 45 }, (_, index) =>
    push(`p${index}`, {
      createdAt: index,
      address: index % 2,
      priority: index === 44 ? "critical" : "low",
    }),
  );
  it.take(many, at(0));
  const sent = drain(it, 0);
  expect(sent.slice(0, 18).every(({ ids }) => ids.length === 1)).toBe(true);
  expect(sent[0]?.ids).toEqual(["p44"]);
  expect(sent.slice(18).map(({ ids }) => ids.length)).toEqual([14, 13]);
  expect(sent[19]?.text).toBe("13 messages, highest low: text of p18");
  expect(it.deliveries().every(({ state }) => state === "delivered")).toBe(true);
});

test("no hour has more messages than its limit, and digests keep their distance", () => {
  const it = queue(20);
  const moments: number[] = [];
  const digests: number[] = [];
  let waiting: readonly Push[] = [];
  for (let mono = 0; mono < 3 * 3_600_000; mono += 10_000) {
    waiting = [...waiting, push(`p${mono}`, { ttlMs: 1e9 }), push(`q${mono}`, { ttlMs: 1e9 })];
    it.take(waiting, at(mono));
    for (const { ids } of drain(it, mono)) {
      moments.push(mono);
      if (ids.length > 1) digests.push(mono);
      waiting = waiting.filter(({ id }) => !ids.includes(id));
    }
  }
  for (const from of moments) {
    const hour = moments.filter((it) => it >= from && it < from + 3_600_000);
    expect(hour.length).toBeLessThanOrEqual(20);
  }
  expect(digests.length).toBeGreaterThan(2);
  const gaps = digests.slice(1).map((at, index) => at - (digests[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(digestEveryMs);
});

test("a critical alarm does not wait for the next digest", () => {
  const it = queue(20);
  const low = Array.from({ length: 30 }, (_, index) => push(`p${index}`));
  it.take(low, at(0));
  expect(drain(it, 0)).toHaveLength(19);
  it.take([...low, push("late")], at(1_000));
  expect(it.next(1_000)).toBeUndefined();
  it.take([...low, push("late"), push("red", { priority: "critical" })], at(2_000));
  expect(it.next(2_000)?.ids).toEqual(["red", "late"]);
});

test("a message that was perhaps sent counts for the hour, one that was refused does not", () => {
  const it = queue(2);
  it.take([push("a"), push("b"), push("c")], at(0));
  let parcel = it.next(0);
  if (parcel !== undefined) it.settle(parcel, failed, at(0));
  parcel = it.next(10_000);
  if (parcel !== undefined) it.settle(parcel, { ...failed, mayHaveLeft: true }, at(10_000));
  expect(it.next(30_000)?.ids).toHaveLength(3);
});
