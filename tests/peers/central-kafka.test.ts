import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { type Entry, gatewayOf, unpackEntry } from "../../cloud-sync/central/log/entry.ts";
import { openKafkaLog } from "../../cloud-sync/central/log/kafka.ts";
import { kafkaSettings } from "../../cloud-sync/central/log/kafka-settings.ts";
import { startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { needKcat, startKafka } from "../support/kafka-cluster.ts";
import { agentOf } from "../support/log-agent.ts";
import { logSuite } from "../support/log-suite.ts";
import { memoryLog } from "../support/manual-clock.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";

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
    clock: systemClock,
    log,
    version: "0.0.0",
    gateways: [{ id: "gw-kafka", token: "token-of-gw-kafka" }],
    sampleLog: { address: `kafka://${kafka.address}`, topic: "samples", role: "receive" },
  });
  try {
    const agent = agentOf(central.address, "gw-kafka", "token-of-gw-kafka");
    expect(await agent.greet()).toBe(0);
    expect(await agent.send(30)).toBe(30);
    const read = kafka.read("samples").map(({ value }) => unpackEntry(value));
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
}, 120_000);
