import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SyncView } from "../../gateway/panel/api.ts";
import { expectAlarmToWork, raised } from "../support/card/alarm-all-the-same.ts";
import { fillDisk } from "../support/card/fill-disk.ts";
import { coldRoom } from "../support/cold-room.ts";
import { mounted } from "../support/mounted.ts";
import { eventually } from "../support/spine.ts";
import { storedEvents } from "../support/store-events.ts";

const services = "broker: { enabled: false }\nstore: { flushEvery: 100ms }";

test.concurrent("a disk that fills up while the gateway runs: told once, alarms go on, and all is on record when there is room", async (context) => {
  await using room = await coldRoom({ services });
  const { dataDir } = room.rig;
  using _disk = mounted(context, dataDir, "-t", "tmpfs", "-o", "size=8m", "none");
  const gateway = await room.start();
  await room.live();
  const filler = join(dataDir, "filler");
  // The gateway first gives up what it can: then there is room again for a moment, until that is taken too.
  const full = await eventually(
    () => {
      fillDisk(filler);
      return room.rig.get<{ part: string; code: string }[]>("/api/notices");
    },
    (notices) => notices.some(({ part }) => part === "store"),
  );
  expect(full.filter(({ part }) => part === "store")).toHaveLength(1);
  expect(await room.notice("store")).toMatchObject({
    code: "store/full",
    message: expect.stringContaining("full"),
    where: join(dataDir, "gateway.db"),
    todo: expect.stringContaining("free space"),
  });
  const refilling = setInterval(() => fillDisk(filler), 20);
  await expectAlarmToWork(room).finally(() => clearInterval(refilling));
  rmSync(filler);
  await room.well("store");
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm") && rules.includes("gateway:store"),
  );
  const told = gateway.lines.filter(({ event, part }) => event === "problem" && part === "store");
  expect(told.length).toBeLessThanOrEqual(2);
  expect(told[0]).toMatchObject({ code: "store/full", where: join(dataDir, "gateway.db") });
});

test.concurrent("a disk that is full when the gateway starts keeps nothing from being alarmed", async (context) => {
  await using room = await coldRoom({ services });
  using _disk = mounted(context, room.rig.dataDir, "-t", "tmpfs", "-o", "size=4m", "none");
  const filler = join(room.rig.dataDir, "filler");
  fillDisk(filler);
  await room.start();
  expect(await room.notice("store")).toMatchObject({ code: "store/full" });
  await expectAlarmToWork(room);
  rmSync(filler);
  await room.well("store", 20_000);
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm") && rules.includes("gateway:store"),
  );
});

test.concurrent("a data folder that is read-only at the start: alarms run in memory and are on disk once it can be written", async (context) => {
  await using room = await coldRoom({ services });
  using disk = mounted(context, room.rig.dataDir, "-t", "tmpfs", "-o", "size=16m", "none");
  const before = await room.start();
  await room.live();
  await before.kill("SIGTERM");
  disk.mount("-o", "remount,ro");
  await room.start();
  expect(await room.notice("store")).toMatchObject({
    code: expect.stringMatching(/^store\/(read-only|io)$/),
    message: expect.stringContaining("memory only"),
    where: expect.stringContaining(room.rig.dataDir),
    todo: expect.stringMatching(/mount|card/),
  });
  await expectAlarmToWork(room);
  disk.mount("-o", "remount,rw");
  await room.well("store", 20_000);
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm") && rules.includes("gateway:store"),
  );
});

test.concurrent("a file system that turns read-only under a running gateway, as a worn-out card does", async (context) => {
  await using room = await coldRoom({ services });
  const { dataDir } = room.rig;
  const image = join(room.folder, "image");
  execFileSync("truncate", ["--size", "32M", image]);
  execFileSync("mkfs.ext4", ["-q", image]);
  using disk = mounted(context, dataDir, "-o", "loop,errors=remount-ro", image);
  await room.start();
  await room.live();
  const source = execFileSync("findmnt", ["-n", "-o", "SOURCE", dataDir], { encoding: "utf8" });
  const device = source.trim().replace("/dev/", "");
  writeFileSync(`/sys/fs/ext4/${device}/trigger_fs_error`, "x");
  expect(await room.notice("store")).toMatchObject({
    code: expect.stringMatching(/^store\/(read-only|io)$/),
    where: expect.stringContaining(dataDir),
  });
  await expectAlarmToWork(room);
  await eventually(
    () => disk.umount(),
    () => true,
  );
  spawnSync("e2fsck", ["-p", image]);
  disk.mount("-o", "loop", image);
  await room.well("store", 20_000);
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm") && rules.includes("gateway:store"),
  );
});

test.concurrent("a database that is garbage at the start is set aside, a new one begun, and alarms go on within 5 s", async () => {
  await using room = await coldRoom({ services });
  const { dataDir } = room.rig;
  const before = await room.start();
  await room.live();
  const { epoch } = await room.rig.get<SyncView>("/api/sync");
  await before.kill("SIGTERM");
  const garbage = Buffer.alloc(500_000, "not a database ");
  writeFileSync(join(dataDir, "gateway.db"), garbage);

  const startedAt = performance.now();
  await room.start();
  await room.live();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  const aside = readdirSync(dataDir).filter((name) =>
    /^gateway\.db\.corrupt\.\w+\.\d+$/.test(name),
  );
  expect(aside).toHaveLength(1);
  expect(await room.notice("store")).toMatchObject({
    code: "store/corrupt",
    message: expect.stringContaining(aside[0] ?? "none"),
    where: join(dataDir, "gateway.db"),
  });
  expect((await room.rig.get<SyncView>("/api/sync")).epoch).not.toBe(epoch);
  await expectAlarmToWork(room);
  expect(storedEvents(dataDir)[0]).toMatchObject({ kind: "gap", body: { reason: "reborn" } });
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm") && rules.includes("gateway:store"),
  );
});
