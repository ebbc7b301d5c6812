import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { commitTrap } from "../support/trials/commit-trap.ts";
import { numberedLog } from "../support/trials/numbered-log.ts";
import { gatewayId, rowsAtCentral, token, trialSite, whole } from "../support/trials/trial-site.ts";

const rackwatch = join(import.meta.dirname, "../../cloud-sync/cli/rackwatch.js");

function begin(args: readonly string[]): ChildProcess {
  const env = { ...process.env, RACKWATCH_SECRET_CENTRAL: token };
  return spawn(process.execPath, [rackwatch, ...args], { env, stdio: "ignore" });
}

async function exitCode(args: readonly string[]): Promise<unknown> {
  const [code] = await once(begin(args), "exit");
  return code;
}

test("a bundle whose import is killed between commit and answer, cut short and imported twice: each row once, and its answer confirms them", {
  timeout: 300_000,
}, async (context) => {
  await using site = await trialSite(context.skip);
  using log = numberedLog({
    ...{ dir: site.dataDir, gatewayId, clock: systemClock },
    limits: { roads: ["stick"] },
  });
  for (let turn = 0; turn < 25; turn += 1) log.take(4_000, 1);
  const stick = join(site.folder, "stick");
  mkdirSync(stick);
  const config = join(site.folder, "agent.yaml");
  const road = `{ via: file, folder: ${stick}, credentials: !secret central }`;
  writeFileSync(
    config,
    `version: 1\ngateway: { id: ${gatewayId} }\nchannels: {}\nsync: { uplinks: { stick: ${road} } }\n`,
  );
  const place = ["--config", config, "--data", site.dataDir];
  expect(await exitCode(["bundle", "export", stick, ...place])).toBe(0);
  await using trap = await commitTrap(Number(site.postgres.port));
  const throughTrap = new URL(site.postgres);
  throughTrap.port = `${trap.port}`;
  const caught = trap.next();
  const victim = begin(["central", "--database", throughTrap.href, "import", stick]);
  const gone = once(victim, "exit");
  await caught;
  victim.kill("SIGKILL");
  await gone;
  const half = await rowsAtCentral(site.database);
  expect(half.samples).toBeGreaterThan(0);
  expect(half.samples).toBeLessThan(100_000);
  const central = ["central", "--database", site.postgres.href, "import"];
  for (const name of readdirSync(stick)) {
    const cut = join(site.folder, name);
    const bytes = readFileSync(join(stick, name));
    writeFileSync(cut, bytes.subarray(0, bytes.length >> 1));
    expect(await exitCode([...central, cut])).toBe(1);
  }
  expect((await rowsAtCentral(site.database)).samples).toBe(half.samples);
  expect(await exitCode([...central, stick])).toBe(0);
  expect(await exitCode([...central, stick])).toBe(0);
  expect(await rowsAtCentral(site.database)).toEqual(whole(100_000, 25));
  expect(await exitCode(["bundle", "import", stick, ...place])).toBe(0);
  expect(log.store.status("samples").cursor).toBe(100_000);
});
