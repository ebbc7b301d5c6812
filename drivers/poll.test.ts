import fc from "fast-check";
import { expect, test } from "vitest";
import { ManualClock } from "../tests/support/manual-clock.ts";
import { poll, Schedule } from "./poll.ts";

/** Takes everything that is due at each millisecond of a span. */
function run(schedule: Schedule<string>, fromMs: number, toMs: number) {
  const taken: { readonly item: string; readonly atMs: number; readonly missed: number }[] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += 1) {
    for (let due = schedule.take(atMs); due !== undefined; due = schedule.take(atMs))
      taken.push({ item: due.item, atMs, missed: due.missed });
  }
  return taken;
}

test("everything is read at the start, then once in each period at its own phase", () => {
  const schedule = new Schedule(
    ["a", "b"].map((item) => ({ item, everyMs: 100 })),
    1_000,
  );
  const taken = run(schedule, 1_000, 1_300);
  expect(taken.filter(({ item }) => item === "a").map(({ atMs }) => atMs)).toEqual([
    1_000, 1_050, 1_150, 1_250,
  ]);
  expect(taken.filter(({ item }) => item === "b").map(({ atMs }) => atMs)).toEqual([
    1_000, 1_100, 1_200, 1_300,
  ]);
  expect(taken.every(({ missed }) => missed === 0)).toBe(true);
});

test("readings that come late do not shift the later ones", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 5 }), (delays) => {
      const schedule = new Schedule([{ item: "a", everyMs: 100 }], 0);
      schedule.take(0);
      for (const [index, delay] of delays.entries()) {
        const dueMs = (index + 1) * 100;
        expect(schedule.nextMs()).toBe(dueMs);
        expect(schedule.take(dueMs + delay)).toMatchObject({ dueMs, missed: 0 });
      }
    }),
  );
});

test("periods that went by are counted and read once", () => {
  const schedule = new Schedule([{ item: "a", everyMs: 100 }], 0);
  schedule.take(0);
  expect(schedule.take(470)).toMatchObject({ dueMs: 100, missed: 3 });
  expect(schedule.take(470)).toBeUndefined();
  expect(schedule.nextMs()).toBe(500);
});

test("what has waited longest is taken first", () => {
  const schedule = new Schedule(
    [
      { item: "slow", everyMs: 1_000 },
      { item: "fast", everyMs: 100 },
    ],
    0,
  );
  run(schedule, 0, 0);
  expect(schedule.take(600)?.item).toBe("fast");
  expect(schedule.take(600)?.item).toBe("slow");
});

test("a postponed reading is made up for once and is back on its grid", () => {
  const schedule = new Schedule([{ item: "a", everyMs: 100 }], 0);
  schedule.take(0);
  schedule.take(100);
  schedule.postpone("a", 130);
  expect(run(schedule, 101, 300).map(({ atMs }) => atMs)).toEqual([130, 200, 300]);
});

test("the loop wakes when something is due and ends when it is told to", async () => {
  const clock = new ManualClock();
  const startMs = clock.monotonicMs();
  const controller = new AbortController();
  const seen: number[] = [];
  const schedule = new Schedule([{ item: "a", everyMs: 250 }], startMs);
  const running = (async () => {
    for await (const _ of poll(schedule, clock, controller.signal))
      seen.push(clock.monotonicMs() - startMs);
  })();
  await clock.advance(1_000);
  expect(seen).toEqual([0, 250, 500, 750, 1_000]);
  controller.abort();
  await running;
  expect(clock.sleeping).toBe(0);
});

test("a schedule without polls waits for its end", async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const running = poll(new Schedule([], 0), clock, controller.signal).next();
  await clock.advance(10 * 86_400_000);
  controller.abort();
  expect(await running).toEqual({ done: true, value: undefined });
});
