import { statSync, truncateSync, writeFileSync } from "node:fs";
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

test("what is wrong with a store or a backup is said in the language that was asked for, to the letter", async () => {
  const { store } = rig.open();
  store.commit({ ...none, samples: rig.samples(20), events: [] });
  const at = (name: string) => join(rig.dir, name);
  const zh = ["--lang", "zh"] as const;
  await run(backupCommand, "--data", ".", "--out", "one.backup");
  const held = await run(restoreCommand, "one.backup", "--data", ".", ...zh);
  expect(held.err).toBe(
    `另一个进程正在使用存储：${at("gateway.lock")}（database is locked）\n  ${at("gateway.lock")}\n  请结束正在使用该数据目录的另一个网关\n`,
  );
  rig.close(store);

  expect((await run(restoreCommand, "none.backup", "--data", ".", ...zh)).err).toBe(
    `无法读取备份 ${at("none.backup")}\n  ${at("none.backup")}\n  请检查路径和权限\n`,
  );
  expect((await run(verifyCommand, "--data", "elsewhere", ...zh)).err).toBe(
    `没有 ${at("elsewhere/gateway.db")}\n  ${at("elsewhere/gateway.db")}\n  请给出网关的数据目录，即 \`rackwatch run --data\` 所用的目录\n`,
  );
  const other = ["one.backup", "--data", ".", "--gateway", "gw-2"] as const;
  expect((await run(restoreCommand, ...other, ...zh)).err).toBe(
    `${at("one.backup")} 无法恢复：这是网关 gw-1 的备份，而本网关是 gw-2\n  ${at("one.backup")}\n  请使用正确的文件，或加上 --adopt\n`,
  );
  expect((await run(restoreCommand, ...other)).err).toBe(
    `${at("one.backup")} cannot be restored: it is of the gateway gw-1, and this is gw-2\n  ${at("one.backup")}\n  take the right file, or say --adopt\n`,
  );
  writeFileSync(at("photo"), "a photo");
  expect((await run(backupCommand, "--data", ".", "--out", "photo", ...zh)).err).toBe(
    `${at("photo")} 已存在，且不是备份\n  ${at("photo")}\n  请换一个文件名；备份只会替换备份\n`,
  );
  expect((await run(restoreCommand, "photo", "--data", ".", ...zh)).err).toBe(
    `${at("photo")} 不是完好的备份：首行不是备份的首行\n  ${at("photo")}\n  请使用更早的备份\n`,
  );
  truncateSync(at("one.backup"), statSync(at("one.backup")).size - 100);
  const cut = await run(verifyCommand, "one.backup", ...zh);
  expect(cut.code).toBe(1);
  expect(cut.out).toMatch(/不是完好的备份：应有 \d+ 字节，实有 \d+ 字节：文件被截断/);
});
