import { describe, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import {
  cold,
  hour,
  minute,
  minutes,
  point,
  World,
  wall,
  warm,
} from "../../tests/support/excursion-world.ts";
import type { Rule } from "../rules/rule.ts";
import { dispositionOf, trailMax } from "./excursion.ts";
import { closedMax } from "./excursion-book.ts";

describe("a live excursion", () => {
  const values = [7.9, 8.2, 8.3, 7.9, 8.1, 8.2, 8.3, 8.4, 8.3, 8.2, 7.8, 7.6, 8.1, 7.5, 7.4, 7.4];

  test("runs from the crossing to the return, with the peak and the minutes beyond the limit", () => {
    const world = new World();
    minutes(world, values, { 9: "violated", 15: "returned" });

    expect(world.first).toMatchObject({
      id: "cold-2:high#1",
      kind: "live",
      state: "closed",
      start: wall + 4 * minute,
      end: wall + 13 * minute,
      peak: { value: 8.4, at: wall + 7 * minute },
      // 4:00 to 10:00 and 12:00 to 13:00.
      outsideMs: 7 * minute,
      knownMs: 9 * minute,
      gapMs: 0,
      // And 1:00 to 3:00, which made no alarm.
      outside24hMs: 9 * minute,
      affected: { location: "cold-2", locations: ["cold-2", "shelf-1", "box-1"] },
      mkt: { coverage: 1, celsius: expect.closeTo(8.1146, 3) },
    });
    expect(world.first).not.toHaveProperty("last");
    expect(world.events.map((event) => event.do)).toEqual(["opened", "closed"]);
    expect(world.first.trail.map(({ cause }) => cause)).toEqual(["violated", "returned"]);
  });

  test("a dip that makes no alarm makes no excursion, and counts in the next one's 24 hours", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 5]);
    expect(world.excursions.list()).toEqual([]);

    for (let index = 5; index < 30 * 60; index += 1) world.step({ at: index * minute, value: 5 });
    minutes(world, [9, 9, 9, 9, 9, 9], { 1805: "violated" }, 1800);
    expect(world.first.outside24hMs).toBe(5 * minute);
  });

  test("a person's acknowledgement after the end is in the trail, which is bounded", () => {
    const world = new World();
    minutes(world, values, { 9: "violated", 15: "returned" });
    world.step({ at: 20 * minute, cause: "acknowledged" });
    expect(world.first.trail.at(-1)).toMatchObject({
      cause: "acknowledged",
      at: wall + 20 * minute,
    });

    for (let index = 0; index < trailMax; index += 1) world.step({ cause: "acknowledged" });
    expect(world.first.trail).toHaveLength(trailMax);
    expect(world.first.trail[0]?.cause).toBe("violated");
    expect(world.first.trailDropped).toBe(3);
  });

  test("a sensor that fails holds it open, its time is a gap, and a mean is refused", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9, "bad", "bad", "bad", 9, 7, 7], {
      6: "violated",
      12: "returned",
    });
    expect(world.first).toMatchObject({
      start: wall + minute,
      end: wall + 11 * minute,
      outsideMs: 7 * minute,
      gapMs: 3 * minute,
      mkt: { refused: "coverage" },
    });
  });

  test("a silence of more than one and a half periods is a gap", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
    world.step({ at: 10 * minute, value: 9 });
    world.step({ at: 11 * minute, value: 5 });
    world.step({ at: 13 * minute, cause: "returned" });
    expect(world.first).toMatchObject({ outsideMs: 6 * minute, gapMs: 4 * minute });
  });

  test("an uncertain value is no peak", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
    const spike: Sample = { point, sampledAt: wall, quality: "uncertain", value: 40 };
    const { instant } = world;
    const step = { transitions: [], alarms: [] };
    world.excursions.step({ samples: [spike], late: [], step, instant });
    expect(world.first.peak?.value).toBe(9);
  });

  test("out of service goes on in the record and not in the mean", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
    world.step({ cause: "out-of-service" });
    minutes(world, [20, 20, 20], {}, 7);
    minutes(world, [7, 7, 7], { 12: "returned" }, 10);
    expect(world.first).toMatchObject({ outsideMs: 9 * minute, mkt: { refused: "coverage" } });
    expect(world.first.kinetic?.degreeMs).toBe(9 * 5 * minute);
  });

  test("a limit below has its lowest value as the peak, and never a mean", () => {
    const world = new World({ rules: [cold] });
    const rule = cold.id;
    world.step({ at: 0, value: 3 });
    world.step({ at: minute, value: 1, cause: "violated", rule });
    world.step({ at: 2 * minute, value: -1 });
    world.step({ at: 3 * minute, value: 3, cause: "returned", rule });
    expect(world.first).toMatchObject({
      peak: { value: -1, at: wall + 2 * minute },
      outsideMs: 2 * minute,
      mkt: { refused: "freeze", coverage: 1 },
    });
  });

  test("a humidity has no kinetic mean", () => {
    const world = new World({ points: new Map([[point, { unit: "%", everyMs: minute }]]) });
    minutes(world, values, { 9: "violated", 15: "returned" });
    expect(world.first).not.toHaveProperty("mkt");
  });

  test("a rule without a profile, or whose limit is a pre-alarm, opens none", () => {
    const { profile, ...plain } = warm;
    const early: Rule = { ...warm, profile: { id: "gsp-cold", limit: "early", excursion: false } };
    for (const rule of [plain, early]) {
      const world = new World({ rules: [rule] });
      minutes(world, values, { 9: "violated", 15: "returned" });
      expect(world.excursions.list()).toEqual([]);
    }
  });

  test("a wall clock that is set by a day makes it neither longer nor shorter", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
    world.offset += 24 * hour;
    minutes(world, [9, 9], {}, 7);
    world.offset -= 48 * hour;
    minutes(world, [7, 7, 7], { 11: "returned" }, 9);
    expect(world.first).toMatchObject({ outsideMs: 8 * minute, gapMs: 0 });
  });

  test("is saved at what changes it and once a minute, and the log is told twice an hour", () => {
    const world = new World({ points: new Map([[point, { unit: "Cel", everyMs: 1_000 }]]) });
    for (let second = 0; second <= 2 * 3_600; second += 1) {
      world.step({
        at: second * 1_000,
        value: second === 0 ? 5 : 9 + second / 1e6,
        ...(second === 301 && { cause: "violated" as const }),
      });
    }
    const own = world.saves.filter((key) => key.startsWith("excursion/")).length;
    expect(own).toBeGreaterThan(100);
    expect(own).toBeLessThan(125);
    expect(world.saves.length - own).toBeLessThan(125);
    expect(world.events.map((event) => event.do)).toEqual([
      "opened",
      "updated",
      "updated",
      "updated",
    ]);
  });
});

describe("a restart", () => {
  test("goes on where the excursion stood; the time of the restart is outside or a gap", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9, 9], { 6: "violated" });
    world.mono = 7 * minute + 30_000;
    world.start();
    minutes(world, [9, 9, 7, 7, 7], { 12: "returned" }, 8);
    expect(world.first).toMatchObject({
      id: "cold-2:high#1",
      start: wall + minute,
      end: wall + 10 * minute,
      state: "closed",
      knownMs: 9 * minute,
      outsideMs: 9 * minute,
      gapMs: 0,
    });
    expect(world.events.map((event) => event.do)).toEqual(["opened", "closed"]);
  });

  test("of the machine, with an hour off, adds an hour of gap", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
    world.boot = "boot-2";
    world.offset += hour + 6 * minute;
    world.mono = minute;
    world.start();
    world.step({ at: minute, value: 9 });
    world.step({ at: 2 * minute, value: 7 });
    world.step({ at: 4 * minute, cause: "returned" });
    // The last value before was of 6:00.
    expect(world.first).toMatchObject({
      state: "closed",
      start: wall + minute,
      outsideMs: 6 * minute,
      gapMs: hour + minute,
    });
  });

  test("an excursion whose rule is gone is closed, and one that cannot be read is left alone", () => {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
    world.kept.set("excursion/odd", { version: 9 });
    const other = new World({ rules: [cold], saved: new Map(world.kept) });
    other.step({ at: 10 * minute });
    expect(other.first).toMatchObject({ state: "closed", end: wall + 6 * minute });
    expect(other.excursions.unreadable).toEqual(["excursion/odd"]);
  });

  test("an alarm that was active before anybody kept excursions opens one, from its crossing", () => {
    const world = new World();
    const { instant } = world;
    const alarm = { ...world.alarm("cold-2:high#7", warm.id), raisedAt: wall - hour };
    const step = { transitions: [], alarms: [alarm] };
    world.excursions.step({ samples: [], late: [], step, instant });
    expect(world.first).toMatchObject({
      id: "cold-2:high#7",
      state: "open",
      start: wall - hour - 5 * minute,
    });
  });
});

describe("a disposition", () => {
  function closed(): World {
    const world = new World();
    minutes(world, [5, 9, 9, 9, 9, 9, 9], { 6: "violated" });
    return world;
  }
  const signed = { by: "Wang Fang", meaning: "review" };

  test("goes from none to quarantine to released or discarded, each signed, none forgotten", () => {
    const world = closed();
    const { id } = world.first;
    const dispose = (to: "quarantined" | "released" | "discarded") =>
      world.keep(world.excursions.dispose(id, { ...signed, to }, world.instant).state);

    expect(() => dispose("released")).toThrow("cannot become released");
    dispose("quarantined");
    expect(() => dispose("released")).toThrow("not over");
    minutes(world, [7, 7, 7], { 9: "returned" }, 7);
    dispose("released");
    expect(() => dispose("discarded")).toThrow("cannot become discarded");
    expect(dispositionOf(world.first)).toBe("released");
    expect(world.start().list()[0]?.dispositions).toEqual([
      { ...signed, to: "quarantined", at: wall + 6 * minute },
      { ...signed, to: "released", at: wall + 9 * minute },
    ]);
  });

  test("is refused without a name, without a meaning, and of what is not there", () => {
    const world = closed();
    const { id } = world.first;
    const dispose = (of: string, by: string, meaning: string) =>
      world.excursions.dispose(of, { to: "quarantined", by, meaning }, world.instant);
    expect(() => dispose(id, " ", "review")).toThrow("needs the person's name");
    expect(() => dispose(id, "li", "")).toThrow("needs the person's name");
    expect(() => dispose("none#1", "li", "review")).toThrow("no excursion none#1");
  });
});

test("of closed ones 500 stay at hand, those that are decided go first", () => {
  const world = new World({ rules: [cold] });
  const rule = cold.id;
  for (let index = 0; index < closedMax + 20; index += 1) {
    const alarm = `${rule}#${index}`;
    world.step({ at: 3 * index * minute, value: 1, cause: "violated", rule, alarm });
    world.step({ at: (3 * index + 1) * minute, value: 3, cause: "returned", rule, alarm });
    if (index !== 100) continue;
    for (const to of ["quarantined", "discarded"] as const) {
      const disposal = { to, by: "li", meaning: "review" };
      world.keep(world.excursions.dispose(alarm, disposal, world.instant).state);
    }
  }
  const ids = world.excursions.list().map(({ id }) => id);
  expect(ids).toHaveLength(closedMax);
  expect(ids).not.toContain(`${rule}#100`);
  expect(ids).not.toContain(`${rule}#18`);
  expect(ids).toContain(`${rule}#19`);
  expect([...world.kept.keys()].filter((key) => key.startsWith("excursion/"))).toHaveLength(
    closedMax,
  );
});
