import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configSchema } from "../config/schema/config.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import type { RunEnd } from "./background-run.ts";
import { DailyBackup } from "./daily-backup.ts";
import type { Problem } from "./health/health.ts";

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-daily-"));
});

afterEach(() => rmSync(dir, { recursive: true }));

function setUp(backup: Readonly<Record<string, unknown>> = {}) {
  const clock = new ManualClock();
  const runs: (readonly string[])[] = [];
  const end: { now: RunEnd } = { now: { code: 0, out: "", err: "" } };
  let problem: Problem | undefined;
  const parsed = configSchema.parse({
    version: 1,
    gateway: { id: "gw-1", timezone: "Asia/Shanghai" },
    store: { backup },
  });
  const config = { ...parsed, channels: {}, profiles: {} };
  const daily = new DailyBackup({
    config,
    dataDir: dir,
    clock,
    clockQuality: () => "synchronized",
    health: { report: (_, reported) => (problem = reported) },
    log: memoryLog().log,
    run: (args) => {
      runs.push(args);
      const out = args[args.indexOf("--out") + 1] ?? "";
      if (end.now.code === 0) {
        mkdirSync(join(dir, "backup"), { recursive: true });
        writeFileSync(out, "");
      }
      return Promise.resolve(end.now);
    },
  });
  const pass = async (ms: number, stepMs = 60_000) => {
    for (let gone = 0; gone < ms; gone += stepMs) {
      await clock.advance(stepMs);
      daily.step();
      await Promise.resolve();
      await Promise.resolve();
    }
  };
  return { runs, end, pass, clock, problem: () => problem };
}

const hour = 3_600_000;

test("one a day, the first ten minutes after a start that has none, and only as many are kept", async () => {
  const { runs, pass } = setUp({ keep: 2 });
  await pass(9 * 60_000);
  expect(runs).toHaveLength(0);
  await pass(2 * 60_000);
  expect(runs).toHaveLength(1);
  expect(runs[0]?.slice(0, 3)).toEqual(["backup", "--data", dir]);
  await pass(4 * 24 * hour, 600_000);
  expect(runs).toHaveLength(5);
  expect(readdirSync(join(dir, "backup"))).toHaveLength(2);
  const stamps = runs.slice(1).map((args) => /T(\d{4})/.exec(args[4] ?? "")?.[1]);
  // 02:30 in Shanghai.
  for (const stamp of stamps) expect(stamp).toMatch(/^18[34]\d$/);
});

test("one that fails is a problem of the gateway until the next one is made, an hour later", async () => {
  const { runs, pass, end, problem } = setUp();
  end.now = { code: 2, out: "", err: "the disk is full\n  more" };
  await pass(30 * 60_000);
  expect(runs).toHaveLength(1);
  expect(problem()).toMatchObject({ code: "store/backup", message: "the disk is full" });
  end.now = { code: 0, out: "", err: "" };
  await pass(45 * 60_000);
  expect(runs).toHaveLength(2);
  expect(problem()).toBeUndefined();
});

test("none where it is switched off", async () => {
  const { runs, pass } = setUp({ enabled: false });
  await pass(3 * 24 * hour, 600_000);
  expect(runs).toHaveLength(0);
});
