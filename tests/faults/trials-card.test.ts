import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SyncView } from "../../gateway/panel/api.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { raised } from "../support/card/alarm-all-the-same.ts";
import { fillDisk } from "../support/card/fill-disk.ts";
import { mounted } from "../support/mounted.ts";
import { eventually } from "../support/spine.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";
import { reportedRoom, roomId } from "../support/trials/reported-room.ts";
import { rowsInFolder } from "../support/trials/same-rows.ts";
import { tell } from "../support/trials/tell.ts";

/** Rows that central has before the card is full, some hundred kilobytes. */
const confirmedRows = 40_000;
const rowsPerCommit = 400;

/** On a machine that does much else. */
const timeoutMs = 60_000;

test("a card of which somebody else takes each free byte: alarm and lamp work all the same, and whatever was measured arrives when there is room", async (context) => {
  await using reported = await reportedRoom((reason) => context.skip(reason));
  const { site, room } = reported;
  const { configFile: config, dataDir } = room.rig;
  using _disk = mounted(context, dataDir, "-t", "tmpfs", "-o", "size=24m", "none");
  {
    using log = numberedLog({ dir: dataDir, gatewayId: roomId, clock: systemClock });
    for (let at = 0; at < confirmedRows; at += rowsPerCommit) log.take(rowsPerCommit);
  }
  await site.startCentral();
  await room.start();
  await room.live();
  await site.startAgent({ config, dataDir });
  // The gateway knows what central has: that is what may go.
  await eventually(
    () => room.rig.get<SyncView>("/api/sync"),
    ({ lanes }) => lanes.samples.cursor >= confirmedRows,
    timeoutMs,
  );
  const filler = join(dataDir, "filler");
  fillDisk(filler);
  const filling = setInterval(() => fillDisk(filler), 20);
  await using _filling = { [Symbol.asyncDispose]: async () => clearInterval(filling) };
  room.setTemperature(9.1);
  expect(await room.alarm("warm")).toMatchObject({ value: 9.1, priority: "high" });
  await eventually(room.lamp, (level) => level === 1);
  clearInterval(filling);
  rmSync(filler);
  await room.well("store", timeoutMs);
  await eventually(
    () => raised(room),
    (rules) => rules.includes("warm"),
    timeoutMs,
  );

  const { events, samples } = rowsInFolder(dataDir);
  const head = { events: events.at(-1)?.seq ?? 0, samples: samples.at(-1)?.seq ?? 0 };
  await site.arrived("samples", head.samples);
  await site.arrived("events", head.events);
  const [found] = await site.database.query(
    `SELECT (SELECT count(DISTINCT seq)::int FROM sample WHERE seq <= $1) AS samples,
       (SELECT (count(*) - count(DISTINCT seq))::int FROM sample) AS doubled,
       (SELECT count(DISTINCT seq)::int FROM event WHERE seq <= $2) AS events,
       (SELECT count(*)::int FROM event WHERE kind = 'alarm' AND body->>'rule' = 'warm'
          AND body->>'to' = 'unacknowledged') AS alarms,
       (SELECT count(*)::int FROM gap) AS gaps`,
    [head.samples, head.events],
  );
  tell("a full card", { ...found });
  expect(found).toEqual({
    samples: head.samples,
    doubled: 0,
    events: head.events,
    alarms: 1,
    gaps: 0,
  });
}, 240_000);
