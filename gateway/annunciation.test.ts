import { expect, test } from "vitest";
import { annunciatorSchema } from "../config/schema/annunciator.ts";
import { ruleSchema } from "../config/schema/rule.ts";
import type { PointDescription, PointKey } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { alarmIn } from "../tests/support/alarms.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { outputWriteMsMax } from "./alarms/output-writer.ts";
import { Annunciation, type OutputTest, outputsOf } from "./annunciation.ts";
import type { Problem } from "./health/health.ts";

const rules = {
  low: ruleSchema.parse({
    point: "a/b",
    priority: "low",
    outputs: ["plc/beacon"],
    levels: { LL: { below: 0, outputs: ["plc/horn"] }, L: { below: 1 } },
  }),
};

function outputsAmong(descriptions: readonly PointDescription[]): readonly string[] {
  const points = descriptions.map(
    (it) => [it.key, { ...it, settings: {}, staleAfterMs: undefined }] as const,
  );
  return [...outputsOf(new Map(points), { channels: {}, rules, annunciators: {} }).keys()];
}

test("a lamp is an output and so is what a rule drives; numbers, contacts and commands are none", () => {
  expect(
    outputsAmong([
      { key: "stack/red", kind: "boolean", access: "write", role: "lamp" },
      { key: "plc/beacon", kind: "boolean", access: "read-write" },
      { key: "plc/setpoint", kind: "number", access: "read-write" },
      { key: "desk/door", kind: "boolean", access: "read" },
      { key: "shelf/tare", kind: "boolean", access: "write", isCommand: true },
    ]),
  ).toEqual(["stack/red", "plc/beacon"]);
});

test("the run bit of a machine that no rule drives is never touched", () => {
  expect(outputsAmong([{ key: "plc/run", kind: "boolean", access: "read-write" }])).toEqual([]);
});

test("what only a level of a rule drives is an output", () => {
  const horn = { key: "plc/horn", kind: "boolean", access: "write" } as const;
  expect(outputsAmong([horn])).toEqual(["plc/horn"]);
});

const annunciators = {
  pulse: annunciatorSchema.parse({ heartbeat: "rack/pulse" }),
  desk: annunciatorSchema.parse({ red: "rack/red", siren: "plc/relay-1" }),
  guard: annunciatorSchema.parse({ place: "second", lamp: "far/lamp", buzzer: "far/relay" }),
};
const keys: readonly PointKey[] = [
  "rack/pulse",
  "rack/red",
  "plc/relay-1",
  "far/lamp",
  "far/relay",
];

function wiring() {
  const points = new Map(
    keys.map((key) => {
      const access = "write" as const;
      return [
        key,
        { key, kind: "boolean" as const, access, settings: {}, staleAfterMs: undefined },
      ];
    }),
  );
  const channels = { lights: { driver: "gpio", devices: { rack: {} } } };
  return { points, outputs: outputsOf(points, { channels, rules: {}, annunciators }) };
}

test("an annunciator's relays become outputs by what it has them for; only lines of this machine flash", () => {
  const { outputs } = wiring();
  const shown = [...outputs].map(([key, { role, flash }]) => [key, role, flash]);
  expect(shown).toEqual([
    ["rack/pulse", "lamp", true],
    ["rack/red", "lamp", true],
    ["plc/relay-1", "buzzer", false],
    ["far/lamp", "lamp", false],
    ["far/relay", "buzzer", false],
  ]);
});

function annunciation() {
  const clock = new ManualClock();
  const failing = new Map<PointKey, Error | "hangs">();
  const written: [PointKey, boolean][] = [];
  const tests: OutputTest[] = [];
  const broken: (Problem | undefined)[] = [];
  const it = new Annunciation({
    ...wiring(),
    clock,
    log: memoryLog().log,
    changed: () => undefined,
    tested: (test) => tests.push(test),
    broken: (problem) => broken.push(problem),
    write: (key, value) => {
      const failure = failing.get(key);
      if (failure === "hangs") return new Promise(() => undefined);
      if (failure !== undefined) return Promise.reject(failure);
      written.push([key, value]);
      return Promise.resolve();
    },
  });
  it.update([]);
  return { it, clock, failing, written, tests, broken };
}

const dead = new RackwatchError("driver/timeout", "unit 9 does not answer");

test("a lamp of the second place that cannot be driven is told at once, and when it is well again", async () => {
  const { it, clock, failing, broken } = annunciation();
  await clock.advance(1);
  failing.set("far/lamp", dead).set("rack/red", new RackwatchError("driver/refused", "busy"));
  it.reassert();
  await clock.advance(1);
  expect(broken.at(-1)).toMatchObject({ code: "driver/timeout", where: "far/lamp" });
  failing.clear();
  it.reassert();
  await clock.advance(1);
  expect(broken.at(-1)).toBeUndefined();
});

test("a channel that is not open yet is no news at the start, and is when it stays closed", async () => {
  const { it, clock, failing, broken } = annunciation();
  await clock.advance(1);
  failing.set("far/lamp", new RackwatchError("driver/unavailable", "channel plc is not connected"));
  it.reassert();
  await clock.advance(4_000);
  it.beat();
  expect(broken.filter((problem) => problem !== undefined)).toEqual([]);
  await clock.advance(6_000);
  it.beat();
  expect(broken.at(-1)).toMatchObject({ code: "driver/unavailable", where: "far/lamp" });
  await clock.advance(1);
  failing.clear();
  it.reassert();
  await clock.advance(1);
  expect(broken.at(-1)).toBeUndefined();
});

test("a silenced siren says who silenced it and until when, and a lamp does not", async () => {
  const { it, clock } = annunciation();
  it.update([alarmIn("unacknowledged", { annunciate: ["desk"] })]);
  await clock.advance(1);
  const siren = () => it.views().find(({ key }) => key === "plc/relay-1");
  expect(siren()?.value).toBe(true);
  expect(siren()?.silence).toBeUndefined();
  const until = clock.now() + 5 * 60_000;
  it.silence(5, "li");
  expect(siren()).toMatchObject({ value: false, silenced: true, silence: { by: "li", until } });
  expect(it.views().find(({ key }) => key === "rack/red")?.silence).toBeUndefined();
  await clock.advance(5 * 60_000);
  expect(siren()).toMatchObject({ value: true, silenced: false });
  expect(siren()?.silence).toBeUndefined();
});

test("a test of an output says who asked, and that the device confirmed it", async () => {
  const { it, clock, tests, written } = annunciation();
  await clock.advance(1);
  const at = clock.now();
  await it.test("far/relay", "li");
  await clock.advance(1);
  expect(tests).toEqual([{ output: "far/relay", by: "li", at, confirmed: true }]);
  expect(written.at(-1)).toEqual(["far/relay", true]);
  expect(it.views().find(({ key }) => key === "far/relay")).toMatchObject({
    testing: true,
    value: true,
    alarms: [],
    annunciator: "guard",
    place: "second",
  });
});

test("a test of an output that is on already is written again, not taken from memory", async () => {
  const { it, clock, tests, failing } = annunciation();
  await it.test("far/relay", "li");
  await clock.advance(1);
  failing.set("far/relay", dead);
  await it.test("far/relay", "li");
  await clock.advance(1);
  expect(tests.map(({ confirmed, problem }) => [confirmed, problem])).toEqual([
    [true, undefined],
    [false, "unit 9 does not answer"],
  ]);
});

test("a test of an output whose device hangs fails when the write is given up", async () => {
  const { it, clock, tests, failing } = annunciation();
  await clock.advance(1);
  failing.set("far/relay", "hangs");
  await it.test("far/relay", "li");
  await clock.advance(outputWriteMsMax - 1);
  expect(tests).toEqual([]);
  await clock.advance(1);
  it.update([]);
  await clock.advance(1);
  expect(tests).toMatchObject([
    { confirmed: false, problem: expect.stringContaining("not set within 5 s") },
  ]);
});

test("what is no output cannot be tested", async () => {
  const { it, tests } = annunciation();
  await expect(it.test("plc/run", "li")).rejects.toMatchObject({ code: "driver/not-writable" });
  expect(tests).toEqual([]);
});

test("a heartbeat blinks while the alarm loop turns, stands still with it, and comes back with it", async () => {
  const { it, clock, written } = annunciation();
  const end = new AbortController();
  const running = it.run(end.signal);
  const turn = async (seconds: number) => {
    written.length = 0;
    for (let step = 0; step < 4 * seconds; step += 1) {
      it.beat();
      await clock.advance(250);
    }
    return written.filter(([key, value]) => key === "rack/pulse" && value).length;
  };
  expect(await turn(5)).toBeGreaterThanOrEqual(4);
  await clock.advance(2_000);
  written.length = 0;
  await clock.advance(30_000);
  expect(written).toEqual([]);
  expect(await turn(5)).toBeGreaterThanOrEqual(4);
  end.abort();
  await running;
});
