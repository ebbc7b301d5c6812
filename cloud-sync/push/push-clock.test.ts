import { afterEach, expect, test } from "vitest";
import { aPush, PushWorld } from "../../tests/support/push-world.ts";
import { ClockTrust, evidenceMs, unsynchronizedMsMax } from "./clock-trust.ts";
import type { Moment } from "./delivery-row.ts";

const worlds: PushWorld[] = [];
function newWorld(): PushWorld {
  const world = new PushWorld();
  worlds.push(world);
  world.traits = ({ receiver }) => ({ signed: receiver === "signed" });
  return world;
}
afterEach(() => {
  for (const world of worlds.splice(0)) world[Symbol.dispose]();
});

const hour = 3_600_000;

test("a clock that is not set holds signed pushes back, says push/clock, and lets the others leave", async () => {
  const world = newWorld();
  world.quality = "unset";
  const [signed, other] = world.add(aPush({ receiver: "signed" }), aPush({ receiver: "plain" }));
  await world.pass(10_000);
  expect(world.left.map(({ push }) => push.receiver)).toEqual(["plain"]);
  expect(world.seen(other?.id ?? "")?.state).toBe("delivered");
  expect(world.seen(signed?.id ?? "")?.state).toBe("waiting");
  expect(world.problems()).toMatchObject([{ code: "push/clock" }]);
  world.quality = "synchronized";
  await world.pass(2_000);
  expect(world.seen(signed?.id ?? "")?.state).toBe("delivered");
  expect(world.problems()).toEqual([]);
});

test("what a server says in Date blocks signed pushes when it is over an hour off, until the clock is set", async () => {
  const world = newWorld();
  world.quality = "unsynchronized";
  const offMs = hour + 60_000;
  world.answer = () => ({
    verdict: { is: "delivered" },
    heard: { host: "h", date: world.clock.now() + offMs },
  });
  world.add(aPush({ receiver: "plain" }));
  await world.pass(2_000);
  const [signed] = world.add(aPush({ receiver: "signed" }));
  await world.pass(10_000);
  expect(world.seen(signed?.id ?? "")?.state).toBe("waiting");
  expect(world.problems()[0]?.message).toMatch(/-1\.0 h off/);
  world.clock.setWall(world.clock.now() + offMs);
  await world.pass(2_000);
  expect(world.seen(signed?.id ?? "")?.state).toBe("delivered");
});

const moment = (mono: number, more: Partial<Moment> = {}): Moment => ({
  at: Date.UTC(2026, 10, 22) + mono,
  mono,
  boot: "b",
  quality: "unsynchronized",
  ...more,
});

test("one server with a wrong clock of its own is outvoted by two others", () => {
  const trust = new ClockTrust();
  const now = moment(0);
  trust.heard("wrong", now.at + 5 * hour, now);
  expect(trust.doubt(now)).toEqual({ is: "off", ms: -5 * hour });
  trust.heard("a", now.at + 1_000, now);
  trust.heard("b", now.at - 1_000, now);
  expect(trust.doubt(now)).toBeUndefined();
});

test("exactly an hour is still taken; evidence is forgotten, so that one message asks again", () => {
  const trust = new ClockTrust();
  const now = moment(0);
  trust.heard("h", now.at - hour, now);
  expect(trust.doubt(now)).toBeUndefined();
  trust.heard("h", now.at - hour - 1, now);
  expect(trust.doubt(now)).toEqual({ is: "off", ms: hour + 1 });
  expect(trust.doubt(moment(evidenceMs))).toBeUndefined();
});

test("never synchronized for a week and nobody's time known: one signed message an hour, and its answer decides", () => {
  const trust = new ClockTrust();
  expect(trust.doubt(moment(0))).toBeUndefined();
  trust.tried(moment(unsynchronizedMsMax - hour / 2));
  expect(trust.doubt(moment(unsynchronizedMsMax))).toEqual({ is: "unsynchronized" });
  expect(trust.doubt(moment(unsynchronizedMsMax + hour))).toBeUndefined();
  const later = moment(unsynchronizedMsMax + hour);
  trust.tried(later);
  trust.heard("h", later.at, later);
  expect(trust.doubt(moment(unsynchronizedMsMax + hour + 1))).toBeUndefined();
});
