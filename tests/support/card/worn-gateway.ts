import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { loadConfig } from "../../../config/load.ts";
import type { PointKey, Sample } from "../../../drivers/contract.ts";
import { HealthBook } from "../../../gateway/health/health-book.ts";
import { partsOf } from "../../../gateway/health/health-rules.ts";
import { Intake } from "../../../gateway/intake.ts";
import { LatestSamples } from "../../../gateway/latest.ts";
import { Pipeline } from "../../../gateway/pipeline/pipeline.ts";
import { pointBook, settingsOf } from "../../../gateway/point-book.ts";
import { restoreResponse } from "../../../gateway/restored-response.ts";
import { configuredRules } from "../../../gateway/rules/configured-rules.ts";
import { configuredLimits } from "../../../gateway/store/configured-limits.ts";
import { openStore } from "../../../gateway/store/open-store.ts";
import { Upkeep } from "../../../gateway/upkeep.ts";
import { ManualClock, memoryLog } from "../manual-clock.ts";
import { seeded } from "../simulated-shelf.ts";

const devices = 8;
const pointsPerDevice = 25;
const everyMs = 10_000;

/** How often the gateway's loops look at their timers; the upkeep is slower. */
const tickMs = 250;
const upkeepMs = 2_000;

export interface WornGateway extends Disposable {
  /** Lets time pass with all that it brings; afterwards nothing waits in memory. @returns samples that were taken. */
  run(ms: number): Promise<number>;
}

/** A configuration of 200 points that are read every 10 s, a rule on each, all else as it comes. */
export function wornConfig(): object {
  const points = Object.fromEntries(
    Array.from({ length: pointsPerDevice }, (_, n) => [
      `t${n}`,
      { table: "input", address: n, type: "int16", scale: 0.01, unit: "Cel" },
    ]),
  );
  const names = Array.from({ length: devices }, (_, device) => `room${device}`);
  const rules = names.flatMap((device) =>
    Object.keys(points).map((point) => [
      `${device}-${point}`,
      { point: `${device}/${point}`, above: 60, deadband: 0.5, priority: "high" },
    ]),
  );
  return {
    version: 1,
    gateway: { id: "worn" },
    channels: {
      line: {
        driver: "modbus",
        port: "tcp://127.0.0.1:1",
        devices: Object.fromEntries(
          names.map((name, n) => [name, { unitId: n + 1, every: `${everyMs}ms`, points }]),
        ),
      },
    },
    rules: Object.fromEntries(rules),
    broker: { enabled: false },
  };
}

/** All of the gateway between driver and card on a clock that runs as fast as the card lets it. */
export function wornGateway(dir: string): WornGateway {
  const clock = new ManualClock();
  const { config } = configIn(dir);
  const { log } = memoryLog();
  const points = pointBook(config);
  const health = new HealthBook(partsOf(["line"]), clock, log);
  const limits = configuredLimits(config);
  const { store } = openStore({ dir, gatewayId: "worn", clock, log, limits });
  const clockQuality = () => "synchronized" as const;
  const base = { config, points, clock, clockQuality, log, health, boot: "boot-1", store };
  const rules = configuredRules(config, points);
  const { response } = restoreResponse({ ...base, rules, outputs: [] });
  const pipeline = new Pipeline(settingsOf(points));
  const intake = new Intake({
    ...base,
    response,
    process: (samples, instant) => pipeline.process(samples, instant),
    latest: new LatestSamples(),
    flushEveryMs: config.store.flushEvery,
    seen: () => undefined,
    published: () => undefined,
  });
  // What runs beside the gateway has no place in a world whose days last a minute.
  const run = () => new Promise<never>(() => {});
  const upkeep = new Upkeep({ ...base, intake, dataDir: dir, run, startAnew: () => undefined });
  const walk = walkOf(points.keys());
  let ticks = 0;
  return {
    run: async (ms) => {
      const before = intake.samplesTotal;
      for (let passed = 0; passed < ms; passed += tickMs) {
        await clock.advance(tickMs);
        ticks += 1;
        // Devices of a line are read one after the other.
        const device = ((ticks * tickMs) % everyMs) / (everyMs / devices);
        if (Number.isInteger(device)) intake.accept(walk(`room${device}`, clock.now()));
        intake.tick();
        upkeep.tick();
        if ((ticks * tickMs) % upkeepMs === 0) upkeep.step();
      }
      intake.flush();
      return intake.samplesTotal - before;
    },
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}

function configIn(dir: string) {
  const file = join(dir, "gateway.yaml");
  writeFileSync(file, JSON.stringify(wornConfig()));
  const loaded = loadConfig(file, {
    ...{ env: {}, folder: dir, canConvert: () => true, secrets: "substitute" },
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded;
}

/** Temperatures of two decimals that drift, and are never read to the millisecond. */
function walkOf(keys: Iterable<PointKey>) {
  const random = seeded(1);
  const values = new Map<PointKey, number>();
  for (const key of keys) values.set(key, 400);
  return (device: string, now: number): readonly Sample[] =>
    [...values].flatMap(([point, value]) => {
      if (!point.startsWith(`${device}/`)) return [];
      const next = value + Math.round((random() - 0.5) * 20);
      values.set(point, next);
      const sampledAt = now - Math.floor(random() * 20);
      return [{ point, sampledAt, quality: "good", value: next / 100 } as const];
    });
}

/** Bytes that went to the device under a folder since it was made, with all that waited for it. */
export function bytesWritten(folder: string): number {
  execFileSync("sync", ["-f", folder]);
  const source = execFileSync("findmnt", ["-n", "-o", "SOURCE", folder], { encoding: "utf8" });
  const stat = readFileSync(`/sys/block/${basename(source.trim())}/stat`, "utf8");
  return Number(stat.trim().split(/\s+/)[6]) * 512;
}
