import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, expect, test } from "vitest";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { HealthBook } from "./health/health-book.ts";
import { cursorFileName } from "./store/cursor-file.ts";
import { identityStateFile } from "./store/identity-file.ts";
import { syncStatusTable } from "./store/sync-status.ts";
import { SyncWatch, type SyncWatchParts } from "./sync-watch.ts";

const hour = 3_600_000;
const minute = 60_000;
const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

function world(language: "en" | "zh" = "en", boot = "boot-1") {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-sync-watch-"));
  dirs.push(dir);
  const file = join(dir, cursorFileName);
  mkdirSync(dirname(file), { recursive: true });
  const db = new Sqlite(file);
  db.pragma("synchronous = OFF");
  db.exec(syncStatusTable);
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const health = new HealthBook(["sync"], clock, log);
  const state = new Map<string, unknown>();
  const saves: unknown[] = [];
  let head = 0;
  const parts = (of: string): SyncWatchParts => ({
    dataDir: dir,
    health,
    clock,
    log,
    boot: of,
    config: {
      gateway: { language, timezone: "Asia/Shanghai" },
      store: { maxSize: 2_000 },
      sync: { goneFor: hour, central: "https://central.test", uplinks: {} },
    },
    store: {
      status: (lane) => ({ head, cursor: 0, backlog: lane === "samples" ? head : 3 }),
      size: () => head * 5,
      readState: () => state,
      outbox: { head: () => head, first: () => 1 },
    },
    intake: {
      save: (rows) => {
        for (const [key, value] of rows) {
          saves.push(value);
          if (value === undefined) state.delete(key);
          else state.set(key, value);
        }
      },
    },
  });
  let watch = new SyncWatch(parts(boot));
  return {
    dir,
    clock,
    health,
    entries,
    saves,
    write: (status: object) =>
      db.prepare("INSERT OR REPLACE INTO status VALUES (1, ?)").run(JSON.stringify(status)),
    restart: (of = boot) => {
      watch = new SyncWatch(parts(of));
    },
    /** Looks twice a minute, as rows come: 20 a second. */
    pass: async (ms: number, each: () => void = () => undefined) => {
      for (let passed = 0; passed < ms; passed += 30_000) {
        await clock.advance(30_000);
        head += 600;
        each();
        watch.step();
      }
    },
  };
}

const unreachable = {
  code: "sync/unreachable",
  message: "central does not answer: https://c",
  todo: "Check the network",
  since: 1,
};

test("an outage is said when central is gone for longer than it may: since when, what waits, room for how long", async () => {
  const { write, pass, health, clock, entries } = world();
  const contactAt = clock.now();
  write({ lastContactAt: contactAt });
  await pass(30_000);
  let beat = 0;
  const agentLives = () => {
    beat += 1;
    write({ lastContactAt: contactAt, problem: { ...unreachable, since: beat } });
  };
  await pass(hour - 30_000, agentLives);
  expect(health.notices()).toEqual([]);
  await pass(60_000, agentLives);
  const [notice] = health.notices();
  expect(notice).toMatchObject({ part: "sync", code: "sync/unreachable" });
  expect(notice?.message).toMatch(/since Jan 1, 2026, 8:00\sAM: 7\d,\d{3} rows wait/);
  expect(notice?.message).toMatch(/room for \d+ more days/);
  await pass(30 * minute, agentLives);
  expect(entries.filter(({ event }) => event === "problem")).toHaveLength(1);

  write({ lastContactAt: clock.now() });
  await pass(30_000);
  expect(health.notices()).toEqual([]);
});

test("an agent that hangs or is dead is an outage too, and the agent is what is named", async () => {
  const { write, pass, health, clock } = world("zh");
  write({ lastContactAt: clock.now() });
  await pass(hour + 60_000);
  expect(health.notices()).toMatchObject([
    { part: "sync", todo: expect.stringContaining("rackwatch-sync") },
  ]);
  expect(health.notices()[0]?.message).toContain("中心服务器自 2026年1月1日 08:00 起没有应答");
});

test("a wall clock that jumps neither begins nor ends an outage", async () => {
  const { write, pass, health, clock } = world();
  write({ lastContactAt: clock.now() });
  await pass(minute);
  clock.setWall(clock.now() + 40 * 24 * hour);
  await pass(minute);
  expect(health.notices()).toEqual([]);
  clock.setWall(Date.UTC(1970, 0, 1));
  await pass(hour);
  expect(health.notices()).toHaveLength(1);
});

test("restarts do not begin an outage anew, within a boot nor across boots, and contact forgets it", async () => {
  const { write, pass, health, clock, restart, saves } = world();
  write({ lastContactAt: clock.now() });
  await pass(30 * minute);
  restart();
  await pass(16 * minute);
  restart("boot-2");
  await pass(10 * minute);
  expect(health.notices()).toEqual([]);
  await pass(10 * minute);
  expect(health.notices()).toHaveLength(1);
  write({ lastContactAt: clock.now() });
  await pass(30_000);
  expect(health.notices()).toEqual([]);
  expect(saves.at(-1)).toBeUndefined();
  const before = saves.length;
  await pass(hour, () => write({ lastContactAt: clock.now() }));
  expect(saves).toHaveLength(before);
});

test("a refused token is said after ten minutes: it does not pass by itself", async () => {
  const { write, pass, health, clock } = world();
  const problem = {
    ...unreachable,
    code: "sync/unauthorized",
    message: "central refuses the token",
  };
  write({ lastContactAt: clock.now(), problem });
  await pass(9 * minute);
  expect(health.notices()).toEqual([]);
  await pass(2 * minute);
  expect(health.notices()).toMatchObject([{ code: "sync/unauthorized" }]);
});

test("a certificate that nobody renews is said at once while all still works, and no longer once it is renewed", async () => {
  const { dir, write, pass, health, clock } = world();
  const tell = (state: object) => {
    const own = { gateway: "gw-1", serial: "4A", notAfter: clock.now() + 6 * 24 * hour };
    writeFileSync(join(dir, identityStateFile), JSON.stringify({ ...own, ...state }));
  };
  const works = () => write({ lastContactAt: clock.now() });
  tell({});
  works();
  await pass(minute, works);
  expect(health.notices()).toEqual([]);
  tell({ problem: { message: "it ends in 6 days", todo: "enrol it anew" } });
  await pass(minute, works);
  expect(health.notices()).toMatchObject([
    { part: "sync", code: "sync/certificate", message: "it ends in 6 days", todo: "enrol it anew" },
  ]);
  writeFileSync(join(dir, identityStateFile), "torn");
  await pass(minute, works);
  expect(health.notices()).toEqual([]);
  tell({ problem: { message: "it ends in 5 days", todo: "enrol it anew" } });
  await pass(minute, works);
  expect(health.notices()).toMatchObject([{ message: "it ends in 5 days" }]);
  tell({});
  await pass(minute, works);
  expect(health.notices()).toEqual([]);
});
