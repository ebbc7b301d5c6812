import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { CopyRows } from "../../cloud-sync/central/database/copy-rows.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { epochSuite } from "../support/epoch-suite.ts";
import { ingestSuite } from "../support/ingest-suite.ts";
import { memoryLog } from "../support/manual-clock.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";
import { stockIngestSuite } from "../support/stock-ingest-suite.ts";
import { timeIngestSuite } from "../support/time-ingest-suite.ts";

let server: PostgresServer;
let created: PostgresServer | undefined;

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs === undefined) return;
  created = await createPostgres(programs);
  server = created;
});
beforeEach(({ skip }) => needPostgres(skip));
afterAll(async () => created?.remove());

const open = () => openPostgres(server.url, memoryLog().log);

ingestSuite(async () => (created === undefined ? undefined : open()));
epochSuite(async () => (created === undefined ? undefined : open()));
stockIngestSuite(async () => (created === undefined ? undefined : open()));
timeIngestSuite(async () => (created === undefined ? undefined : open()));

test("four receivers that start at once on an empty database make its tables once", async () => {
  const first = open();
  await first.query("CREATE DATABASE fresh");
  await first[Symbol.asyncDispose]();
  const url = server.url.replace(/postgres$/, "fresh");
  const receivers = Array.from({ length: 4 }, () => openPostgres(url, memoryLog().log));
  const generations = await Promise.all(receivers.map((it) => migrate(it)));
  expect(new Set(generations).size).toBe(1);
  await Promise.all(receivers.map((it) => it[Symbol.asyncDispose]()));
});

test("a statement that is wrong is no outage, and a rolled back transaction leaves nothing", async () => {
  await using database: Database = open();
  await expect(database.query("SELECT nonsense")).rejects.not.toMatchObject({
    code: "central/database",
  });
  await database.query("CREATE TABLE kept (n int)");
  const failing = database.transaction(async (queries) => {
    await queries.query("INSERT INTO kept VALUES (1)");
    await queries.copyIn("kept (n)", [Buffer.from("not the format")]);
  });
  await expect(failing).rejects.toThrow();
  expect(await database.query("SELECT * FROM kept")).toEqual([]);
});

test("a COPY that breaks off in its middle leaves nothing and holds nobody up", async () => {
  await using database: Database = open();
  await database.query("CREATE TABLE half (n int)");
  const copy = new CopyRows();
  copy.row(1);
  copy.int4(7);
  const slice = copy.slice();
  const copying = (slices: Iterable<Uint8Array>) =>
    database.transaction((queries) => queries.copyIn("half (n)", slices));

  function* failing() {
    yield slice;
    throw new Error("the next slice cannot be made");
  }
  await expect(copying(failing())).rejects.toThrow("the next slice cannot be made");

  // The server refuses the second slice while the others are still being made.
  let made = 0;
  function* refused() {
    yield slice;
    for (; made < 1_000_000; made += 1) yield Buffer.alloc(1_024, 1);
  }
  await expect(copying(refused())).rejects.toMatchObject({ code: "22P04" });
  expect(made).toBeLessThan(1_000_000);

  expect(await database.query("SELECT * FROM half")).toEqual([]);
  await copying([slice, copy.finish()]);
  expect(await database.query("SELECT * FROM half")).toEqual([{ n: 7 }]);
});

test("central answers 503 while PostgreSQL is stopped and goes on by itself when it is back", async () => {
  const { log, entries } = memoryLog();
  const central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => open(),
    clock: systemClock,
    log,
    version: "0.0.0",
  });
  const ask = async () => (await fetch(`${central.address}/v1/gateways`)).status;
  try {
    expect(await ask()).toBe(200);
    await server.stop();
    for (let turn = 0; turn < 3; turn += 1) expect(await ask()).toBe(503);
    expect(entries.filter(({ event }) => event === "database is gone")).toHaveLength(1);
    await server.start();
    await expect.poll(ask, { timeout: 60_000 }).toBe(200);
    await expect.poll(() => entries.at(-1)?.event, { timeout: 60_000 }).toBe("database is back");
  } finally {
    await central.stop();
  }
});

test("an address where no PostgreSQL is says what and where without the password", async () => {
  await using database = openPostgres("postgres://u:geheim@127.0.0.1:1/rackwatch", memoryLog().log);
  const error: unknown = await database.query("SELECT 1").catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "central/database",
    where: "postgres://127.0.0.1:1/rackwatch",
  });
  expect(JSON.stringify(error)).not.toContain("geheim");
});

test("more work than connections waits its turn, and longer than a connect may take", async () => {
  const limits = { connectMsMax: 2_000, turnMsMax: 60_000 };
  await using database = openPostgres(server.url, memoryLog().log, limits);
  const all = Array.from({ length: 30 }, () => database.query("SELECT pg_sleep(1.1)"));
  await expect(Promise.all(all)).resolves.toHaveLength(30);
});

test("who waits too long for a connection hears that central is busy, and the database does not count as gone", async () => {
  const { log, entries } = memoryLog();
  const limits = { connectMsMax: 5_000, turnMsMax: 300 };
  const database = openPostgres(server.url, log, limits);
  const openDatabase = async () => database;
  const about = { listen: "127.0.0.1:0", clock: systemClock, log, version: "0.0.0" };
  const central = await startCentral({ ...about, openDatabase });
  const ask = () => fetch(`${central.address}/v1/gateways`);
  const { promise: free, resolve: release } = Promise.withResolvers<void>();
  try {
    const held = Array.from({ length: 10 }, () => database.transaction(() => free));
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("2");
    expect(await refused.json()).toMatchObject({ code: "busy" });
    expect((await fetch(`${central.address}/healthz`)).status).toBe(200);
    release();
    await Promise.all(held);
    expect((await ask()).status).toBe(200);
    expect(entries.map(({ event }) => event)).not.toContain("database is gone");
  } finally {
    release();
    await central.stop();
  }
});

test("a server that takes connections and says nothing counts as gone", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const limits = { connectMsMax: 200, turnMsMax: 60_000 };
  const database = openPostgres(`postgres://u@127.0.0.1:${port}/x`, memoryLog().log, limits);
  const asked = Array.from({ length: 12 }, () => database.query("SELECT 1"));
  for (const result of await Promise.allSettled(asked)) {
    expect(result).toMatchObject({ status: "rejected", reason: { code: "central/database" } });
  }
  await database[Symbol.asyncDispose]();
  silent.close();
});
