import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { bundleFiles, writeAnswer } from "../../cloud-sync/central/bundles/bundle-files.ts";
import { importBundles } from "../../cloud-sync/central/bundles/import-bundles.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { DatabaseLink } from "../../cloud-sync/central/database-link.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { main } from "../../cloud-sync/cli/rackwatch.ts";
import { drainOnce, runSync } from "../../cloud-sync/main.ts";
import type { SyncOptions, SyncSection } from "../../cloud-sync/sync-options.ts";
import { bundleText } from "../../config/language/bundles.ts";
import { Secret } from "../../drivers/secret.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { CursorFile } from "../../gateway/store/cursor-file.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import type { Store } from "../../gateway/store/store.ts";
import { readRoadStatuses } from "../../gateway/store/sync-status.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { someEvents, someSamples } from "../support/memory-outbox.ts";
import { freePort } from "../support/spine.ts";

const token = "token-of-many-roads";
const { log } = memoryLog();
const clock = systemClock;

let database: Database;
let central: Central;
let link: DatabaseLink;
let dir = "";
let stick = "";
let store: Store | undefined;

beforeAll(async () => {
  database = await openPglite();
  const openDatabase = async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined });
  const listen = "127.0.0.1:0";
  central = await startCentral({ listen, openDatabase, clock, log, version: "0.0.0" });
  link = new DatabaseLink(openDatabase, clock, log);
  await link.start(async () => undefined);
});
afterAll(async () => {
  await link[Symbol.asyncDispose]();
  await central.stop();
  await database[Symbol.asyncDispose]();
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-roads-"));
  stick = join(dir, "stick");
  mkdirSync(stick);
});
afterEach(() => {
  store?.[Symbol.dispose]();
  store = undefined;
  rmSync(dir, { recursive: true, force: true });
});

/** A gateway that counts these roads, with some rows of just now. */
function fill(gatewayId: string, rows: number, roads: readonly string[]): Store {
  store ??= openStore({ dir, gatewayId, clock, log, limits: { roads } }).store;
  const mark = { boot: "boot-1", offsetMs: 0, quality: "synchronized" } as const;
  const samples = someSamples(rows, Date.now());
  store.commit({ clock: mark, samples, events: someEvents(2), state: new Map() });
  return store;
}

function optionsOf(gatewayId: string, sync: Partial<SyncSection>): SyncOptions {
  const credentials = new Secret(token + gatewayId);
  return {
    ...{ gatewayId, language: "en", push: { notify: {}, mail: undefined } },
    ...{ boot: "boot-1", env: {}, dataDir: dir, clock, log: memoryLog().log },
    sync: { credentials, uplinks: {}, goneFor: 3_600_000, ...sync },
  };
}

const bundles = (gatewayId: string, required = true): SyncSection["uplinks"] => ({
  stick: { via: "file", folder: stick, credentials: new Secret(token + gatewayId), required },
});

async function carry() {
  const text = bundleText.en;
  const parts = { link, clock, log, text, address: "bundle" };
  const done = await importBundles(bundleFiles([stick]), parts);
  for (const answer of done.answers) await writeAnswer(stick, answer);
  return done.files.map(({ outcome }) => outcome);
}

async function stored(gateway: string): Promise<readonly number[]> {
  const rows = await database.query(
    "SELECT seq::int AS seq FROM sample WHERE gateway = $1 ORDER BY seq",
    [gateway],
  );
  return rows.map((row) => Number(row["seq"]));
}

const upTo = (head: number) => Array.from({ length: head }, (_, index) => index + 1);
const drain = (options: SyncOptions) => drainOnce(options, new AbortController().signal);

test("two roads to one central bring each row once, and rows are confirmed when both have them", async () => {
  await addGateway(database, "gw-two", `${token}gw-two`);
  const options = optionsOf("gw-two", { central: central.address, uplinks: bundles("gw-two") });
  const written = fill("gw-two", 300, ["central", "stick"]);
  expect(await drain(options)).toEqual({ rows: true, pushes: true });
  expect(await stored("gw-two")).toEqual(upTo(300));
  expect(written.status("samples").cursor, "the stick has no answer yet").toBe(0);
  expect(await carry()).toEqual(["known"]);
  await drain(options);
  expect(written.status("samples")).toMatchObject({ cursor: 300, backlog: 0 });
  fill("gw-two", 50, []);
  const stopped = new AbortController();
  const running = runSync(options, stopped.signal);
  await expect.poll(() => stored("gw-two"), { timeout: 20_000 }).toHaveLength(350);
  stopped.abort();
  await running;
  await drain(options);
  await carry();
  await drain(options);
  expect(await stored("gw-two")).toEqual(upTo(350));
  expect(written.status("samples")).toMatchObject({ cursor: 350, backlog: 0 });
});

test("while one road is dead the other delivers, and the dead one says what stands in its way", async () => {
  await addGateway(database, "gw-dead", `${token}gw-dead`);
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const options = optionsOf("gw-dead", { central: nowhere, uplinks: bundles("gw-dead") });
  const written = fill("gw-dead", 200, ["central", "stick"]);
  expect(await drain(options)).toMatchObject({ rows: false });
  expect(await carry()).toEqual(["taken"]);
  expect(await drain(options)).toMatchObject({ rows: false });
  expect(await stored("gw-dead")).toEqual(upTo(200));
  using cursors = new CursorFile(dir);
  const { epoch } = written.outbox;
  expect(cursors.readRoad("stick", "samples", epoch)).toBe(200);
  expect(cursors.readRoad("central", "samples", epoch)).toBe(0);
  expect(written.status("samples").cursor, "both are required").toBe(0);
  const statuses = readRoadStatuses(dir);
  expect(statuses?.get("central")?.problem?.code).toBe("sync/unreachable");
  expect(statuses?.get("stick")?.problem).toBeUndefined();
  expect(statuses?.get("stick")?.lastContactAt).toBeGreaterThan(0);

  // The network comes back: what the stick brought is not sent again.
  await drain(optionsOf("gw-dead", { central: central.address, uplinks: bundles("gw-dead") }));
  expect(await stored("gw-dead")).toEqual(upTo(200));
  expect(written.status("samples").cursor).toBe(200);
});

test("a road that is removed holds nothing back and is forgotten", async () => {
  await addGateway(database, "gw-less", `${token}gw-less`);
  const both = optionsOf("gw-less", { central: central.address, uplinks: bundles("gw-less") });
  fill("gw-less", 100, ["central", "stick"]);
  await drain(both);
  using recorded = new CursorFile(dir);
  const epoch = store?.outbox.epoch ?? "";
  expect(recorded.read("samples", epoch)).toBe(0);
  await drain(optionsOf("gw-less", { central: central.address }));
  expect(recorded.read("samples", epoch), "as the agent says in its file").toBe(100);
  using configured = new CursorFile(dir, () => ["central"]);
  expect(configured.read("samples", epoch)).toBe(100);
  expect(readRoadStatuses(dir)?.has("stick")).toBe(false);
});

test("a road without credentials says so, and the others go on", async () => {
  await addGateway(database, "gw-bare", `${token}gw-bare`);
  fill("gw-bare", 20, ["central"]);
  const uplinks: SyncSection["uplinks"] = {
    stick: { via: "file", folder: stick, required: false },
  };
  const options = optionsOf("gw-bare", { central: central.address, uplinks });
  await expect(drain(options)).rejects.toMatchObject({ code: "sync/not-enrolled" });
  expect(await stored("gw-bare")).toEqual(upTo(20));
});

test("by hand: export, import at central, answer back, each with a line that says what was done", async () => {
  fill("gw-hand", 60, ["stick"]);
  const config = join(dir, "gateway.yaml");
  const road = `{ via: file, folder: ${stick}, credentials: !secret hand }`;
  writeFileSync(
    config,
    `version: 1\ngateway: { id: gw-hand }\nsync: { uplinks: { stick: ${road} } }\n`,
  );
  const run = async (...args: string[]) => {
    const code = await main(args);
    return code;
  };
  const before = { ...process.env };
  try {
    process.env["RACKWATCH_SECRET_HAND"] = `${token}gw-hand`;
    await addGateway(database, "gw-hand", `${token}gw-hand`);
    const place = ["--config", config, "--data", dir];
    expect(await run("bundle", "import", stick, ...place), "no answer is there").toBe(1);
    expect(await run("bundle", "export", stick, ...place)).toBe(0);
    expect(await carry()).toEqual(["taken"]);
    expect(await run("bundle", "import", stick, ...place)).toBe(0);
    expect(store?.status("samples").cursor).toBe(60);
    expect(await run("bundle", "export", stick, "--road", "nowhere", ...place)).toBe(2);
    const data = join(dir, "central");
    const central = ["central", "--data", data];
    expect(await run(...central, "import", stick), "this central knows no such gateway").toBe(1);
    expect(await run(...central, "import", join(dir, "nothing"))).toBe(2);
  } finally {
    process.env = before;
  }
});
