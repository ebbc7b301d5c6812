import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { FaultyRoad } from "../support/network/faulty-road.ts";
import { NetworkSite, Site, tallies } from "../support/network/network-site.ts";
import { needPostgres, postgresPrograms } from "../support/postgres.ts";
import { eventually } from "../support/spine.ts";

const machines = { one: { board: "1".repeat(32) }, other: { board: "2".repeat(32) } };

let site: NetworkSite;

beforeAll(async () => {
  if (postgresPrograms() === undefined) return;
  site = await NetworkSite.begin();
}, 120_000);

afterAll(async () => {
  await site?.[Symbol.asyncDispose]();
});

beforeEach(({ skip }) => needPostgres(skip));

function saying(site: Site, code: string) {
  return site.agents.flatMap(({ lines }) => lines.filter((line) => line["code"] === code));
}

async function conflicts(gateway: string) {
  return site.database.query("SELECT lane, epoch_number FROM conflict WHERE gateway = $1", [
    gateway,
  ]);
}

test("central restored from a dump of yesterday, the agent running on: every row once", async () => {
  const { url } = site.postgres;
  const run = (name: string, ...args: readonly string[]) =>
    execFileSync(join(postgresPrograms() ?? "", name), [...args, "-d", url], { stdio: "pipe" });
  const dump = join(site.folder, "yesterday.dump");
  const first = await site.central();
  const gateway = await site.site("restored");
  gateway.write(100, 2, 5);
  site.keep(gateway.agent({ central: first.address }));
  await site.exactlyOnce(gateway);
  run("pg_dump", "-Fc", "-f", dump);
  gateway.write(100, 2, 5);
  await site.exactlyOnce(gateway);
  await first.kill("SIGTERM");
  gateway.write(100, 2, 5);
  run("pg_restore", "--clean", "--if-exists", dump);
  expect((await tallies(site.database, gateway.id)).samples.rows, "the dump is older").toBe(500);
  const again = await site.central(undefined, first.address.replace("http://", ""));
  await site.exactlyOnce(gateway);
  await again.kill("SIGTERM");
});

test("three receivers on one database behind a proxy that asks each in turn, one killed and started again: every row once", async () => {
  const receivers = await Promise.all([site.central(), site.central(), site.central()]);
  let turn = 0;
  await using road = new FaultyRoad({
    target: () => {
      turn += 1;
      return receivers[turn % receivers.length]?.address ?? "";
    },
  });
  await road.open();
  const gateway = await site.site("in-turn");
  site.keep(gateway.agent({ central: road.address }));
  gateway.write(200, 2, 10);
  await site.exactlyOnce(gateway);
  await receivers[0].kill("SIGKILL");
  for (let round = 0; round < 5; round += 1) {
    gateway.write(200, 2, 5);
    await site.arrived(gateway);
  }
  await site.central(undefined, receivers[0].address.replace("http://", ""));
  gateway.write(200, 2, 10);
  await site.exactlyOnce(gateway);
  for (const receiver of receivers) await receiver.kill("SIGTERM");
});

test("central begun anew with an empty database gets all that the gateway still has", async () => {
  await site.database.query("CREATE DATABASE anew");
  const url = site.postgres.url.replace(/\/postgres$/, "/anew");
  await using anew = openPostgres(url, memoryLog().log);
  await migrate(anew);
  const old = await site.central();
  const fresh = await site.central(["--database", url]);
  let target = old.address;
  await using road = new FaultyRoad({ target: () => target });
  await road.open();
  const gateway = await site.site("anew");
  await addGateway(anew, gateway.id, gateway.token);
  site.keep(gateway.agent({ central: road.address }));
  gateway.write(200, 2, 10);
  await site.exactlyOnce(gateway);
  target = fresh.address;
  gateway.write(200, 2, 2);
  const head = gateway.store.outbox.head("samples");
  await eventually(
    () => tallies(anew, gateway.id),
    (found) => found.samples.rows === head && found.samples.numbers === head,
    60_000,
  );
  expect(await tallies(anew, gateway.id)).toMatchObject({ gaps: 0, rejects: 0 });
  for (const receiver of [old, fresh]) await receiver.kill("SIGTERM");
});

test("two agents on one data folder: the second says so and waits, and takes over when the first is killed", async () => {
  const central = await site.central();
  const gateway = await site.site("two-agents");
  gateway.write(100, 2);
  const first = site.keep(gateway.agent({ central: central.address }));
  await site.exactlyOnce(gateway);
  const second = site.keep(gateway.agent({ central: central.address }));
  await eventually(
    () => second.lines,
    (lines) => lines.some((line) => line["code"] === "store/locked"),
    30_000,
  );
  gateway.write(100, 2, 5);
  await site.exactlyOnce(gateway);
  expect(second.lines.some((line) => line["event"] === "agent ships")).toBe(false);
  await first.kill("SIGKILL");
  gateway.write(100, 2, 5);
  await site.exactlyOnce(gateway);
  expect(saying(gateway, "store/locked"), "said once").toHaveLength(1);
  await second.kill("SIGKILL");
  await central.kill("SIGTERM");
});

test("a cloned card in another machine: its rows go on where the original's ended, the original is fenced, and both sides say so", async () => {
  const central = await site.central();
  const original = await site.site("cloned");
  original.open(machines.one);
  original.write(100, 2, 5);
  const agent = site.keep(original.agent({ central: central.address }));
  await site.exactlyOnce(original);
  const shared = original.store.outbox.head("samples");
  original.close();
  using clone = new Site(site.folder, "clone", original.token, original.id);
  cpSync(original.dataDir, clone.dataDir, { recursive: true });
  original.open(machines.one);
  clone.open(machines.other);
  expect(clone.store.outbox.epoch).not.toBe(original.store.outbox.epoch);
  clone.write(100, 2, 5);
  const cloned = site.keep(clone.agent({ central: central.address }));
  await site.arrived(clone);
  original.write(70, 2, 5);
  await eventually(
    () => saying(original, "sync/conflict"),
    (lines) => lines.length > 0,
    60_000,
  );
  await eventually(
    () => conflicts(original.id),
    (rows) => rows.length > 0,
  );
  const head = clone.store.outbox.head("samples");
  expect(head).toBe(shared + 500);
  expect((await tallies(site.database, original.id)).samples).toEqual({
    ...{ rows: head, numbers: head, last: head, wrong: 0 },
  });
  expect(saying(clone, "sync/conflict")).toEqual([]);
  for (const running of [agent, cloned, central]) await running.kill("SIGKILL");
});

test("a cloned card that nobody noticed: the second that brings another event under a known number is stopped, and both sides say so", async () => {
  const central = await site.central();
  const original = await site.site("same-machine");
  original.open(machines.one);
  original.write(100, 2, 5);
  const agent = site.keep(original.agent({ central: central.address }));
  await site.exactlyOnce(original);
  original.close();
  using clone = new Site(site.folder, "twin", original.token, original.id);
  cpSync(original.dataDir, clone.dataDir, { recursive: true });
  original.open(machines.one);
  clone.open(machines.one);
  original.write(100, 2, 5);
  await site.exactlyOnce(original);
  clone.write(100, 3, 8);
  const twin = site.keep(clone.agent({ central: central.address }));
  await eventually(
    () => saying(clone, "sync/conflict"),
    (lines) => lines.length > 0,
    60_000,
  );
  expect(await conflicts(original.id)).toMatchObject([{ lane: "events" }]);
  await site.exactlyOnce(original);
  for (const running of [agent, twin, central]) await running.kill("SIGKILL");
});
