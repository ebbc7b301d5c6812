import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import type { ClockQuality } from "../store/store.ts";
import { SteadyClock, steadyMs } from "./steady-clock.ts";

const minuteMs = 60_000;

async function pass(steady: SteadyClock, clock: ManualClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += minuteMs) {
    steady.now();
    await clock.advance(minuteMs);
  }
}

test("a clock counts for ages when it was synchronized without a step for an hour", async () => {
  const clock = new ManualClock(Date.UTC(2027, 0, 1));
  let quality: ClockQuality = "synchronized";
  const steady = new SteadyClock(clock, () => quality);
  await pass(steady, clock, steadyMs - minuteMs);
  expect(steady.now()).toBeUndefined();
  await pass(steady, clock, minuteMs);
  expect(steady.now()).toBe(clock.now());
  clock.setWall(Date.UTC(2038, 0, 1));
  expect(steady.now()).toBeUndefined();
  await pass(steady, clock, steadyMs / 2);
  expect(steady.now()).toBeUndefined();
  clock.setWall(Date.UTC(2027, 0, 1, 3));
  await pass(steady, clock, steadyMs);
  expect(steady.now()).toBe(clock.now());
  quality = "unsynchronized";
  expect(steady.now()).toBeUndefined();
  quality = "synchronized";
  expect(steady.now()).toBeUndefined();
});

test("a slewed clock is steady", async () => {
  const clock = new ManualClock(Date.UTC(2027, 0, 1));
  const steady = new SteadyClock(clock, () => "synchronized");
  for (let minute = 0; minute < 60; minute += 1) {
    await pass(steady, clock, minuteMs);
    clock.setWall(clock.now() + 30);
  }
  expect(steady.now()).toBe(clock.now());
});
