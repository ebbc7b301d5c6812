import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  alarmAt,
  day,
  hour,
  minute,
  ReportWorld,
  recordAt,
  recordsOf,
  room,
  sampleAt,
  shelf,
} from "../../tests/support/report-world.ts";
import { pointBook } from "../point-book.ts";
import { History } from "../record/history.ts";
import { openHistory } from "../record/history-file.ts";
import { configuredRules } from "../rules/configured-rules.ts";
import { compose } from "./compose.ts";
import { CsvReport } from "./csv.ts";
import { planOf } from "./plan-of.ts";

const from = Date.UTC(2026, 8, 30, 16);
const to = from + day;
const now = Date.UTC(2026, 10, 22);

function planIn(world: ReportWorld, location = "cold-1", period = { from, to, open: false }) {
  const loaded = loadConfig(world.configFile, { secrets: "substitute" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { config } = loaded;
  const points = pointBook(config);
  const rules = configuredRules(config, points);
  return planOf(location, period, { config, points, rules, now, language: "zh" });
}

function reportOf(world: ReportWorld) {
  return compose(planIn(world), world.dir);
}

function minutely(start: number, end: number): ReturnType<typeof sampleAt>[] {
  const samples: ReturnType<typeof sampleAt>[] = [];
  for (let at = start; at < end; at += minute) samples.push(sampleAt(at, 5));
  return samples;
}

/** Ten minutes is what the profile asks of a record in range. */
const records = recordsOf(from, to, () => 5, 10 * minute);

test("a room's record and a shelf's samples come together, with the alarm between them", () => {
  using world = new ReportWorld();
  world.record(records);
  world.commit(minutely(from, to), [
    alarmAt(from + hour, "violated"),
    alarmAt(from + hour + minute, "acknowledged", { to: "acknowledged", by: "张三" }),
    alarmAt(from + 2 * hour, "returned", { from: "acknowledged", to: "normal" }),
    alarmAt(from - hour, "violated", { alarm: "shelf-warm#0" }),
    alarmAt(from + hour, "violated", { rule: "elsewhere", alarm: "elsewhere#1", point: "a/b" }),
  ]);
  const { points, alarms } = reportOf(world);
  expect(points.map(({ point, source, figures }) => [point.key, source, figures.readings])).toEqual(
    [
      [room, "records", 144],
      [shelf, "samples", 1440],
      ["cold-1/door", "samples", 0],
    ],
  );
  expect(points[0]?.figures).toMatchObject({ coverage: 1, mkt: { celsius: expect.closeTo(5, 6) } });
  expect(points[0]?.point.calibration).toEqual({
    on: "2025-03-01",
    due: "2026-03-01",
    certificate: "JL-2025-7",
    overdue: true,
  });
  expect(alarms.map(({ id, steps }) => [id, steps.map(({ cause }) => cause)])).toEqual([
    ["shelf-warm#1", ["violated", "acknowledged", "returned"]],
  ]);
});

test("the same period gives the same hashes, sealed or not; one other record gives others", () => {
  using world = new ReportWorld();
  using other = new ReportWorld();
  world.record(records);
  other.record(
    records.map((record) => (record.at === from + hour ? { ...record, value: 5.1 } : record)),
  );
  const first = reportOf(world).hashes;
  expect(reportOf(world).hashes).toEqual(first);
  const history = new History(openHistory(world.dir, now, false).db);
  expect(history.seal(now)).toBeGreaterThan(0);
  history.close();
  expect(reportOf(world).hashes).toEqual(first);
  const changed = reportOf(other).hashes;
  expect(changed.readings).not.toBe(first.readings);
  expect(changed.all).not.toBe(first.all);
  expect(changed.events).toBe(first.events);
});

test("one other event gives another hash of events, and leaves the readings' as it is", () => {
  using world = new ReportWorld();
  world.record(records);
  world.commit([], [alarmAt(from + hour, "violated")]);
  const first = reportOf(world).hashes;
  world.commit([], [alarmAt(from + 3 * hour, "acknowledged", { by: "李四" })]);
  const second = reportOf(world).hashes;
  expect(second.readings).toBe(first.readings);
  expect(second.events).not.toBe(first.events);
});

test("a segment that was changed on disk is a gap whose cause is said", () => {
  using world = new ReportWorld();
  world.record(records);
  const history = new History(openHistory(world.dir, now, false).db);
  history.seal(now);
  history.close();
  const before = reportOf(world).hashes;
  const db = new Database(join(world.dir, "history.db"));
  db.exec(
    "DROP TRIGGER segment_stays; UPDATE segment SET payload = zeroblob(length(payload)) WHERE id = 1",
  );
  db.close();
  const { points, hashes } = reportOf(world);
  expect(points[0]?.gaps[0]).toMatchObject({ cause: "damaged", from });
  expect(hashes.readings).not.toBe(before.readings);
});

test("a silence is explained by what happened to the gateway, late samples are counted", () => {
  using world = new ReportWorld();
  const boot = (at: number) => ({ kind: "boot", at, mono: 0, body: {} }) as const;
  world.commit(minutely(from, from + hour), [boot(from - minute)]);
  const clock = { boot: "b2", offsetMs: 0, quality: "unsynchronized" } as const;
  world.commit(minutely(from + 3 * hour, to), [boot(from + 3 * hour - minute)], { clock });
  world.commit(minutely(from + 2 * hour, from + 2 * hour + 10 * minute), []);
  const samples = reportOf(world).points[1];
  expect(samples?.gaps.map(({ cause }) => cause)).toEqual(["unknown", "power"]);
  expect(samples?.figures).toMatchObject({ late: 10, clockUnsure: 21 * 60 });
});

test("records that were late, and readings without value, are told", () => {
  using world = new ReportWorld();
  world.record([
    ...records.filter(({ at }) => at < from + hour),
    recordAt(from + hour, undefined),
    ...records
      .filter(({ at }) => at >= from + 2 * hour)
      .map((record) =>
        record.at === from + 3 * hour ? ({ ...record, late: true } as const) : record,
      ),
  ]);
  const [first] = reportOf(world).points;
  expect(first?.figures).toMatchObject({ bad: 1, late: 1 });
  expect(first?.gaps).toEqual([
    { from: from + hour, to: from + 2 * hour, reasons: ["timeout"], cause: "comms" },
  ]);
});

test("time out of service is no part of the figures, also when it began before the period", () => {
  using world = new ReportWorld();
  const boot = { kind: "boot", at: from - day, mono: 0, body: {} } as const;
  world.commit(minutely(from, to), [
    boot,
    alarmAt(from + 6 * hour, "return-to-service", { from: "out-of-service", to: "normal" }),
  ]);
  const samples = reportOf(world).points[1];
  expect(samples?.gaps).toEqual([
    { from, to: from + 6 * hour, reasons: ["out-of-service"], cause: "out-of-service" },
  ]);
  expect(samples?.figures.coverage).toBeCloseTo(0.75, 6);
});

test("the lines of a CSV are all of one length, its readings in local time and UTC", () => {
  using world = new ReportWorld();
  world.record(records.slice(0, 2));
  const plan = planIn(world);
  const csv = new CsvReport(plan);
  const readings: string[] = [];
  const report = compose(plan, world.dir, (point, reading) => {
    readings.push(csv.reading(point, reading));
  });
  expect(readings[1]).toBe(
    "reading,2026-10-01 00:10:00,UTC+08:00,2026-09-30T16:10:00.000Z,cold-1,cold-1/temperature,冷库温度,5,Cel,good,inside,,,,synchronized,JL-2025-7,,\r\n",
  );
  const [point] = plan.points;
  if (point === undefined) throw new Error("no point");
  const corrected = { at: from, quality: "good", clock: "unset", late: false } as const;
  expect(csv.reading(point, { ...corrected, correctedMs: 86_400_000 })).toMatch(
    /,unset,,,clock corrected by 86400 s\r\n$/,
  );
  const tail = [...csv.tail(report)];
  expect(tail.filter((line) => line.startsWith("hash,"))).toHaveLength(4);
  expect(tail.join("")).toContain(report.hashes.all);
});

test("an unknown location, one without points and a folder without a store are said", () => {
  using world = new ReportWorld();
  expect(() => planIn(world, "cold-9")).toThrow("cold-9");
  expect(() => reportOf(world)).toThrow(RackwatchError);
});
