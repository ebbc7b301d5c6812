import { expect, test } from "vitest";
import type { Driver, Sample, Session } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { HealthBook } from "../health/health-book.ts";
import { Supervisor } from "./supervisor.ts";

type Life = () => AsyncIterable<readonly Sample[]>;

/** A driver whose sessions live as told, one after the other; the last life repeats. */
function driverOf(lives: readonly (Life | RackwatchError)[]) {
  let opened = 0;
  let closed = 0;
  const driver: Driver = {
    name: "scripted",
    schema: {} as Driver["schema"],
    describe: () => [],
    claims: () => [],
    open: () => {
      const life = lives[Math.min(opened, lives.length - 1)];
      opened += 1;
      if (life === undefined || life instanceof RackwatchError) return Promise.reject(life);
      const session: Session = {
        samples: life,
        [Symbol.asyncDispose]: () => {
          closed += 1;
          return Promise.resolve();
        },
      };
      return Promise.resolve(session);
    },
  };
  return { driver, count: () => ({ opened, closed }) };
}

function good(value: number): Sample {
  return { point: "cold/temperature", sampledAt: 0, quality: "good", value };
}

const missing = new RackwatchError("driver/port-missing", "no /dev/x", { where: "/dev/x" });

function setUp(lives: readonly (Life | RackwatchError)[]) {
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const health = new HealthBook(["channel-a"], clock, log);
  const delivered: Sample[] = [];
  const { driver, count } = driverOf(lives);
  const supervisor = new Supervisor(
    {
      id: "a",
      settings: {},
      driver,
      points: [
        { key: "cold/temperature", kind: "number", access: "read" },
        { key: "cold/siren", kind: "boolean", access: "write" },
      ],
    },
    {
      context: { clock, log },
      health,
      deliver: (samples) => delivered.push(...samples),
      opened: () => undefined,
    },
  );
  return { clock, health, delivered, supervisor, count, entries };
}

test("samples of an open channel are delivered, and its end is a problem that says where", async () => {
  const it = setUp([
    async function* () {
      yield [good(4)];
    },
  ]);
  await it.supervisor.step(new AbortController().signal);
  expect(it.delivered[0]).toEqual(good(4));
  expect(it.health.notices()[0]).toMatchObject({
    part: "channel-a",
    code: "driver/connection-lost",
  });
  expect(it.count()).toEqual({ opened: 1, closed: 1 });
});

test("when the port is missing each readable point goes bad with the reason, a siren is left alone", async () => {
  const it = setUp([missing]);
  await it.supervisor.step(new AbortController().signal);
  expect(it.delivered).toMatchObject([
    { point: "cold/temperature", quality: "bad", reason: "driver/port-missing" },
  ]);
  await expect(it.supervisor.write("cold/siren", true)).rejects.toMatchObject({
    code: "driver/unavailable",
  });
});

test("a channel that cannot be opened is tried again with growing pauses, for ever", async () => {
  const it = setUp([missing]);
  const stop = new AbortController();
  const run = it.supervisor.run(stop.signal);
  await it.clock.advance(600_000);
  // 0.5 + 1 + 2 + 4 + 8 + 16 s, then each 30 s: 7 tries in the first 31.5 s, 18 more until 10 minutes.
  expect(it.count().opened).toBe(25);
  stop.abort();
  await run;
});

test("a fault in a driver closes its channel and is logged with its stack, nothing else stops", async () => {
  const it = setUp([
    // biome-ignore lint/correctness/useYield: a driver that fails before its first sample
    async function* () {
      throw new TypeError("undefined is not a register");
    },
    async function* () {
      yield [good(5)];
    },
  ]);
  await it.supervisor.step(new AbortController().signal);
  expect(it.health.notices()[0]?.message).toBe("undefined is not a register");
  expect(it.entries.some((e) => e.event === "driver failed")).toBe(true);
  await it.supervisor.step(new AbortController().signal);
  expect(it.delivered.at(-2)).toEqual(good(5));
});

test("the problem is gone as soon as a device answers again", async () => {
  const seen: number[] = [];
  const it = setUp([
    missing,
    async function* () {
      yield [{ point: "cold/temperature", sampledAt: 0, quality: "bad", reason: "timeout" }];
      seen.push(it.health.notices().length);
      yield [good(5)];
      seen.push(it.health.notices().length);
    },
  ]);
  await it.supervisor.step(new AbortController().signal);
  await it.supervisor.step(new AbortController().signal);
  expect(seen).toEqual([1, 0]);
});

test("a channel without an answer is well when it has stayed open for five seconds", async () => {
  const it = setUp([
    missing,
    async function* () {
      await it.clock.sleep(60_000);
      yield [];
    },
  ]);
  await it.supervisor.step(new AbortController().signal);
  void it.supervisor.step(new AbortController().signal);
  await it.clock.advance(4_999);
  expect(it.health.notices()).toHaveLength(1);
  await it.clock.advance(1);
  expect(it.health.notices()).toEqual([]);
});

test("a server that closes each connection is a problem throughout, not well in between", async () => {
  const seen: number[] = [];
  const it = setUp([
    async function* () {
      seen.push(it.health.notices().length);
      yield [];
    },
  ]);
  const stop = new AbortController();
  const run = it.supervisor.run(stop.signal);
  await it.clock.advance(60_000);
  stop.abort();
  await run;
  expect(seen).toEqual([0, 1, 1, 1, 1, 1, 1]);
});
