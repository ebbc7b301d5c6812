import { expect, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { busyRetryMs, busyRetryMsMax, Pressure } from "./pressure.ts";

const spread = (index: number, of: number) => index / of;

/** So many are refused one after another, while so many a second are let in. */
async function waits(refused: number, perSecond: number): Promise<number[]> {
  const clock = new ManualClock();
  let drawn = 0;
  const pressure = new Pressure(clock, () => spread(drawn % 100, 100));
  for (let second = 0; second < 10; second += 1) {
    for (let turn = 0; turn < perSecond; turn += 1) pressure.admitted();
    await clock.advance(1_000);
  }
  const told: number[] = [];
  for (; drawn < refused; drawn += 1) told.push(pressure.refused());
  return told;
}

test("a few that find no room come again within seconds", async () => {
  const told = await waits(20, 100);
  expect(Math.min(...told)).toBe(busyRetryMs);
  expect(Math.max(...told)).toBeLessThanOrEqual(2 * busyRetryMs);
});

test("ten thousand at once are spread over the time that all of them take", async () => {
  const told = (await waits(10_000, 200)).slice(-1_000);
  const mean = told.reduce((sum, ms) => sum + ms, 0) / told.length;
  expect(mean).toBeGreaterThan(35_000);
  expect(mean).toBeLessThan(75_000);
  expect(new Set(told).size).toBeGreaterThan(90);
});

test("nobody is sent away for longer than two minutes, whatever stands still", async () => {
  const told = await waits(50_000, 0);
  expect(Math.max(...told)).toBeLessThanOrEqual(busyRetryMsMax);
});

test("when the flood is over the wait is short again", async () => {
  const clock = new ManualClock();
  const pressure = new Pressure(clock, () => 0.5);
  for (let turn = 0; turn < 10_000; turn += 1) pressure.refused();
  expect(pressure.refused()).toBeGreaterThan(30_000);
  await clock.advance(20_000);
  expect(pressure.refused()).toBeLessThanOrEqual(2 * busyRetryMs);
});
