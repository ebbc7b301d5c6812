import { chownSync, existsSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backupCommand } from "../../gateway/cli/backup.ts";
import { type CommandIo, type Runnable, runCommand } from "../../gateway/cli/command.ts";
import { restoreCommand } from "../../gateway/cli/restore.ts";
import { verifyCommand } from "../../gateway/cli/verify.ts";
import { memoryIo } from "../support/command-io.ts";
import { none, storeRig } from "../support/store-rig.ts";

const rig = storeRig();

async function run(command: (io: CommandIo) => Runnable, ...args: readonly string[]) {
  const { io, seen } = memoryIo();
  await runCommand(command({ ...io, cwd: rig.dir }), args, io);
  return seen;
}

test("a backup is made beside the gateway, verified, refused while it runs, and restored when it has ended", async () => {
  const { store } = rig.open();
  for (let n = 0; n < 10; n += 1) {
    store.commit({ ...none, samples: rig.samples(20), events: [rig.event({ n })] });
  }
  const made = await run(backupCommand, "--data", ".", "--out", "one.backup", "--json");
  expect(JSON.parse(made.out)).toMatchObject({ gateway: "gw-1", heads: { samples: 200 } });
  expect(statSync(join(rig.dir, "one.backup")).mode & 0o777).toBe(0o600);
  expect(await run(verifyCommand, "one.backup", "--lang", "en")).toMatchObject({
    code: 0,
    out: expect.stringContaining("sound: 20 chunks, 10 events"),
  });
  expect((await run(verifyCommand, "--data", ".", "--json")).code).toBe(0);
  expect(await run(restoreCommand, "one.backup", "--data", ".")).toMatchObject({
    code: 2,
    err: expect.stringContaining("another process uses the store"),
  });
  rig.close(store);
  if (process.getuid?.() === 0) chownSync(rig.dir, 12_345, 12_345);
  const done = await run(restoreCommand, "one.backup", "--data", ".", "--lang", "en");
  expect(done).toMatchObject({ code: 0, out: expect.stringContaining("under a new epoch") });
  expect(readdirSync(rig.dir).some((name) => name.startsWith("gateway.db.replaced."))).toBe(true);
  const owner = statSync(rig.dir).uid;
  expect(statSync(join(rig.dir, "gateway.db")).uid).toBe(owner);
  expect(rig.open().store.outbox.head("samples")).toBe(200);
});

test("a backup that was cut short is damage to verify, and no data folder is a command that cannot run", async () => {
  const { store } = rig.open();
  store.commit({ ...none, samples: rig.samples(20) });
  rig.close(store);
  await run(backupCommand, "--data", ".", "--out", "one.backup");
  truncateSync(join(rig.dir, "one.backup"), 9_000);
  expect(await run(verifyCommand, "one.backup")).toMatchObject({
    code: 1,
    out: expect.stringContaining("cut short"),
  });
  expect((await run(backupCommand, "--data", "nowhere", "--out", "two.backup")).code).toBe(2);
  expect(existsSync(join(rig.dir, "two.backup"))).toBe(false);
  expect((await run(verifyCommand)).code).toBe(2);
});
