import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { main } from "../../cloud-sync/cli/rackwatch.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { commitTrap } from "../support/trials/commit-trap.ts";
import { type NumberedLog, numberedLog } from "../support/trials/numbered-log.ts";
import { digestAtCentral, digestOf } from "../support/trials/row-digest.ts";
import { tell } from "../support/trials/tell.ts";
import { gatewayId, rowsAtCentral, token, trialSite, whole } from "../support/trials/trial-site.ts";

const rackwatch = join(import.meta.dirname, "../../cloud-sync/cli/rackwatch.js");
const logChild = join(import.meta.dirname, "../support/trials/log-child.ts");

/** As in the trace of the roads on a line: fifteen commits, then twelve more. */
const samplesAtOnce = 4_000;
const [commitsBefore, commitsAfter] = [15, 12];

const patienceMs = 120_000;

afterEach(() => vi.unstubAllEnvs());

function begin(args: readonly string[]) {
  const env = { ...process.env, RACKWATCH_SECRET_CENTRAL: token };
  const child = spawn(process.execPath, [...args], { env, stdio: ["ignore", "pipe", "ignore"] });
  const gone = once(child, "exit");
  return {
    out: child.stdout,
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

const bundlesOn = (stick: string) => readdirSync(stick).filter((name) => name.endsWith(".rwb"));
const isWriting = (stick: string) => existsSync(join(stick, `.${gatewayId}.part`));

async function until(so: () => boolean): Promise<void> {
  for (const end = performance.now() + patienceMs; !so(); await sleep(1)) {
    if (performance.now() > end) throw new Error("it never came to that");
  }
}

function takeUpTo(log: NumberedLog, commits: number): void {
  while (log.store.outbox.head("samples") < commits * samplesAtOnce) log.take(samplesAtOnce, 1);
}

/** As many rows as on a line, under what befalls sticks and those who carry them. */
test("sticks under the same trace as lines: gateway, agent and import killed, pulled in a write, cut short, an answer lost, out of order, each bundle twice: each row once", {
  timeout: 300_000,
}, async (context) => {
  await using site = await trialSite(context.skip);
  vi.stubEnv("RACKWATCH_SECRET_CENTRAL", token);
  const stickOf = (name: string) => {
    const stick = join(site.folder, name);
    mkdirSync(stick);
    return stick;
  };
  const atCentral = async () => (await rowsAtCentral(site.database)).samples;

  const writer = begin([logChild, site.dataDir, gatewayId, `${samplesAtOnce}`, "stick"]);
  let said = "";
  writer.out.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await until(() => said.split("\n").length > 4);
  await writer.kill();
  using log = numberedLog({
    ...{ dir: site.dataDir, gatewayId, clock: systemClock },
    limits: { roads: ["stick"] },
  });
  const survived = log.store.outbox.head("samples");
  expect(survived, "what was committed before the kill").toBeGreaterThanOrEqual(16_000);
  expect(survived).toBeLessThanOrEqual(commitsBefore * samplesAtOnce);
  takeUpTo(log, commitsBefore);

  const agents = stickOf("agents");
  const config = join(site.folder, "agent.yaml");
  const road = `{ via: file, folder: ${agents}, credentials: !secret central }`;
  writeFileSync(
    config,
    `version: 1\ngateway: { id: ${gatewayId} }\nchannels: {}\nsync: { uplinks: { stick: ${road} } }\n`,
  );
  const place = ["--config", config, "--data", site.dataDir];
  const exported = (stick: string, ...more: readonly string[]) =>
    main(["bundle", "export", stick, ...place, ...more]);
  const central = ["central", "--database", site.postgres.href, "import"];
  const imported = (...paths: readonly string[]) => main([...central, ...paths]);

  const first = stickOf("first");
  const pulled = begin([rackwatch, "bundle", "export", first, ...place]);
  await until(() => isWriting(first));
  await pulled.kill();
  expect(bundlesOn(first), "half of one has no name").toEqual([]);
  expect(await exported(first)).toBe(0);

  {
    await using trap = await commitTrap(Number(site.postgres.port));
    const throughTrap = new URL(site.postgres);
    throughTrap.port = `${trap.port}`;
    const caught = trap.next();
    const victim = begin([rackwatch, "central", "--database", throughTrap.href, "import", first]);
    await caught;
    await victim.kill();
  }
  const half = await atCentral();
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(commitsBefore * samplesAtOnce);
  for (const name of bundlesOn(first)) {
    const cut = join(site.folder, name);
    const bytes = readFileSync(join(first, name));
    writeFileSync(cut, bytes.subarray(0, bytes.length >> 1));
    expect(await imported(cut), "cut short").toBe(1);
  }
  expect(await atCentral()).toBe(half);
  expect(await imported(first)).toBe(0);
  const lost = readdirSync(first).filter((name) => name.endsWith(".rwa"));
  expect(lost, "an answer that is lost on the way back").not.toEqual([]);
  for (const name of lost) rmSync(join(first, name));

  const [earlier, later] = [stickOf("earlier"), stickOf("later")];
  takeUpTo(log, commitsBefore + 4);
  expect(await exported(earlier, "--since-last")).toBe(0);
  takeUpTo(log, commitsBefore + 8);
  expect(await exported(later, "--since-last")).toBe(0);
  const before = await atCentral();
  expect(await imported(later), "the later visit came first").toBe(1);
  expect(await atCentral()).toBe(before);
  for (const stick of [earlier, later]) {
    for (const name of bundlesOn(stick)) copyFileSync(join(stick, name), join(stick, `2-${name}`));
    expect(await imported(stick), "each bundle twice").toBe(0);
    expect(await imported(first, stick), "and those before again").toBe(0);
  }

  takeUpTo(log, commitsBefore + commitsAfter);
  const killed = begin([rackwatch, "sync", ...place]);
  await until(() => isWriting(agents) || bundlesOn(agents).length > 0);
  await killed.kill();
  const agent = begin([rackwatch, "sync", ...place]);
  await until(() => bundlesOn(agents).length > 0 && !isWriting(agents));
  await agent.kill();
  expect(await imported(agents)).toBe(0);
  expect(await main(["bundle", "import", agents, ...place])).toBe(0);
  const [samples, events] = [log.store.outbox.head("samples"), log.store.outbox.head("events")];
  expect(log.store.status("samples").cursor).toBe(samples);
  expect(log.store.status("events").cursor).toBe(events);
  const found = await rowsAtCentral(site.database);
  tell("faults of sticks", { ...found, lost: samples - found.samples });
  expect(found).toEqual(whole(samples, events));
  expect(await digestAtCentral(site.database)).toBe(digestOf(samples));
});
