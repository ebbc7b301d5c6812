import { expect, test } from "vitest";
import { ManualClock } from "../tests/support/manual-clock.ts";
import { DiskWatch, diskLowBytes, diskWellBytes, lossQuietMs } from "./disk-watch.ts";
import type { Problem } from "./health/health.ts";
import type { Losses } from "./store/losses.ts";

function watched(language: "en" | "zh" = "en") {
  const clock = new ManualClock();
  const disk: { free: number | undefined; losses: Losses | undefined } = {
    free: 10 * diskWellBytes,
    losses: {},
  };
  let said: Problem | undefined;
  const watch = new DiskWatch({
    ...{ dataDir: "/data", clock, language: () => language },
    health: {
      report: (part, problem) => {
        if (part === "disk") said = problem;
      },
    },
    freeBytes: () => disk.free,
    losses: () => disk.losses,
  });
  const step = async (ms = 60_000) => {
    await clock.advance(ms);
    watch.step();
    return said;
  };
  return { disk, step };
}

test("a disk that is nearly full is told, and well again only with twice the room", async () => {
  const { disk, step } = watched();
  disk.free = diskLowBytes;
  expect(await step()).toBeUndefined();
  disk.free = diskLowBytes - 1;
  expect(await step()).toEqual({
    code: "store/full",
    message: "Less than 32 MB are free on the disk",
    where: "/data",
    todo: "Free space on it: what others write there takes the room of records. Alarms and lamps go on",
  });
  disk.free = diskWellBytes - 1;
  expect(await step()).toMatchObject({ code: "store/full" });
  disk.free = undefined;
  expect(await step()).toMatchObject({ code: "store/full" });
  disk.free = diskWellBytes;
  expect(await step()).toBeUndefined();
});

test("rows that went for want of room are told for an hour after the last, those of former days are not", async () => {
  const { disk, step } = watched("zh");
  disk.losses = { thinned: { rows: 500, lastAt: 1 }, corrupt: { rows: 3, lastAt: 1 } };
  expect(await step()).toBeUndefined();
  disk.losses = { ...disk.losses, corrupt: { rows: 9, lastAt: 2 } };
  expect(await step()).toBeUndefined();
  disk.losses = { ...disk.losses, thinned: { rows: 501, lastAt: 2 } };
  expect(await step()).toMatchObject({
    message: "因空间不足，中心尚未收到的部分采样已被稀疏或放弃",
  });
  expect(await step(lossQuietMs - 1)).toMatchObject({ code: "store/full" });
  disk.losses = { ...disk.losses, size: { rows: 1, lastAt: 3 } };
  expect(await step()).toMatchObject({ code: "store/full" });
  expect(await step(lossQuietMs)).toBeUndefined();
});
