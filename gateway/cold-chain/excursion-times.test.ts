import { expect, test } from "vitest";
import { minute, minutes, point, World, wall, warm } from "../../tests/support/excursion-world.ts";
import type { TimeCorrection } from "../store/time-shift.ts";
import { MinMaxBook, minMaxKeyPrefix } from "./min-max.ts";

const dayMs = 86_400_000;

/** Found out at that monotonic time of a clock that had said something else since the boot. */
function found(mono: number, wrongOffset: number, offsetMs = wall, boot = "boot-1") {
  const clocks = [{ offsetMs: wrongOffset, fromMono: 0, throughMono: mono }];
  return { boot, mono, offsetMs, clocks } satisfies TimeCorrection;
}

function worldAt(offset: number, parts: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World({ clockSynchronized: () => false, ...parts });
  world.offset = offset;
  world.start();
  return world;
}

test("an open excursion of 1970 gets its true times, goes on, and central is told", () => {
  const world = worldAt(0);
  minutes(world, [5, 9, 9.5, 9, 9, 9, 9], { 6: "violated" });
  expect(world.first).toMatchObject({ start: minute, peak: { at: 2 * minute } });
  world.offset = wall;
  world.mono = 7 * minute;
  world.excursions.correct(found(world.mono, 0));
  world.step({ at: 7 * minute, value: 10 });
  expect(world.events.map((it) => it.do)).toEqual(["opened", "updated"]);
  expect(world.first).toMatchObject({
    start: wall + minute,
    trail: [{ at: wall + 6 * minute }],
  });
  minutes(world, [5, 5, 5], { 10: "returned" }, 8);
  expect(world.first).toMatchObject({
    state: "closed",
    start: wall + minute,
    end: wall + 8 * minute,
    peak: { value: 10, at: wall + 7 * minute },
    outsideMs: 7 * minute,
  });
});

test("a crossing before the clock was set and an alarm after it make one excursion at its true time", () => {
  const world = worldAt(0);
  minutes(world, [5, 9, 9]);
  world.excursions.correct(found(3 * minute, 0));
  world.offset = wall;
  minutes(world, [9, 9, 9, 9], { 6: "violated" }, 3);
  expect(world.first).toMatchObject({ start: wall + minute, peak: { at: wall + minute } });
});

test("a program that died between the correction and the excursion's times has them at its next start, once", () => {
  const behind = wall - 2 * minute;
  const world = worldAt(behind);
  minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
  const corrections = [found(20 * minute, behind)];
  for (const mono of [21, 23, 25]) {
    world.mono = mono * minute;
    world.offset = wall;
    world.excursions = worldAfter(world, corrections);
    world.step({ at: mono * minute, value: 9 });
    expect(world.first.start).toBe(wall + minute);
  }
});

function worldAfter(world: World, corrections: readonly TimeCorrection[]) {
  const next = new World({ corrections });
  for (const [key, value] of world.kept) next.kept.set(key, value);
  next.mono = world.mono;
  next.offset = world.offset;
  return next.start();
}

test("an excursion from before the boot keeps its times, though this boot's clock said them again", () => {
  const world = worldAt(wall);
  minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
  world.boot = "boot-2";
  world.mono = 0;
  world.start();
  world.active.set(warm.id, world.alarm(`${warm.id}#1`, warm.id));
  world.step({ at: minute, value: 9 });
  world.offset = wall + dayMs;
  world.excursions.correct(found(30 * minute, wall, wall + dayMs, "boot-2"));
  world.step({ at: 31 * minute, value: 9 });
  expect(world.first).toMatchObject({ start: wall + minute, trail: [{ at: wall + 6 * minute }] });
});

test("the lowest and highest value since the last reset get their true times, and are on disk at once", () => {
  const kept = new Map<string, unknown>();
  const book = new MinMaxBook(new Set([point]), new Map());
  const sample = (value: number, sampledAt: number) =>
    ({ point, sampledAt, quality: "good", value }) as const;
  book.step([sample(4, minute)], { at: minute, mono: minute });
  book.step([sample(7, 2 * minute)], { at: 2 * minute, mono: 2 * minute });
  book.correct(found(3 * minute, 0));
  for (const [key, value] of book.step([], { at: wall, mono: 3 * minute }).state)
    kept.set(key, value);
  const range = {
    min: { value: 4, at: wall + minute },
    max: { value: 7, at: wall + 2 * minute },
    since: wall + minute,
  };
  expect(book.get(point)).toEqual(range);
  expect(kept.get(minMaxKeyPrefix + point)).toEqual(range);
  const next = new MinMaxBook(new Set([point]), kept);
  next.correct(found(9 * minute, wall, wall + dayMs, "boot-2"));
  expect(next.get(point)).toEqual(range);
});
