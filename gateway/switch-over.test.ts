import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { PointKey } from "../drivers/contract.ts";
import { BrainWorld, configFrom } from "../tests/support/brain-world.ts";
import { ManualClock } from "../tests/support/manual-clock.ts";
import { scratchFolder } from "../tests/support/spine.ts";
import { storedEvents } from "../tests/support/store-events.ts";

const points = ["p0", "p1", "p2"] as const;

interface Shape {
  readonly rules: Readonly<Record<string, unknown>>;
  readonly everyMs?: number;
}

function configOf({ rules, everyMs = 10_000 }: Shape) {
  const input = (address: number) => ({ table: "input", address, type: "int16" });
  const coil = (address: number) => ({ table: "coil", address, access: "write" });
  const lamps = { lamp0: coil(0), lamp1: coil(1) };
  const read = Object.fromEntries(points.map((point, address) => [point, input(address)]));
  return configFrom({
    version: 1,
    gateway: { id: "w" },
    channels: {
      line: {
        ...{ driver: "modbus", port: "tcp://127.0.0.1:9" },
        devices: { d: { unitId: 1, every: `${everyMs}ms`, points: { ...read, ...lamps } } },
      },
    },
    rules,
    ...{ panel: { enabled: false }, broker: { enabled: false } },
  });
}

const above = (point: string, limit: number, more: object = {}) => ({
  ...{ point: `d/${point}`, above: limit, outputs: ["d/lamp0"], ...more },
});

async function world(shape: Shape, act: (it: BrainWorld, clock: ManualClock) => Promise<void>) {
  using folder = scratchFolder();
  const clock = new ManualClock();
  using it = new BrainWorld(folder.path, clock, configOf(shape));
  await act(it, clock);
  return storedEvents(folder.path);
}

const live = (it: BrainWorld) =>
  it.brain.alarms.list().map(({ id, state, raisedAt, held }) => ({ id, state, raisedAt, held }));

test("an alarm that stays is the same one, is not held, and its lamp is written no other level", async () => {
  await world({ rules: { warm: above("p0", 5) } }, async (it, clock) => {
    it.tell({ "d/p0": 9 });
    await clock.advance(1_000);
    const before = live(it);
    it.written.length = 0;
    await it.switchTo(configOf({ rules: { warm: above("p0", 5), cold: above("p1", 5) } }));
    await clock.advance(1_000);
    expect(live(it)).toEqual(before);
    expect(it.written.filter(([point, level]) => point === "d/lamp0" && level === false)).toEqual(
      [],
    );
  });
});

test("the lamp of a rule that is gone goes dark, though nothing drives it any more, and its alarm ends on record", async () => {
  const events = await world({ rules: { warm: above("p0", 5) } }, async (it, clock) => {
    it.tell({ "d/p0": 9 });
    await clock.advance(100);
    expect(it.written.at(-1)).toEqual(["d/lamp0", true]);
    await it.switchTo(configOf({ rules: { other: above("p1", 5, { outputs: [] }) } }));
    await clock.advance(100);
    expect(it.written.at(-1)).toEqual(["d/lamp0", false]);
    expect(live(it)).toEqual([]);
  });
  expect(events.filter(({ body }) => body["cause"] === "rule-removed")).toHaveLength(1);
});

test("a rule that is new sees what was known before: a device that speaks only when something changes says nothing more", async () => {
  await world({ rules: {} }, async (it, clock) => {
    it.tell({ "d/p0": 9, "d/p1": 9 });
    await clock.advance(5_000);
    const delayed = above("p0", 5, { onDelay: "10s" });
    await it.switchTo(configOf({ rules: { now: above("p1", 5), later: delayed } }));
    expect(live(it).map(({ id }) => id)).toEqual(["now#1"]);
    await clock.advance(10_000);
    it.brain.intake.tick();
    expect(
      live(it)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(["later#1", "now#1"]);
  });
});

test("a value that is stale tells a new rule nothing, and silence counts on over switches", async () => {
  const stale = { point: "d/p0", stale: "60s" };
  await world({ rules: { silent: stale } }, async (it, clock) => {
    it.tell({ "d/p0": 9 });
    await clock.advance(31_000);
    await it.switchTo(configOf({ rules: { silent: stale, warm: above("p0", 5) } }));
    expect(live(it)).toEqual([]);
    await clock.advance(20_000);
    await it.switchTo(configOf({ rules: { silent: stale } }));
    expect(live(it)).toEqual([]);
    await clock.advance(9_000);
    it.brain.intake.tick();
    expect(live(it).map(({ id }) => id)).toEqual(["silent#1"]);
  });
});

test("a delay that runs goes on to the millisecond", async () => {
  const slow = above("p0", 5, { onDelay: "20s" });
  await world({ rules: { slow } }, async (it, clock) => {
    it.tell({ "d/p0": 9 });
    await clock.advance(12_000);
    await it.switchTo(configOf({ rules: { slow, more: above("p1", 1) } }));
    await clock.advance(7_999);
    it.brain.intake.tick();
    expect(live(it)).toEqual([]);
    await clock.advance(1);
    it.brain.intake.tick();
    expect(live(it).map(({ id }) => id)).toEqual(["slow#1"]);
  });
});

test("who still holds the old intake reaches the one that counts, and old stock cannot be booked", async () => {
  const events = await world({ rules: {} }, async (it) => {
    const { intake } = it.brain;
    await it.switchTo(configOf({ rules: { warm: above("p0", 5) } }));
    intake.record("audit", { action: "login", person: "wang" });
    intake.accept([{ point: "d/p0", sampledAt: Date.UTC(2026, 0, 1), quality: "good", value: 9 }]);
    expect(live(it).map(({ id }) => id)).toEqual(["warm#1"]);
    expect(it.brain.intake.samplesTotal).toBe(1);
    expect(() => intake.stock(() => expect.unreachable())).toThrow("switched meanwhile");
  });
  expect(events.filter(({ body }) => body["person"] === "wang")).toHaveLength(1);
});

test("what is different goes on record once, with the points for central when they are others", async () => {
  const events = await world({ rules: {} }, async (it) => {
    await it.switchTo(configOf({ rules: { warm: above("p0", 5) } }));
  });
  // The first is what the start says.
  const told = events.filter(({ kind }) => kind === "config").map(({ body }) => body);
  expect(told.map(({ part, points: its }) => part ?? its)).toEqual(["all", "rules/warm"]);
});

const values = fc.integer({ min: 0, max: 9 });
const pointName = fc.constantFrom(...points);
const rule = fc.record(
  {
    point: pointName.map((point) => `d/${point}`),
    above: fc.integer({ min: 1, max: 8 }),
    deadband: fc.constantFrom(0, 1),
    onDelay: fc.constantFrom("0s", "4s", "25s"),
    offDelay: fc.constantFrom("0s", "7s"),
    latch: fc.boolean(),
    priority: fc.constantFrom("low", "high"),
    outputs: fc.subarray(["d/lamp0", "d/lamp1"]),
  },
  { requiredKeys: ["point", "above"] },
);
const silence = fc.record({
  point: pointName.map((point) => `d/${point}`),
  stale: fc.constantFrom("15s", "40s"),
});
const shape = fc.record({
  rules: fc.dictionary(fc.constantFrom("a", "b", "c", "e"), fc.oneof(rule, silence), {
    maxKeys: 4,
  }),
});
const round = fc.record({
  told: fc.tuple(values, values, values),
  forMs: fc.integer({ min: 1, max: 12_000 }),
});

function valuesOf(told: readonly number[]): Readonly<Record<PointKey, number>> {
  return Object.fromEntries(points.map((point, index) => [`d/${point}`, told[index] ?? 0]));
}

async function play(
  it: BrainWorld,
  clock: ManualClock,
  rounds: readonly { told: number[]; forMs: number }[],
) {
  for (const { told, forMs } of rounds) {
    it.tell(valuesOf(told));
    await clock.advance(forMs);
    it.brain.intake.tick();
  }
}

test("what is after a switch is what would be after a restart into the same configuration, given the same samples", async () => {
  const rounds = fc.array(round, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(shape, shape, rounds, values, rounds, async (a, b, before, last, after) => {
      const outcome = async (isSwitch: boolean) => {
        using folder = scratchFolder();
        const clock = new ManualClock();
        using stack = new DisposableStack();
        const first = new BrainWorld(folder.path, clock, configOf(a));
        await play(first, clock, before);
        const known = valuesOf([last, 9 - last, last]);
        first.tell(known);
        if (isSwitch) await first.switchTo(configOf(b));
        else first[Symbol.dispose]();
        const it = stack.use(isSwitch ? first : new BrainWorld(folder.path, clock, configOf(b)));
        // A device that is opened anew says again what it said.
        if (!isSwitch) it.tell(known);
        await clock.advance(1);
        it.brain.intake.tick();
        const then = it.brain.alarms.list();
        await play(it, clock, after);
        const views = it.brain.source.outputs().map(({ key, value }) => ({ key, value }));
        return { then, later: it.brain.alarms.list(), views };
      };
      expect(await outcome(true)).toEqual(await outcome(false));
    }),
    { numRuns: 15 },
  );
});

test("fifty switches leave nothing behind: every brain but the present one is let go", async () => {
  setFlagsFromString("--expose_gc");
  const collect: unknown = runInNewContext("gc");
  await world({ rules: { warm: above("p0", 5) } }, async (it, clock) => {
    const old: WeakRef<object>[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      old.push(new WeakRef(it.brain.response));
      it.tell({ "d/p0": turn % 10 });
      await clock.advance(1_000);
      await it.switchTo(
        configOf({ rules: { warm: above("p0", 5), [`r${turn}`]: above("p1", 3) } }),
      );
    }
    await expect
      .poll(() => {
        if (typeof collect === "function") collect();
        return old.filter((one) => one.deref() !== undefined).length;
      })
      .toBeLessThanOrEqual(1);
  });
});
