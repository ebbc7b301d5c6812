import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../config/load.ts";
import type { PointKey, Sample } from "../drivers/contract.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { scratchFolder } from "../tests/support/spine.ts";
import { HealthBook } from "./health/health-book.ts";
import { partsOf } from "./health/health-rules.ts";
import { Intake, type Published } from "./intake.ts";
import { LatestSamples } from "./latest.ts";
import { pointBook } from "./point-book.ts";
import { RecordKeeper } from "./record-keeper.ts";
import { restoreResponse } from "./restored-response.ts";
import { configuredRules } from "./rules/configured-rules.ts";
import { readEvents } from "./store/chunk.ts";
import { openStore } from "./store/open-store.ts";

const minute = 60_000;
const hour = 60 * minute;
const noon = Date.UTC(2026, 10, 1, 12);
const point: PointKey = "room/t";

const config = {
  version: 1,
  gateway: { id: "g", language: "en" },
  channels: {
    line: {
      driver: "modbus",
      port: "tcp://127.0.0.1:502",
      devices: {
        room: {
          unitId: 1,
          every: "5min",
          points: { t: { table: "input", address: 0, type: "int16", unit: "Cel" } },
        },
      },
    },
  },
  locations: { "cold-2": { kind: "room", profile: "cct", temperature: point } },
  rules: { warm: { point, above: 8, priority: "critical" } },
  notify: { night: { email: ["night@example.com"] } },
  mail: { host: "127.0.0.1", from: "g@example.com" },
};

/** The gateway behind its devices, on a folder that may have been another process's. */
function gateway(dir: string, clock: ManualClock) {
  const file = join(dir, "gateway.yaml");
  writeFileSync(file, JSON.stringify(config));
  const loaded = loadConfig(file, { env: {}, folder: dir, secrets: "substitute" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const points = pointBook(loaded.config);
  const { log } = memoryLog();
  const health = new HealthBook(partsOf([]), clock, log);
  const limits = { ballastBytes: 65_536, freeBytesMin: 0 };
  const { store } = openStore({ dir, gatewayId: "g", clock, log, limits });
  const rules = configuredRules(loaded.config, points);
  const clockQuality = () => "synchronized" as const;
  const base = { config: loaded.config, points, clock, clockQuality, log, health, boot: "b" };
  const restored = restoreResponse({ ...base, rules, store, outputs: [] });
  const published: Published[] = [];
  const intake = new Intake({
    ...base,
    store,
    response: restored.response,
    process: (samples) => samples,
    latest: new LatestSamples(),
    flushEveryMs: 10 * minute,
    seen: () => undefined,
    published: (what) => {
      published.push(what);
      records.committed(what.samples, what.live);
    },
  });
  const records = new RecordKeeper({ ...base, mkt: restored.mkt, dataDir: dir, store, intake });
  const stop = () => {
    intake.flush();
    records[Symbol.dispose]();
    store[Symbol.dispose]();
  };
  const events = () => store.outbox.read("events", 0, 10_000).flatMap(readEvents);
  return { ...restored, ...{ intake, records, published, store, events, stop } };
}

function folder(): string {
  const scratch = scratchFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  return scratch.path;
}

function good(sampledAt: number, value: number): Sample {
  return { point, sampledAt, quality: "good", value };
}

test("a device whose clock is an hour behind raises its alarms, is said once, and is stored at the time it was", async () => {
  const clock = new ManualClock(noon);
  const it = gateway(folder(), clock);
  for (let turn = 0; turn < 12; turn += 1) {
    it.intake.accept([good(clock.now() - hour, 9)]);
    await clock.advance(minute);
  }
  expect(it.alarms.list().find(({ rule }) => rule === "warm")).toMatchObject({
    active: true,
    raisedAt: noon + 4 * minute,
  });
  const said = it.events().filter(({ body }) => body["action"] === "device.clock-off");
  expect(said).toMatchObject([{ kind: "audit", body: { device: "room", offMs: -hour } }]);
  const told = it.events().filter(({ body }) => body["title"] !== undefined);
  expect(told.map(({ body }) => body["title"])).toContain("The clock of room is 1h behind");
  it.intake.flush();
  expect(it.published.flatMap(({ live }) => live).map(({ sampledAt }) => sampledAt)).toEqual(
    Array.from({ length: 8 }, (_, index) => noon + (4 + index) * minute),
  );
  it.stop();
});

test("a night that is told at once at noon sounds nothing", async () => {
  const clock = new ManualClock(noon);
  const it = gateway(folder(), clock);
  it.intake.accept([good(noon, 5)]);
  for (let turn = 0; turn < 60; turn += 1) {
    await clock.advance(1_000);
    it.intake.accept([good(noon - 9 * hour + turn * minute, 9)]);
  }
  expect(it.alarms.list()).toEqual([]);
  it.stop();
});

test("a mean that is too high is an alarm, and a restart takes it up from the record", async () => {
  const dir = folder();
  const clock = new ManualClock(noon);
  const first = gateway(dir, clock);
  for (let turn = 0; turn < 26 * 12; turn += 1) {
    first.intake.accept([good(clock.now(), turn < 19 * 12 ? 5 : 14)]);
    await clock.advance(5 * minute);
    first.records.step();
  }
  const mono = clock.monotonicMs();
  const [before] = first.mkt.figures(mono);
  expect(before).toMatchObject({ isOver: true, location: "cold-2", max: 8 });
  expect(first.alarms.list().find(({ rule }) => rule === "cold-2:mkt")).toMatchObject({
    active: true,
    priority: "medium",
  });
  first.stop();

  const second = gateway(dir, clock);
  second.intake.accept([good(clock.now(), 14)]);
  second.intake.flush();
  for (let turn = 0; turn < 3; turn += 1) {
    await clock.advance(5 * minute);
    second.intake.accept([good(clock.now(), 14)]);
    second.records.step();
  }
  const [after] = second.mkt.figures(clock.monotonicMs());
  const { mkt: mean } = after ?? {};
  expect(mean).toMatchObject({ coverage: expect.closeTo(1, 1) });
  const celsius = mean !== undefined && "celsius" in mean ? mean.celsius : 0;
  const known = before !== undefined && "celsius" in before.mkt ? before.mkt.celsius : 0;
  expect(Math.abs(celsius - known)).toBeLessThan(0.2);
  expect(second.alarms.list().filter(({ rule }) => rule === "cold-2:mkt")).toHaveLength(1);
  second.stop();
});
