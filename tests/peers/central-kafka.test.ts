import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { DatabaseLink } from "../../cloud-sync/central/database-link.ts";
import { type Entry, gatewayOf, unpackEntry } from "../../cloud-sync/central/log/entry.ts";
import { openKafkaLog, openKafkaReader } from "../../cloud-sync/central/log/kafka.ts";
import { kafkaSettings } from "../../cloud-sync/central/log/kafka-settings.ts";
import { LogStorer } from "../../cloud-sync/central/log/log-storer.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock as clock } from "../../gateway/runtime/clock.ts";
import { needKcat, silentMs, startKafka } from "../support/kafka-cluster.ts";
import { agentOf } from "../support/log-agent.ts";
import { logSuite } from "../support/log-suite.ts";
import { memoryLog } from "../support/manual-clock.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";

const storeChild = fileURLToPath(new URL("../support/kafka-store-child.ts", import.meta.url));
const waitMs = { timeout: 60_000, interval: 50 } as const;

let server: PostgresServer;
let created: PostgresServer | undefined;

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs === undefined) return;
  created = await createPostgres(programs);
  server = created;
});
beforeEach(({ skip }) => {
  needPostgres(skip);
  needKcat(skip);
});
afterAll(async () => created?.remove());

logSuite(async () =>
  created === undefined ? undefined : openPostgres(created.url, memoryLog().log),
);

test("what is appended is read by another client: all of a gateway on one partition, in order", async () => {
  await using kafka = await startKafka();
  const log = openKafkaLog(kafkaSettings(`kafka://${kafka.address}`, "rackwatch-samples"));
  try {
    await log.append("gw-0", Buffer.from("first"));
    await Promise.all(
      Array.from({ length: 8 }, async (_, gateway) => {
        for (let n = 0; n < 20; n += 1) {
          await log.append(`gw-${gateway}`, Buffer.from(`${gateway}:${n}\n\0\xff`, "latin1"));
        }
      }),
    );
  } finally {
    await log[Symbol.asyncDispose]();
  }
  const entries = kafka.read("rackwatch-samples");
  expect(entries).toHaveLength(161);
  for (let gateway = 0; gateway < 8; gateway += 1) {
    const mine = entries.filter(({ key }) => key === `gw-${gateway}`);
    expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
    const values = mine.map(({ value }) => value.toString("latin1"));
    const expected = Array.from({ length: 20 }, (_, n) => `${gateway}:${n}\n\0\xff`);
    expect(values).toEqual(gateway === 0 ? ["first", ...expected] : expected);
  }
});

test("a receiver puts samples into the log and answers 503 while the log is gone", async () => {
  await using kafka = await startKafka();
  const { log, entries } = memoryLog();
  const central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => openPostgres(server.url, log),
    clock,
    log,
    version: "0.0.0",
    gateways: [{ id: "gw-kafka", token: "token-of-gw-kafka" }],
    sampleLog: { address: `kafka://${kafka.address}`, topic: "samples", role: "receive" },
  });
  try {
    const agent = agentOf(central.address, "gw-kafka", "token-of-gw-kafka");
    expect(await agent.greet()).toBe(0);
    expect(await agent.send(30)).toBe(30);
    const read = await Promise.all(kafka.read("samples").map(({ value }) => unpackEntry(value)));
    expect(read.map((entry) => entry && gatewayOf(entry))).toEqual(["gw-kafka"]);
    const [entry] = read as (Entry | undefined)[];
    expect(entry?.kind === "batch" && entry.batch.lastSeq).toBe(30);
    expect(await agent.greet()).toBe(30);
    await kafka.kill();
    await expect(agent.send(10)).rejects.toMatchObject({ status: 503 });
    expect(entries.map(({ event }) => event)).not.toContain("database is gone");
  } finally {
    await central.stop();
  }
});

interface Seen {
  readonly partition: number;
  readonly text: string;
}

test("two readers of a group share the partitions; when one goes the other has its partitions, and again what was not done", async () => {
  await using kafka = await startKafka();
  const settings = kafkaSettings(`kafka://${kafka.address}`, "shared");
  await using log = openKafkaLog(settings);
  const gateways = 16;
  const each = 8;
  await Promise.all(
    Array.from({ length: gateways }, async (_, gateway) => {
      for (let n = 0; n < each; n += 1) {
        await log.append(`gw-${gateway}`, Buffer.from(`${gateway}:${n}`));
      }
    }),
  );
  const read = (says: boolean) => {
    const seen: Seen[] = [];
    const stop = new AbortController();
    const run = async () => {
      await using reader = await openKafkaReader(settings, "sharing", silentMs);
      for await (const { partition, value, done } of reader.messages(stop.signal)) {
        seen.push({ partition, text: value.toString() });
        if (says) await done();
      }
    };
    const running = run();
    const end = () => {
      stop.abort();
      return running;
    };
    return { seen, stop: end };
  };
  const [stays, goes] = [read(true), read(false)];
  const all = gateways * each;
  const partitionsOf = (seen: readonly Seen[]) => new Set(seen.map(({ partition }) => partition));
  await expect.poll(() => stays.seen.length + goes.seen.length, waitMs).toBe(all);
  const before = [...stays.seen];
  expect(partitionsOf(before).size).toBe(2);
  expect(partitionsOf(goes.seen).size).toBe(2);
  expect(partitionsOf([...before, ...goes.seen]).size).toBe(4);
  await goes.stop();
  await expect.poll(() => stays.seen.length, waitMs).toBe(all);
  await stays.stop();
  const again = stays.seen.slice(before.length);
  for (let gateway = 0; gateway < gateways; gateway += 1) {
    const of = (seen: readonly Seen[]) =>
      seen.map(({ text }) => text).filter((text) => text.startsWith(`${gateway}:`));
    const expected = Array.from({ length: each }, (_, n) => `${gateway}:${n}`);
    expect(of(stays.seen)).toEqual(expected);
    // What the other had read and not done comes again as it was, and nothing that was done.
    expect(of(again)).toEqual(of(goes.seen));
  }
});

test("a reader that is killed between storing and saying so: another one stores the rest, and each row is there once", async () => {
  await using kafka = await startKafka();
  const { log } = memoryLog();
  const { url } = server;
  const gateways = Array.from({ length: 6 }, (_, n) => ({
    id: `killed-${n}`,
    token: `token-of-killed-${n}`,
  }));
  const [address, topic] = [`kafka://${kafka.address}`, "killed"];
  await using cleanup = new AsyncDisposableStack();
  const central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => openPostgres(url, log),
    ...{ clock, log, version: "0.0.0", gateways },
    sampleLog: { address, topic, role: "receive" },
  });
  cleanup.defer(() => central.stop());
  const agents = gateways.map(({ id, token }) => agentOf(central.address, id, token));
  const sendAll = () =>
    Promise.all(
      agents.map(async (agent) => {
        for (let batch = 0; batch < 4; batch += 1) await agent.send(25);
      }),
    );
  for (const agent of agents) await agent.greet();
  await sendAll();

  const victim = spawn(process.execPath, [storeChild, address, topic, "storing", url], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(victim, "exit");
  await once(victim.stdout, "data");
  victim.kill("SIGKILL");
  await exited;
  await sendAll();

  await using database = openPostgres(url, log);
  const link = new DatabaseLink(async () => openPostgres(url, log), clock, log);
  cleanup.defer(() => link[Symbol.asyncDispose]());
  await link.start(async () => undefined);
  let read = 0;
  const open = async () => {
    const reader = await openKafkaReader(kafkaSettings(address, topic), "storing", silentMs);
    return {
      async *messages(signal: AbortSignal) {
        for await (const message of reader.messages(signal)) {
          read += 1;
          yield message;
        }
      },
      [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
    };
  };
  const stop = new AbortController();
  const storer = new LogStorer({ open, link, clock, log });
  const [before] = await database.query(
    "SELECT count(*)::int AS rows FROM sample WHERE gateway LIKE 'killed-%'",
  );
  const running = storer.run(stop.signal);
  const marks = async () =>
    (await database.query("SELECT gateway FROM mark WHERE gateway LIKE 'killed-%' AND seq = 200"))
      .length;
  await expect.poll(marks, waitMs).toBe(gateways.length);
  stop.abort();
  await running;
  const rows = await database.query(
    `SELECT count(*)::int AS rows, count(DISTINCT seq)::int AS each, max(seq)::int AS last
     FROM sample WHERE gateway LIKE 'killed-%' GROUP BY gateway`,
  );
  expect(rows).toEqual(gateways.map(() => ({ rows: 200, each: 200, last: 200 })));
  // Rows that the killed one had stored came again, and changed nothing.
  expect(Number(before?.["rows"])).toBeGreaterThan(0);
  expect(read * 25).toBeGreaterThan(gateways.length * 200 - Number(before?.["rows"]));
  expect(storer.figures).toMatchObject({ refused: 0 });
});
