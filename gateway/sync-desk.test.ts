import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { configSchema } from "../config/schema/config.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { checkedKey } from "./integrity-check.ts";
import { syncDetailSchema } from "./panel/sync-api.ts";
import { dailyName, makeBackup } from "./store/backup.ts";
import { openStore } from "./store/open-store.ts";
import { SyncDesk } from "./sync-desk.ts";

const mark = { boot: "b", offsetMs: 0, quality: "synchronized" } as const;
const day = 86_400_000;

function setUp() {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-desk-"));
  const clock = new ManualClock();
  const { store } = openStore({ dir, gatewayId: "g", clock, log: memoryLog().log });
  onTestFinished(() => {
    store[Symbol.dispose]();
    rmSync(dir, { recursive: true, force: true });
  });
  const config = configSchema.parse({ version: 1, gateway: { id: "g" } });
  const parts = {
    ...{ config, clock, store, dataDir: dir, clockQuality: () => "synchronized" as const },
    health: { notices: () => [] },
    syncWatch: { status: undefined, statuses: new Map(), goneMs: undefined, daysOfRoom: undefined },
  };
  const lane = { head: 0, cursor: 0, backlog: 0 };
  const view = { configured: false, epoch: "e", lanes: { events: lane, samples: lane } };
  const desk = new SyncDesk(parts);
  return { dir, clock, store, detail: () => syncDetailSchema.parse(desk.detail(view)) };
}

test("a gateway that never made a backup and lost nothing says just that", () => {
  const { dir, detail } = setUp();
  const { backup, store, epochs, clock } = detail();
  expect(backup).toEqual({ enabled: true, dir: join(dir, "backup"), sameDisk: true });
  expect(store).toMatchObject({ onDisk: true, losses: [], rows: { events: 0, samples: 0 } });
  expect(store.checked).toBeUndefined();
  expect({ epochs, clock }).toEqual({
    epochs: [],
    clock: { quality: "synchronized", corrections: [] },
  });
});

test("losses, the last check and the newest backup are told, a backup whose head is damaged as such", async () => {
  const { dir, clock, store, detail } = setUp();
  const body = { reason: "size", count: 40 };
  const checked = { at: clock.now(), ok: true, found: 0 };
  const state = new Map([[checkedKey, checked]]);
  const events = [{ kind: "gap" as const, at: 5, mono: 5, body }];
  store.commit({ clock: mark, samples: [], events, state });
  const folder = join(dir, "backup");
  const file = join(folder, dailyName(clock.now()));
  const confirmed = () => 0;
  makeBackup({ dataDir: dir, out: file, full: false, now: clock.now(), confirmed });
  const first = detail();
  expect(first.store).toMatchObject({ checked, losses: [{ reason: "size", rows: 40, lastAt: 5 }] });
  expect(first.backup.newest).toMatchObject({ at: clock.now(), sound: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, dailyName(clock.now() + day)), "no backup");
  expect(detail().backup.newest, "asked of the disk every other second only").toEqual(
    first.backup.newest,
  );
  await clock.advance(2_000);
  expect(detail().backup.newest).toMatchObject({ bytes: 9, sound: false });
});
