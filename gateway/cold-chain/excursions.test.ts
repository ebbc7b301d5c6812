import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import type { Alarm, AlarmCause, AlarmTransition } from "../alarms/alarm.ts";
import type { Rule } from "../rules/rule.ts";
import { dispositionOf, type Excursion, excursionSchema, trailMax } from "./excursion.ts";
import { closedMax } from "./excursion-book.ts";
import { Excursions, type ExcursionsParts } from "./excursions.ts";
import { historicSettleMs } from "./historic-excursions.ts";

const minute = 60_000;
const hour = 60 * minute;
const point: PointKey = "cold-2/temperature";
const wall = Date.UTC(2026, 10, 1);

const warm: Rule = {
  id: "cold-2:high",
  when: { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 },
  onDelayMs: 5 * minute,
  offDelayMs: 2 * minute,
  priority: "critical",
  message: "too warm",
  location: "cold-2",
  outputs: [],
  profile: { id: "gsp-cold", limit: "high", excursion: true },
};

const cold: Rule = {
  ...warm,
  id: "cold-2:low",
  when: { is: "below", point, limit: 2, inclusive: false, deadband: 0 },
  onDelayMs: 0,
  offDelayMs: 0,
};

const locations = {
  site: {},
  "cold-2": { within: "site" },
  "shelf-1": { within: "cold-2" },
  "box-1": { within: "shelf-1" },
  elsewhere: {},
};

/** A gateway's life around `Excursions`: time, what the store keeps, what was told. */
class World {
  readonly kept = new Map<string, unknown>();
  readonly events: { do: string; id: string }[] = [];
  readonly notices: Excursion[] = [];
  readonly saves: string[] = [];
  readonly active = new Map<string, Alarm>();
  readonly #parts: Partial<ExcursionsParts>;
  offset = wall;
  mono = 0;
  boot = "boot-1";
  excursions: Excursions;

  constructor(parts: Partial<ExcursionsParts> = {}) {
    this.#parts = parts;
    this.excursions = this.start();
  }

  start(): Excursions {
    this.excursions = new Excursions({
      instant: this.instant,
      boot: this.boot,
      clockSynchronized: () => true,
      rules: [warm],
      points: new Map([[point, { unit: "Cel", everyMs: minute }]]),
      locations,
      saved: new Map(JSON.parse(JSON.stringify([...this.kept]))),
      ...this.#parts,
    });
    return this.excursions;
  }

  get instant() {
    return { at: this.offset + this.mono, mono: this.mono };
  }

  sample(value: number | undefined, sampledAt = this.instant.at): Sample {
    return value === undefined
      ? { point, sampledAt, quality: "bad", reason: "open probe" }
      : { point, sampledAt, quality: "good", value };
  }

  step(input: {
    at?: number;
    value?: number | "bad";
    cause?: AlarmCause;
    rule?: string;
    alarm?: string;
    late?: readonly Sample[];
  }): void {
    if (input.at !== undefined) this.mono = input.at;
    const { value, cause, rule = warm.id, alarm = `${rule}#1`, late = [] } = input;
    const samples = value === undefined ? [] : [this.sample(value === "bad" ? undefined : value)];
    const transitions = cause === undefined ? [] : [this.transition(cause, rule, alarm)];
    const { instant } = this;
    if (cause === "violated") this.active.set(rule, this.alarm(alarm, rule));
    if (cause === "returned") this.active.delete(rule);
    const step = { transitions, alarms: [...this.active.values()] };
    const { events, state, notices } = this.excursions.step({ samples, late, step, instant });
    this.keep(state);
    this.notices.push(...notices.map(({ excursion }) => excursion));
    for (const { kind, body } of events) {
      expect(kind).toBe("excursion");
      const excursion = body["excursion"];
      const id =
        typeof excursion === "object" && excursion !== null && "id" in excursion
          ? String(excursion.id)
          : "";
      this.events.push({ do: String(body["do"]), id });
    }
  }

  keep(state: ReadonlyMap<string, unknown>): void {
    for (const [key, value] of state) {
      this.saves.push(key);
      if (value === undefined) this.kept.delete(key);
      else this.kept.set(key, value);
      if (key.startsWith("excursion/") && value !== undefined) excursionSchema.parse(value);
    }
  }

  transition(cause: AlarmCause, rule: string, alarm: string): AlarmTransition {
    const { at } = this.instant;
    return {
      ...{ alarm, rule, at, cause },
      from: "normal",
      to: "unacknowledged",
      priority: "critical",
      message: "too warm",
    };
  }

  alarm(id: string, rule: string): Alarm {
    const { at } = this.instant;
    return {
      ...{ id, rule, state: "unacknowledged", active: true, acknowledged: false, latched: false },
      ...{ priority: "critical", message: "too warm", outputs: [], raisedAt: at, since: at },
    };
  }

  get first(): Excursion {
    const [excursion] = this.excursions.list();
    if (excursion === undefined) throw new Error("no excursion");
    return excursion;
  }
}

/** One value a minute, and what the alarm of these values does at which minute. */
function minutes(
  world: World,
  values: readonly (number | "bad")[],
  causes: Record<number, AlarmCause> = {},
  from = 0,
): void {
  for (const [index, value] of values.entries()) {
    const cause = causes[from + index];
    world.step({ at: (from + index) * minute, value, ...(cause !== undefined && { cause }) });
  }
}

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

describe("late samples", () => {
  const instantRule: Rule = { ...warm, onDelayMs: 0, offDelayMs: 0 };
  const noon = 12 * hour;

  /** @param values Value by minute of the day. */
  function readings(world: World, values: Readonly<Record<number, number>>): Sample[] {
    return Object.entries(values).map(([at, value]) =>
      world.sample(value, wall + Number(at) * minute),
    );
  }

  function settle(world: World): void {
    world.step({ at: world.mono + historicSettleMs });
  }

  test("of 9 degrees from three to four are one historic excursion and one low notice", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, value: 5 });
    const night = Object.fromEntries(Array.from({ length: 61 }, (_, index) => [180 + index, 9]));
    for (const sample of readings(world, night)) {
      world.step({ at: world.mono + 100, late: [sample] });
    }
    expect(world.notices).toEqual([]);
    settle(world);

    expect(world.excursions.list()).toHaveLength(1);
    expect(world.first).toMatchObject({
      id: "cold-2:high@2026-11-01T03:00:00.000Z",
      kind: "historic",
      state: "closed",
      start: wall + 3 * hour,
      end: wall + 4 * hour,
      peak: { value: 9, at: wall + 3 * hour },
      outsideMs: hour,
      affected: { location: "cold-2" },
    });
    expect(world.notices.map(({ id }) => id)).toEqual([world.first.id]);
    expect(world.events).toEqual([{ do: "opened", id: world.first.id }]);
    settle(world);
    expect(world.notices).toHaveLength(1);
  });

  test("only two of them, an hour apart, are one excursion with a gap", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, late: readings(world, { 180: 9, 240: 9 }) });
    expect(world.first).toMatchObject({
      start: wall + 3 * hour,
      end: wall + 4 * hour,
      gapMs: hour,
    });
  });

  test("that are in range make none, and the rule's delay counts for the others", () => {
    const world = new World();
    world.step({ at: noon, late: readings(world, { 180: 5, 181: 9, 182: 9, 184: 5, 185: 7 }) });
    settle(world);
    expect(world.excursions.list()).toEqual([]);
    expect(world.notices).toEqual([]);
  });

  test("that come after an excursion was told extend it, without a second notice", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, late: readings(world, { 180: 9, 181: 9.5 }) });
    settle(world);
    world.start();
    world.step({ at: world.mono, late: readings(world, { 182: 9.8, 183: 9 }) });
    settle(world);
    expect(world.excursions.list()).toHaveLength(1);
    expect(world.first).toMatchObject({
      start: wall + 180 * minute,
      end: wall + 183 * minute,
      peak: { value: 9.8 },
    });
    expect(world.notices).toHaveLength(1);
    expect(world.events.map((event) => event.do)).toEqual(["opened", "updated"]);
  });

  test("that prove a return in between make two of one", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, late: readings(world, { 180: 9, 190: 9 }) });
    settle(world);
    world.step({ at: world.mono, late: readings(world, { 185: 5 }) });
    settle(world);
    expect(world.excursions.list().map(({ start }) => start)).toEqual([
      wall + 190 * minute,
      wall + 180 * minute,
    ]);
  });

  test("that split one at the time it is named after leave both", () => {
    const world = new World({ rules: [instantRule] });
    for (const values of [{ 220: 9 }, { 119: 9 }, { 203: 5 }]) {
      world.step({ at: noon, late: readings(world, values) });
    }
    settle(world);
    expect(world.excursions.list().map(({ start }) => start)).toEqual([
      wall + 220 * minute,
      wall + 119 * minute,
    ]);
  });

  test("that were waiting to be told when the machine died are told after it", () => {
    const world = new World({ rules: [instantRule] });
    world.step({ at: noon, late: readings(world, { 180: 9 }) });
    world.start();
    expect(world.excursions.nextDue()).toBeDefined();
    world.step({ at: world.mono + 1 });
    expect(world.notices).toHaveLength(1);
    expect(world.excursions.nextDue()).toBeUndefined();
  });

  test("give the same excursions in whichever order and batches they come", () => {
    const value = fc.constantFrom(5, 7.8, 8.1, 9, 12);
    const given = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 400 }), value), {
      selector: ([at]) => at,
      minLength: 1,
      maxLength: 60,
    });
    const outcome = (world: World) => {
      settle(world);
      return world.excursions
        .list()
        .map(({ start, end, peak, outsideMs, gapMs }) => ({ start, end, peak, outsideMs, gapMs }))
        .sort((left, right) => left.start - right.start);
    };
    fc.assert(
      fc.property(
        given,
        fc.infiniteStream(fc.nat()),
        fc.infiniteStream(fc.integer({ min: 1, max: 20 })),
        fc.constantFrom(instantRule, warm),
        (pairs, keys, sizes, rule) => {
          const inOrder = new World({ rules: [rule] });
          const sorted = pairs.toSorted(([left], [right]) => left - right);
          const samples = sorted.map(([at, one]) => inOrder.sample(one, wall + at * minute));
          inOrder.step({ at: noon, late: samples });
          const mixed = new World({ rules: [rule] });
          let rest = samples
            .map((sample) => ({ sample, key: keys.next().value ?? 0 }))
            .sort((left, right) => left.key - right.key)
            .map(({ sample }) => sample);
          while (rest.length > 0) {
            const size = sizes.next().value ?? 1;
            mixed.step({ at: noon, late: rest.slice(0, size) });
            rest = rest.slice(size);
          }
          expect(outcome(mixed)).toEqual(outcome(inOrder));
        },
      ),
      { numRuns: 300 },
    );
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
