import { afterEach, expect, test } from "vitest";
import { aPush, mostIn, PushWorld } from "../../tests/support/push-world.ts";
import { dingtalk } from "./channels/dingtalk.ts";
import { feishu } from "./channels/feishu.ts";
import { sendsAtOnceMax } from "./push-delivery.ts";

const worlds: PushWorld[] = [];
function newWorld(): PushWorld {
  const world = new PushWorld();
  worlds.push(world);
  return world;
}
afterEach(() => {
  for (const world of worlds.splice(0)) world[Symbol.dispose]();
});

const hangs = new Promise<never>(() => undefined);
const minute = 60_000;

test("a push is delivered once, the gateway sees it, and its row goes when the push has left the queue", async () => {
  const world = newWorld();
  const [push] = world.add(aPush());
  await world.pass(5_000);
  expect(world.left).toHaveLength(1);
  expect(world.seen(push?.id ?? "")).toMatchObject({ state: "delivered", attempts: 1 });
  world.queued.length = 0;
  await world.step();
  expect(world.seen(push?.id ?? "")).toBeUndefined();
});

test("V-RATE: 25 alarms in 10 s on one robot: 18 singly, the rest in one digest with count and highest priority", async () => {
  const world = newWorld();
  world.traits = () => ({ limits: dingtalk.limits, overflow: dingtalk.overflow });
  for (let n = 0; n < 25; n += 1) {
    world.add(aPush({ priority: n === 24 ? "critical" : "medium" }));
    await world.pass(400, 400);
  }
  await world.pass(3 * minute);
  const digests = world.left.filter(({ push }) => push.kind === "digest");
  const singles = world.left.filter(({ push }) => push.kind !== "digest");
  expect(digests).toHaveLength(1);
  expect(singles).toHaveLength(18);
  expect(digests[0]?.push.title).toBe("7 messages together, highest priority critical");
  expect(
    mostIn(
      singles.map(({ at }) => at),
      minute,
    ),
  ).toBeLessThanOrEqual(18);
  expect(
    mostIn(
      world.left.map(({ at }) => at),
      minute,
    ),
  ).toBeLessThanOrEqual(20);
  for (const { id } of world.queued) expect(world.seen(id)?.state).toBe("delivered");
});

test("120 alarms in two receivers of one robot: never 20 in a minute, over restarts too, nothing forgotten", {
  timeout: 30_000,
}, async () => {
  const world = newWorld();
  world.traits = ({ channel }) => ({
    robot: channel,
    limits: dingtalk.limits,
    overflow: dingtalk.overflow,
  });
  for (let n = 0; n < 120; n += 1) {
    world.add(aPush({ receiver: n % 2 === 0 ? "shift" : "chief" }));
    await world.pass(1_500, 1_500);
    if (n % 9 === 0) world.kill();
  }
  await world.pass(3 * minute);
  expect(
    mostIn(
      world.left.map(({ at }) => at),
      minute,
    ),
  ).toBeLessThan(20);
  for (const { id } of world.queued) expect(world.seen(id)?.state).toBe("delivered");
});

test("Feishu: never more than 4 in a second and 90 in a minute, and 40 at once need no digest", async () => {
  const world = newWorld();
  world.traits = () => ({ limits: feishu.limits, overflow: feishu.overflow });
  world.add(...Array.from({ length: 40 }, () => aPush()));
  await world.pass(20_000, 50);
  expect(world.left).toHaveLength(40);
  expect(
    mostIn(
      world.left.map(({ at }) => at),
      1_000,
    ),
  ).toBeLessThanOrEqual(4);
});

test("a receiver that hangs, fails or is throttled never delays another", async () => {
  const world = newWorld();
  world.answer = ({ push }) => {
    if (push.receiver === "hangs") return hangs;
    if (push.receiver === "fails") return { is: "retry", why: "no" };
    return { is: "delivered" };
  };
  for (let n = 0; n < 5; n += 1) {
    for (const receiver of ["hangs", "fails", "works"]) world.add(aPush({ receiver }));
  }
  await world.pass(2_000);
  const works = world.queued.filter(({ receiver }) => receiver === "works");
  for (const { id } of works) expect(world.seen(id)?.state).toBe("delivered");
  expect(world.seen(world.queued[1]?.id ?? "")).toMatchObject({ state: "waiting", problem: "no" });
});

test("no more than the named number of messages is under way at once", async () => {
  const world = newWorld();
  world.answer = () => hangs;
  world.add(...Array.from({ length: 40 }, (_, n) => aPush({ receiver: `r${n}` })));
  await world.pass(3_000);
  expect(world.left).toHaveLength(sendsAtOnceMax);
});

test("pauses grow from seconds to a quarter of an hour, and a receiver that is back is told all in order", async () => {
  const world = newWorld();
  world.answer = () => ({ is: "retry", why: "away" });
  const pushes = world.add(aPush({ alarm: "r#1" }), aPush({ alarm: "r#1", kind: "returned" }));
  await world.pass(6 * 3_600_000, 10_000);
  const gaps = world.left.slice(1).map(({ at }, n) => at - (world.left[n]?.at ?? 0));
  expect(gaps[0]).toBeLessThanOrEqual(10_000);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(900_000 + 10_000);
  expect(world.left.length).toBeLessThan(80);
  expect(world.entries.filter(({ event }) => event === "push failed")).toHaveLength(1);
  world.answer = () => ({ is: "delivered" });
  world.left.length = 0;
  await world.pass(15 * minute, 10_000);
  expect(world.left.map(({ push }) => push.id)).toEqual(pushes.map(({ id }) => id));
});

test("a push that the server stumbles over lets the others by", async () => {
  const world = newWorld();
  const [poison] = world.add(aPush({ priority: "critical" }));
  world.add(aPush({ priority: "low" }));
  world.answer = ({ push }) =>
    push.id === poison?.id ? { is: "retry", why: "500" } : { is: "delivered" };
  await world.pass(10 * minute);
  expect(world.seen(world.queued[1]?.id ?? "")?.state).toBe("delivered");
  expect(world.seen(poison?.id ?? "")?.state).toBe("waiting");
});

test("the most urgent leaves first, but never before an earlier word of the same alarm", async () => {
  const world = newWorld();
  world.traits = () => ({ limits: [{ count: 1, perMs: 1_000 }] });
  const pushes = world.add(
    aPush({ priority: "low", alarm: "a#1" }),
    aPush({ priority: "medium", alarm: "b#1" }),
    aPush({ priority: "critical", alarm: "b#1" }),
    aPush({ priority: "high", alarm: "c#1" }),
  );
  await world.pass(10_000, 500);
  const order = world.left.map(({ push }) => pushes.findIndex(({ id }) => id === push.id));
  expect(order).toEqual([3, 1, 2, 0]);
});

test("given up after its time of trying, with the last failure; a wall clock that steps changes nothing", async () => {
  const world = newWorld();
  world.answer = () => ({ is: "retry", why: "away" });
  const [push] = world.add(aPush({ ttlMs: 30 * minute }));
  await world.pass(10 * minute, 10_000);
  world.clock.setWall(world.clock.now() + 86_400_000);
  await world.pass(10 * minute, 10_000);
  world.clock.setWall(0);
  world.kill();
  await world.pass(9 * minute, 10_000);
  expect(world.seen(push?.id ?? "")?.state).toBe("waiting");
  await world.pass(2 * minute, 10_000);
  expect(world.seen(push?.id ?? "")).toMatchObject({ state: "dead" });
  expect(world.seen(push?.id ?? "")?.problem).toMatch(/^given up after \d+ attempts: away$/);
  expect(world.entries.some(({ event }) => event === "push given up")).toBe(true);
});

test("over a reboot the time of trying goes on by a wall clock that is synchronized, and stands still without", async () => {
  for (const quality of ["synchronized", "unsynchronized"] as const) {
    const world = newWorld();
    world.answer = () => ({ is: "retry", why: "away" });
    const [push] = world.add(aPush({ ttlMs: 60 * minute }));
    await world.pass(10 * minute, 10_000);
    world.boot = "boot-2";
    world.quality = quality;
    world.kill();
    world.clock.setWall(world.clock.now() + 3 * 3_600_000);
    await world.pass(1_000);
    const expected = quality === "synchronized" ? "dead" : "waiting";
    expect(world.seen(push?.id ?? "")?.state).toBe(expected);
  }
});

test("a receiver that is configured no more makes its pushes dead, and says so", async () => {
  const world = newWorld();
  world.traits = () => undefined;
  const [push] = world.add(aPush());
  await world.step();
  expect(world.seen(push?.id ?? "")).toMatchObject({
    state: "dead",
    problem: "the configuration has no dingtalk of receiver shift any more",
  });
});

test("another epoch with the same ids is other pushes", async () => {
  const world = newWorld();
  const push = aPush();
  world.add(push);
  await world.pass(1_000);
  world.epoch = "another-epoch";
  world.queued.splice(0, 1, { ...push, receiver: "chief" });
  await world.pass(1_000);
  expect(world.left.map((it) => it.push.receiver)).toEqual(["shift", "chief"]);
  expect(new Set(world.left.map(({ key }) => key)).size).toBe(2);
});

test("a sync.db that is destroyed under way is begun anew, and what still waits is sent", async () => {
  const { rmSync } = await import("node:fs");
  const world = newWorld();
  world.answer = () => ({ is: "retry", why: "away" });
  const [push] = world.add(aPush());
  await world.pass(1_000);
  rmSync(`${world.dir}/sync/sync.db`);
  world.answer = () => ({ is: "delivered" });
  await world.pass(10_000);
  expect(world.seen(push?.id ?? "")?.state).toBe("delivered");
});

test("a pause that one asks for holds for all who use the same robot", async () => {
  const world = newWorld();
  world.traits = () => ({ robot: "same" });
  world.answer = () => ({ is: "retry", why: "throttled", afterMs: 10 * minute });
  world.add(aPush({ receiver: "a" }), aPush({ receiver: "b" }));
  await world.pass(9 * minute, 5_000);
  expect(world.left).toHaveLength(1);
});
