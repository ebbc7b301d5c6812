import { expect, test } from "vitest";
import { probesLeast } from "../../config/checks/probes.ts";
import { emptyTrail, extendTrail } from "../../gateway/audit/entry.ts";
import { held, kineticMean, noKinetic, plainMean, plus } from "../../gateway/cold-chain/mkt.ts";
import { Flood } from "../../gateway/push/flood.ts";
import { pushKeyPrefix, pushSchema } from "../../gateway/push/push.ts";
import { type PlanState, planRecord } from "../../gateway/record/record-plan.ts";
import { type LiveGateway, liveRoom, startLive } from "../support/live-gateway.ts";

const minute = 60_000;
const hour = 60 * minute;

// All numbers of this file were computed with another program in another language (Python 3).

test.each([
  {
    stretches: [
      [16, 3.2],
      [7, 9.7],
      [1, 21.4],
    ],
    mkt: 7.4339,
    mean: 5.85417,
  },
  {
    stretches: [
      [700, 21.3],
      [20, 31.5],
    ],
    mkt: 21.7964,
    mean: 21.58333,
  },
  {
    stretches: [
      [3, -21.5],
      [5, -12.25],
      [16, -30],
    ],
    mkt: -20.64765,
    mean: -25.23958,
  },
  {
    stretches: [
      [0.25, 40],
      [23.75, 2],
    ],
    mkt: 6.72387,
    mean: 2.39583,
  },
  {
    stretches: [
      [1, 8],
      [1, 8.1],
      [1, 7.9],
    ],
    mkt: 8.0004,
    mean: 8,
  },
])("kinetic mean of hours and degrees $stretches", ({ stretches, mkt, mean }) => {
  const sum = stretches.reduce(
    (all, [hours = 0, celsius = 0]) => plus(all, held(celsius, hours * hour)),
    noKinetic,
  );
  expect(kineticMean(sum)).toBeCloseTo(mkt, 4);
  expect(plainMean(sum)).toBeCloseTo(mean, 4);
});

test.each([
  {
    everyMin: 30,
    outside: (at: number) => [12, 13, 14, 50, 51, 52, 53, 70].includes(at),
    lasts: 110,
    records: [0, 12, 14, 15, 45, 50, 52, 54, 70, 71, 101],
  },
  {
    everyMin: 5,
    outside: (at: number) => at >= 5 && at < 30,
    lasts: 60,
    records: [0, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 30, 35, 40, 45, 50, 55],
  },
])("records every $everyMin min, two when out of range, one at each crossing", (vector) => {
  const cadence = {
    everyMs: vector.everyMin * minute,
    everyOutsideMs: 2 * minute,
    readEveryMs: minute,
    isOutside: (value: number) => value > 8,
  };
  let state: PlanState | undefined;
  const records: number[] = [];
  for (let at = 0; at < vector.lasts; at += 1) {
    const planned = planRecord(state, at * minute, vector.outside(at) ? 8.1 : 8, cadence);
    if (planned.record) records.push(at);
    state = planned.state;
  }
  expect(records).toEqual(vector.records);
});

test("two floods of 36 alarms, and when each began and ended", () => {
  const starts = [
    ...Array.from({ length: 9 }, (_, n) => 7 * n),
    ...Array.from({ length: 14 }, (_, n) => 500 + 13 * n),
    ...Array.from({ length: 13 }, (_, n) => 1_900 + 59 * n),
  ];
  const clock = { boot: "a", clockSynchronized: () => true };
  const flood = new Flood({ floodBegins: 10, floodEnds: 5 }, clock, undefined, { at: 0, mono: 0 });
  const changes: (readonly [string, number, number])[] = [];
  for (let second = 0; second < 5_000; second += 1) {
    const count = starts.filter((start) => start === second).length;
    for (const { to, count: left, mono } of flood.note(count, second * 1_000))
      changes.push([to, left, mono / 1_000]);
  }
  expect(changes).toEqual([
    ["flood", 11, 513],
    ["calm", 4, 1_217],
    ["flood", 11, 2_490],
    ["calm", 4, 2_972],
  ]);
});

test("entries with nested data, other alphabets, escapes, nothing and large numbers hash alike elsewhere", () => {
  const trail = extendTrail(emptyTrail, [
    {
      at: Date.UTC(2026, 2, 1, 8, 0, 0, 123),
      actor: "王芳",
      action: "user.created",
      data: { user: "lì", roles: ["operator", "quality"] },
    },
    {
      at: Date.UTC(2026, 2, 1, 8, 0, 1),
      actor: "王芳",
      action: "alarm.shelved",
      data: {
        reason: '除霜 "B" \\ ok',
        minutes: 7.5,
        z: null,
        a: { y: 1, x: [true, false, -0.25, 1e21] },
      },
    },
  ]);
  expect(trail.map(({ hash }) => hash)).toEqual([
    "3814baa1147cf1b2d3d9e270157546f28763967f0f6b83e7915bd76525f5085b",
    "9ae35cdb6086a1eca556aa43e6ead0725a49b49be59b84aebc5d1ccbed4a463a",
  ]);
});

test.each([
  ["flat", 1, 2],
  ["flat", 299.9, 2],
  ["flat", 900, 4],
  ["flat", 901, 5],
  ["flat", 1_200.5, 6],
  ["cold", 100.1, 3],
  ["cold", 200, 3],
  ["cold", 201, 4],
  ["cold", 999, 11],
] as const)("a %s of %d needs %d probes", (kind, size, least) => {
  expect(probesLeast(kind, size)).toBe(least);
});

/** Minute and receiver of every message of an alarm that is told step by step. */
async function ladder(steps: readonly (readonly [minute: number, what: "ack" | "return"])[]) {
  await using it = await liveRoom(Date.UTC(2026, 2, 1, 12));
  const { clock, room, dir, port } = it;
  room.set("t", 9);
  const start = clock.monotonicMs();
  const startAt = clock.now();
  const number = (n: number) => ({ sms: [`+861380013800${n}`] });
  const gateway: LiveGateway = startLive({
    ...{ dir, port, clock, everyMs: minute },
    rules: { warm: { point: "room/t", above: 8, escalate: "duty" } },
    more: {
      sms: { port: "serial:/dev/null" },
      notify: { one: number(1), two: number(2), three: number(3) },
      escalation: {
        duty: {
          steps: [
            { notify: ["one"] },
            { after: "7min", notify: ["two"] },
            { after: "15min", notify: ["three"] },
          ],
        },
      },
    },
  });
  await gateway.reading(1);
  for (let now = 1; now <= 20; now += 1) {
    const before = gateway.came();
    for (const [at, what] of steps) {
      if (at <= now - 1 || at > now) continue;
      await gateway.runTo(start + at * minute);
      if (what === "ack") gateway.act("warm", { do: "acknowledge", by: "li" });
      else room.set("t", 5);
    }
    await gateway.runTo(start + now * minute);
    await gateway.reading(before + 1);
  }
  const told = [...gateway.store.readState(pushKeyPrefix)]
    .filter(([key]) => /^push\/\d{12}$/.test(key))
    .map(([, value]) => pushSchema.parse(value))
    .filter(({ kind }) => kind === "raised" || kind === "escalated")
    .map(({ receiver, createdAt }) => `${(createdAt - startAt) / minute} ${receiver}`);
  await gateway.stop();
  return told;
}

test.concurrent.each([
  { steps: [], told: ["0 one", "7 two", "15 three"] },
  { steps: [[6.99, "ack"]], told: ["0 one"] },
  { steps: [[7.01, "ack"]], told: ["0 one", "7 two"] },
  { steps: [[15.01, "ack"]], told: ["0 one", "7 two", "15 three"] },
  { steps: [[2.5, "return"]], told: ["0 one", "7 two", "15 three"] },
  {
    steps: [
      [2.5, "return"],
      [9, "ack"],
    ],
    told: ["0 one", "7 two"],
  },
] as const)("a ladder of 0, 7 and 15 minutes with $steps: $told", async ({ steps, told }) => {
  expect(await ladder(steps)).toEqual(told);
});
