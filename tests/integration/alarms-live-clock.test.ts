import { describe, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { pushKeyPrefix, pushSchema } from "../../gateway/push/push.ts";
import { readTrail } from "../../gateway/store/audit-file.ts";
import type { GatewayEvent } from "../../gateway/store/store.ts";
import {
  type LiveGateway,
  type LiveOptions,
  liveRoom,
  startLive,
} from "../support/live-gateway.ts";
import { ManualClock } from "../support/manual-clock.ts";

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 2, 1, 12);

const alarm = { point: "room/t", above: 8, deadband: 0.5, outputs: ["room/siren"] };
const told = {
  notify: { ops: { sms: ["+8613800138000"] } },
  sms: { port: "serial:/dev/null" },
};

type Room = Awaited<ReturnType<typeof liveRoom>>;

/** The next reading, at this monotonic time. */
async function readAt(gateway: LiveGateway, mono: number) {
  const before = gateway.came();
  await gateway.runTo(mono);
  await gateway.reading(before + 1);
  await gateway.settle();
}

function transitions(events: readonly GatewayEvent[], rule = "r") {
  return events
    .filter(({ kind, body }) => kind === "alarm" && body["rule"] === rule)
    .filter(({ body }) => body["from"] !== body["to"]);
}

const states = (events: readonly GatewayEvent[]) =>
  transitions(events).map(({ body }) => body["to"]);

function pushes({ store }: LiveGateway) {
  return (
    [...store.readState(pushKeyPrefix)]
      .filter(([key]) => /^push\/\d{12}$/.test(key))
      .map(([, value]) => pushSchema.parse(value))
      // That outputs and receivers were never tested is told too.
      .filter(({ kind }) => kind !== "notice")
  );
}

function begin(
  { dir, port, clock }: Room,
  rule: Readonly<Record<string, unknown>> = {},
  other: Partial<Pick<LiveOptions, "boot" | "clock" | "quality">> = {},
) {
  const rules = { r: { ...alarm, notify: ["ops"], ...rule } };
  return startLive({ dir, port, everyMs: minute, rules, more: told, clock, ...other });
}

describe("T15: a restart", () => {
  test.each(["stop", "kill"] as const)(
    "after a %s an acknowledged alarm that still is bad stays acknowledged and tells nobody twice",
    async (way) => {
      await using it = await liveRoom(noon);
      const { room, clock } = it;
      room.set("t", 7);
      const start = clock.monotonicMs();
      const gateway = begin(it);
      await gateway.reading(1);
      room.set("t", 8.6);
      await readAt(gateway, start + minute);
      gateway.act("r", { do: "acknowledge", by: "li" });
      const before = pushes(gateway);
      expect(before.map(({ kind }) => kind)).toEqual(["raised"]);
      await gateway[way]();

      // The machine starts again: another boot, another monotonic clock, five minutes later.
      const after = new ManualClock(clock.now() + 5 * minute, 7_000);
      const again = begin(it, {}, { boot: "boot-2", clock: after });
      await again.reading(1);
      await readAt(again, 7_000 + minute);
      expect(again.alarms.list()).toMatchObject([
        { rule: "r", state: "acknowledged", acknowledgedBy: "li" },
      ]);
      expect(states(again.events())).toEqual(["unacknowledged", "acknowledged"]);
      expect(pushes(again)).toEqual(before);
      await again.stop();
    },
  );

  test("what went bad while nobody watched is an alarm with the first sample", async () => {
    await using it = await liveRoom(noon);
    it.room.set("t", 5);
    const gateway = begin(it);
    await gateway.reading(1);
    await gateway.kill();
    it.room.set("t", 9);
    const after = new ManualClock(it.clock.now() + 3 * hour, 50);
    const again = begin(it, {}, { boot: "boot-2", clock: after });
    await again.reading(1);
    await again.settle();
    expect(states(again.events())).toEqual(["unacknowledged"]);
    expect(it.room.siren.at(-1)).toBe(true);
    expect(pushes(again).map(({ kind }) => kind)).toEqual(["raised"]);
    await again.stop();
  });

  test("what came back while nobody watched is normal with the first sample, and the siren is off", async () => {
    await using it = await liveRoom(noon);
    it.room.set("t", 9);
    const gateway = begin(it);
    await gateway.reading(1);
    await gateway.settle();
    gateway.act("r", { do: "acknowledge", by: "li" });
    await gateway.kill();
    it.room.set("t", 5);
    const after = new ManualClock(it.clock.now() + 3 * hour, 50);
    const again = begin(it, {}, { boot: "boot-2", clock: after });
    await again.reading(1);
    await again.settle();
    expect(states(again.events())).toEqual(["unacknowledged", "acknowledged", "normal"]);
    expect(it.room.siren.at(-1)).toBe(false);
    await again.stop();
  });

  test("a shelf goes on over a reboot, and ends when it was to end", async () => {
    await using it = await liveRoom(noon);
    it.room.set("t", 9);
    const gateway = begin(it);
    await gateway.reading(1);
    gateway.act("r", { do: "shelve", by: "li", forMs: 10 * minute, reason: "loading" });
    await gateway.stop();
    const after = new ManualClock(it.clock.now() + 4 * minute, 50);
    const again = begin(it, {}, { boot: "boot-2", clock: after });
    await again.reading(1);
    for (const n of [1, 2, 3, 4, 5]) await readAt(again, 50 + n * minute);
    expect(states(again.events())).toEqual(["unacknowledged", "shelved"]);
    await readAt(again, 50 + 6 * minute);
    const [, , ended] = transitions(again.events());
    expect(ended).toMatchObject({ body: { to: "unacknowledged", cause: "shelf-expired" } });
    expect(ended?.mono).toBe(50 + 6 * minute);
    await again.stop();
  });

  test("an on-delay counts the time of a short restart, when the first sample still is bad", async () => {
    await using it = await liveRoom(noon);
    it.room.set("t", 9);
    const gateway = begin(it, { onDelay: "5min" });
    await gateway.reading(1);
    await readAt(gateway, it.clock.monotonicMs() + minute);
    await gateway.kill();
    // One minute of three that a reading may be missing; two minutes of the delay are over.
    const after = new ManualClock(it.clock.now() + minute, 50);
    const again = begin(it, { onDelay: "5min" }, { boot: "boot-2", clock: after });
    await again.reading(1);
    for (const n of [1, 2]) await readAt(again, 50 + n * minute);
    expect(states(again.events())).toEqual([]);
    await readAt(again, 50 + 3 * minute);
    expect(transitions(again.events()).map(({ mono }) => mono)).toEqual([50 + 3 * minute]);
    await again.stop();
  });

  test("after a long one it begins anew", async () => {
    await using it = await liveRoom(noon);
    it.room.set("t", 9);
    const gateway = begin(it, { onDelay: "5min" });
    await gateway.reading(1);
    await gateway.kill();
    const after = new ManualClock(it.clock.now() + hour, 50);
    const again = begin(it, { onDelay: "5min" }, { boot: "boot-2", clock: after });
    await again.reading(1);
    for (const n of [1, 2, 3, 4, 5]) await readAt(again, 50 + n * minute);
    expect(transitions(again.events()).map(({ mono }) => mono)).toEqual([50 + 5 * minute]);
    await again.stop();
  });
});

describe("a machine without a clock of its own starts in the past", () => {
  const past = { boot: "boot-2", quality: "unset" } as const;
  const lostClock = (mono: number) => new ManualClock(Date.UTC(2025, 0, 1), mono);

  test("an on-delay begins anew, for nobody knows for how long it was off", async () => {
    await using it = await liveRoom(noon);
    it.room.set("t", 9);
    const gateway = begin(it, { onDelay: "5min" });
    await gateway.reading(1);
    await readAt(gateway, it.clock.monotonicMs() + 2 * minute);
    await gateway.kill();
    const clock = lostClock(40);
    const again = begin(it, { onDelay: "5min" }, { ...past, clock });
    await again.reading(1);
    for (const n of [1, 2, 3]) await readAt(again, 40 + n * minute);
    // Then the network's time comes in.
    clock.setWall(noon + 3 * hour);
    for (const n of [4, 5]) await readAt(again, 40 + n * minute);
    expect(transitions(again.events()).map(({ mono }) => mono)).toEqual([40 + 5 * minute]);
    await again.stop();
  });

  test("an acknowledged alarm stays so; a shelf has the rest that it had, and not a year more", async () => {
    await using it = await liveRoom(noon);
    const { dir, port, clock, room } = it;
    room.set("t", 9);
    const rules = { seen: { point: "room/t", above: 8 }, shelf: { point: "room/t", above: 7 } };
    const common = { dir, port, everyMs: minute, rules };
    const gateway = startLive({ ...common, clock });
    await gateway.reading(1);
    gateway.act("seen", { do: "acknowledge", by: "li" });
    gateway.act("shelf", { do: "shelve", by: "li", forMs: 6 * minute, reason: "loading" });
    await gateway.stop();
    const again = startLive({ ...common, ...past, clock: lostClock(40) });
    await again.reading(1);
    for (const n of [1, 2, 3, 4, 5, 6, 7]) await readAt(again, 40 + n * minute);
    const now = again.events().filter(({ kind, mono }) => kind === "alarm" && mono < 1_000_000);
    expect(now.map(({ mono, body }) => [mono, body["rule"], body["cause"]])).toEqual([
      [40 + 6 * minute, "shelf", "shelf-expired"],
    ]);
    expect(again.alarms.list().map(({ rule, state }) => [rule, state])).toEqual(
      expect.arrayContaining([
        ["seen", "acknowledged"],
        ["shelf", "unacknowledged"],
      ]),
    );
    await again.stop();
  });
});

describe("T16: the wall clock is set", () => {
  test.each([
    ["an hour back, then a day on", [-hour, 24 * hour]],
    ["a day back, then two on", [-24 * hour, 48 * hour]],
    ["to 1970 and back", [-noon, noon]],
  ])("%s: a delay of five minutes lasts five minutes", async (_, [first = 0, second = 0]) => {
    await using it = await liveRoom(noon);
    const { clock, room, dir } = it;
    room.set("t", 9);
    const start = clock.monotonicMs();
    const gateway = begin(it, { onDelay: "5min", offDelay: "3min" });
    await gateway.reading(1);
    await readAt(gateway, start + minute);
    await readAt(gateway, start + 2 * minute);
    clock.setWall(clock.now() + first);
    await readAt(gateway, start + 3 * minute);
    await readAt(gateway, start + 4 * minute);
    clock.setWall(clock.now() + second);
    await readAt(gateway, start + 5 * minute);
    room.set("t", 5);
    for (const n of [6, 7, 8, 9]) await readAt(gateway, start + n * minute);
    const events = gateway.events();
    expect(
      transitions(events).map(({ mono, body }) => [(mono - start) / minute, body["to"]]),
    ).toEqual([
      [5, "unacknowledged"],
      [9, "returned-unacknowledged"],
    ]);
    expect(
      events
        .filter(({ kind, body }) => kind === "clock" && "steppedMs" in body)
        .map(({ body }) => body["steppedMs"]),
    ).toEqual([first, second]);
    await gateway.stop();
    using trail = readTrail(dir);
    expect([...trail].map(({ action }) => action)).toEqual(["gateway.clock", "gateway.clock"]);
  });

  test("shelves, re-alarms and silence of a sensor keep their time as well", async () => {
    await using it = await liveRoom(noon);
    const { clock, room, dir, port } = it;
    room.set("t", 9);
    const start = clock.monotonicMs();
    const rules = {
      shelf: { point: "room/t", above: 8 },
      again: { point: "room/t", above: 7, reAlarm: "4min" },
      silent: { point: "room/t", stale: "4min" },
    };
    const gateway = startLive({ dir, port, everyMs: minute, rules, clock });
    await gateway.reading(1);
    gateway.act("shelf", { do: "shelve", by: "li", forMs: 4 * minute, reason: "loading" });
    gateway.act("again", { do: "acknowledge", by: "li" });
    room.fail(true);
    for (const [n, step] of [24 * hour, -48 * hour, 24 * hour, -noon].entries()) {
      clock.setWall(clock.now() + step);
      await gateway.runTo(start + (n + 1) * minute - 1);
    }
    const before = gateway.events().filter(({ kind }) => kind === "alarm").length;
    await gateway.runTo(start + 4 * minute);
    const events = gateway.events().filter(({ kind }) => kind === "alarm");
    expect(before).toBe(4);
    expect(
      events
        .slice(before)
        .map(({ mono, body }) => `${mono - start} ${body["rule"]} ${body["to"]}`)
        .toSorted(),
    ).toEqual([
      "240000 again unacknowledged",
      "240000 shelf unacknowledged",
      "240000 silent unacknowledged",
    ]);
    await gateway.stop();
  });
});

describe("T17: samples that come late", () => {
  const profile = {
    locations: {
      cold: { kind: "room", profile: "vaccine-2-8", temperature: "room/t", escalate: "duty" },
    },
    escalation: { duty: { steps: [{ notify: ["ops"] }] } },
    ...told,
  };
  const night = Date.UTC(2026, 2, 1, 3);
  const late = (from: number, count: number, value: number): Sample[] =>
    Array.from({ length: count }, (_, n) => ({
      point: "room/t",
      sampledAt: from + n * minute,
      quality: "good",
      value,
    }));

  test("no siren, a historic excursion, one message", async () => {
    await using it = await liveRoom(noon);
    const { clock, room, dir, port } = it;
    room.set("t", 5);
    const start = clock.monotonicMs();
    const rules = { r: alarm, silent: { point: "room/t", stale: "5min" } };
    const gateway = startLive({ dir, port, everyMs: minute, rules, more: profile, clock });
    await gateway.reading(1);
    await gateway.settle();
    gateway.accept(late(night, 30, 9));
    await readAt(gateway, start + minute);
    gateway.accept(late(night + 30 * minute, 31, 9));
    for (let n = 2; n <= 60; n += 1) await readAt(gateway, start + n * minute);
    expect(gateway.events().filter(({ kind }) => kind === "alarm")).toEqual([]);
    // That it is off is said again each minute.
    expect(room.siren).not.toContain(true);
    expect(gateway.excursions.list()).toMatchObject([
      { kind: "historic", start: night, end: night + hour, peak: { value: 9 } },
    ]);
    expect(pushes(gateway).map(({ kind, priority }) => [kind, priority])).toEqual([
      ["historic", "low"],
    ]);
    await gateway.stop();
  });
});
