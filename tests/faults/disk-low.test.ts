import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { coldRoom } from "../support/cold-room.ts";
import { mounted } from "../support/mounted.ts";

const services = "broker: { enabled: false }\nstore: { flushEvery: 100ms }";

test("a disk that somebody else fills is told before anything is lost, and is well again with room, not with a crumb of it", async (context) => {
  await using room = await coldRoom({ services });
  const { dataDir } = room.rig;
  using _disk = mounted(context, dataDir, "-t", "tmpfs", "-o", "size=160m", "none");
  const gateway = await room.start();
  await room.live();
  const filler = join(dataDir, "filler");
  // Twenty megabytes are left: commits go on for days.
  leaveFree(filler, dataDir, 20);
  expect(await room.notice("disk", 60_000)).toMatchObject({
    code: "store/full",
    message: "Less than 32 MB are free on the disk",
    where: dataDir,
  });
  expect(await room.alarm("gateway:disk")).toMatchObject({ priority: "high" });
  await room.well("store");
  leaveFree(filler, dataDir, 45);
  // It looks every ten seconds.
  await setTimeout(11_000);
  await room.notice("disk");
  rmSync(filler);
  await room.well("disk", 60_000);
  const told = gateway.lines.filter(({ event, part }) => event === "problem" && part === "disk");
  expect(told).toHaveLength(1);
});

/** Lets a file take all but so much of its disk. */
function leaveFree(filler: string, dir: string, megabytes: number): void {
  rmSync(filler, { force: true });
  const { bavail, bsize } = statfsSync(dir);
  writeFileSync(filler, Buffer.alloc(bavail * bsize - megabytes * 1_048_576));
}
