import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { NoticeView, SyncView } from "../../gateway/panel/api.ts";
import { needRoot } from "../support/need-root.ts";
import { startProgram } from "../support/program.ts";
import { eventually, gatewayRig, scratchFolder } from "../support/spine.ts";
import { onOtherMachine } from "../support/trials/other-machine.ts";
import { reportedRoom } from "../support/trials/reported-room.ts";
import { rowsInFolder, rowsOfCentral } from "../support/trials/same-rows.ts";
import { tell } from "../support/trials/tell.ts";
import { token } from "../support/trials/trial-site.ts";

/** On a machine that does much else. */
const timeoutMs = 60_000;

test("a card that is copied into a second machine: the first is fenced, both and central say so, and nothing of the two is mixed", async (context) => {
  needRoot(context);
  await using reported = await reportedRoom((reason) => context.skip(reason));
  const { site, room } = reported;
  await using cleanup = new AsyncDisposableStack();
  await site.startCentral();
  const first = { config: room.rig.configFile, dataDir: room.rig.dataDir };
  const original = await room.start();
  const firstAgent = await site.startAgent(first);
  await site.arrived("samples", 50);
  await firstAgent.kill("SIGTERM");
  await original.kill("SIGTERM");
  const { path: folder } = cleanup.use(scratchFolder());
  cpSync(first.dataDir, join(folder, "data"), { recursive: true });
  const shared = rowsInFolder(first.dataDir);

  const yaml = readFileSync(first.config, "utf8")
    .replaceAll(room.folder, folder)
    .replace(/listen: "127.0.0.1:\d+"/, 'listen: "127.0.0.1:{panel}"');
  const copy = await gatewayRig(folder, yaml);
  const env = { RACKWATCH_SECRET_CENTRAL: token };
  const args = ["run", "--config", copy.configFile, "--data", copy.dataDir];
  const machine = onOtherMachine(folder);
  const clone = await startProgram(args, env, "gateway runs", undefined, machine);
  cleanup.defer(() => clone.kill("SIGKILL"));
  const again = await room.start();
  await eventually(
    () => copy.get<readonly NoticeView[]>("/api/notices"),
    (notices) => notices.some(({ code }) => code === "store/renewed"),
    timeoutMs,
  );
  const cloneAgent = await site.startAgent({ config: copy.configFile, dataDir: copy.dataDir });
  await site.arrived("samples", shared.samples.length + 50);
  await site.startAgent(first);
  const told = await eventually(
    () => room.rig.get<SyncView>("/api/sync"),
    ({ problem }) => problem !== undefined,
    timeoutMs,
  );
  const epochs = await site.records("epochs");
  const conflicts = await eventually(
    () => site.records("conflicts"),
    (all) => all.length > 0,
    timeoutMs,
  );
  const { epoch } = await copy.get<SyncView>("/api/sync");

  await again.kill("SIGTERM");
  await clone.kill("SIGTERM");
  const [ours, theirs] = [rowsInFolder(first.dataDir), rowsInFolder(copy.dataDir)];
  await site.arrived("samples", theirs.samples.length);
  await site.arrived("events", theirs.events.length);
  await cloneAgent.kill("SIGTERM");
  const found = await rowsOfCentral(site.database);
  tell("a cloned card", {
    shared: shared.samples.length,
    original: ours.samples.length,
    clone: theirs.samples.length,
    central: found.samples.length,
    conflicts: conflicts.length,
    told: told.problem,
  });
  expect(ours.samples.length).toBeGreaterThan(shared.samples.length);
  expect(found).toEqual(theirs);
  expect(epochs).toMatchObject([{ epoch, goesOnFrom: {} }, { fencedAt: expect.any(Number) }]);
  expect(conflicts).toMatchObject([{ lane: "epoch", ours: epoch, theirs: told.epoch }]);
}, 240_000);
