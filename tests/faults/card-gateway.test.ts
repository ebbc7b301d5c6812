import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SyncView } from "../../gateway/panel/api.ts";
import { expectAlarmToWork, raised } from "../support/card/alarm-all-the-same.ts";
import { syscallFault } from "../support/card/syscall-fault.ts";
import { coldRoom } from "../support/cold-room.ts";
import { mounted } from "../support/mounted.ts";
import { needPrograms } from "../support/need-program.ts";
import { needRoot } from "../support/need-root.ts";
import { eventually } from "../support/spine.ts";
import { storedEvents } from "../support/store-events.ts";

const services = "broker: { enabled: false }\nstore: { flushEvery: 100ms }";

test.concurrent("a card that answers each write with EIO: nothing is shown as written, alarms go on, and all is on record afterwards", async (context) => {
  needPrograms(context, "strace");
  needRoot(context);
  await using room = await coldRoom({ services });
  const { dataDir } = room.rig;
  const gateway = await room.start();
  await room.live();
  const { epoch } = await room.rig.get<SyncView>("/api/sync");
  const before = storedEvents(dataDir).length;
  {
    await using _fault = await syscallFault(gateway.pid, "pwrite64,fsync,fdatasync", "error=EIO");
    await expectAlarmToWork(room);
    expect(await room.notice("store")).toMatchObject({
      code: "store/io",
      where: expect.stringContaining(dataDir),
    });
    // What an agent would see and send.
    expect(storedEvents(dataDir)).toHaveLength(before);
  }
  await room.well("store", 30_000);
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm") && rules.includes("gateway:store"),
  );
  expect((await room.rig.get<SyncView>("/api/sync")).epoch).toBe(epoch);
  expect(storedEvents(dataDir).filter(({ kind }) => kind === "gap")).toEqual([]);
});

test.concurrent("a slow card, half a second for each fsync: alarms go on, nothing is reported broken, and rows are written", async (context) => {
  needPrograms(context, "strace");
  needRoot(context);
  await using room = await coldRoom({ services });
  const gateway = await room.start();
  await room.live();
  await using _fault = await syscallFault(gateway.pid, "fsync,fdatasync", "delay_exit=500000");
  room.setTemperature(9.1);
  expect(await room.alarm("warm")).toMatchObject({ value: 9.1 });
  await eventually(room.lamp, (level) => level === 1);
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm"),
  );
  await room.well("store");
});

test.concurrent("a card without an inode left: a start cannot make its files and alarms all the same, a running gateway does not notice", async (context) => {
  needRoot(context);
  await using room = await coldRoom({ services });
  const { dataDir } = room.rig;
  using _disk = mounted(context, dataDir, "-t", "tmpfs", "-o", "size=32m,nr_inodes=64", "none");
  const fillers = takeInodes(dataDir);
  await room.start();
  expect(await room.notice("store")).toMatchObject({
    code: expect.stringMatching(/^store\/(full|io)$/),
    message: expect.stringContaining("memory only"),
  });
  await expectAlarmToWork(room);
  for (const file of fillers) rmSync(file);
  await room.well("store", 30_000);
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm") && rules.includes("gateway:store"),
  );

  takeInodes(dataDir);
  const head = () => storedEvents(dataDir).length;
  const known = head();
  room.setTemperature(4);
  await eventually(head, (count) => count > known);
  await room.well("store");
});

/** Empty files until not one more can be made. */
function takeInodes(folder: string): readonly string[] {
  const files: string[] = [];
  for (let number = 0; ; number += 1) {
    const file = join(folder, `filler-${number}`);
    try {
      writeFileSync(file, "");
    } catch {
      return files;
    }
    files.push(file);
  }
}
