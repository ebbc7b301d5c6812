import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import type { SyncView } from "../../gateway/panel/api.ts";
import { eventually, freePort } from "../support/spine.ts";
import { reportedRoom, roomId } from "../support/trials/reported-room.ts";
import { rowsInFolder, rowsOfCentral } from "../support/trials/same-rows.ts";
import { tell } from "../support/trials/tell.ts";

/** On a machine that does much else. */
const timeoutMs = 60_000;

test("central moves to another address and the gateway gets another token during an outage: the backlog arrives all the same, each row once", async ({
  skip,
}) => {
  await using reported = await reportedRoom(skip);
  const { site, room } = reported;
  const { configFile: config, dataDir } = room.rig;
  const central = await site.startCentral();
  const gateway = await room.start();
  const agent = await site.startAgent({ config, dataDir });
  await site.arrived("samples", 20);
  const { epoch } = await room.rig.get<SyncView>("/api/sync");
  await central.kill("SIGKILL");
  const atOutage = rowsInFolder(dataDir).samples.length;
  await eventually(
    () => rowsInFolder(dataDir).samples.length,
    (rows) => rows > atOutage + 100,
    timeoutMs,
  );

  const listen = `127.0.0.1:${await freePort()}`;
  const other = `${"another-token-".repeat(3)}1`;
  await addGateway(site.database, roomId, other);
  await agent.kill("SIGTERM");
  await gateway.kill("SIGTERM");
  room.rig.writeConfig(readFileSync(config, "utf8").replace(site.address, `http://${listen}`));
  const moved = await room.start();
  await site.startCentral({ listen });
  await site.startAgent({ config, dataDir, token: other });
  expect((await room.rig.get<SyncView>("/api/sync")).epoch).toBe(epoch);
  await moved.kill("SIGTERM");
  const written = rowsInFolder(dataDir);
  await site.arrived("samples", written.samples.length);
  await site.arrived("events", written.events.length);
  const found = await rowsOfCentral(site.database);
  tell("another address and token during an outage", {
    backlog: written.samples.length - atOutage,
    samples: found.samples.length,
    lost: written.samples.length - found.samples.length,
  });
  expect(found).toEqual(written);
  expect(await site.database.query("SELECT * FROM gap")).toEqual([]);
  expect(await site.database.query("SELECT epoch FROM epoch")).toEqual([{ epoch }]);
}, 240_000);
