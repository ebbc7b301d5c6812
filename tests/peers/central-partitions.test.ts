import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AggregateWorker } from "../../cloud-sync/central/aggregates/worker.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { Partitions, readPartitions } from "../../cloud-sync/central/database/partitions.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { Retention } from "../../cloud-sync/central/database/retention.ts";
import { dayRowsMin } from "../../cloud-sync/central/database/spans.ts";
import { ingest } from "../../cloud-sync/central/ingest.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import type { Sample } from "../../drivers/contract.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { MemoryOutbox } from "../support/memory-outbox.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";

const dayMs = 86_400_000;
const hourMs = 3_600_000;
let server: PostgresServer | undefined;
let made = 0;

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs !== undefined) server = await createPostgres(programs);
});
beforeEach(({ skip }) => needPostgres(skip));
afterAll(async () => server?.remove());

/** An empty central with so many receivers, each with its own connections and memory. */
async function centralOf(receivers: number) {
  if (server === undefined) throw new Error("no PostgreSQL");
  made += 1;
  const name = `parts_${made}`;
  await using first = openPostgres(server.url, memoryLog().log);
  await first.query(`CREATE DATABASE ${name}`);
  const url = server.url.replace(/postgres$/, name);
  const opened = Array.from({ length: receivers }, () => {
    const database = openPostgres(url, memoryLog().log);
    return { database, partitions: new Partitions(database) };
  });
  const [main] = opened;
  if (main === undefined) throw new Error("no receiver");
  await migrate(main.database);
  return {
    ...{ database: main.database, receivers: opened },
    async [Symbol.asyncDispose]() {
      for (const { database } of opened) await database[Symbol.asyncDispose]();
    },
  };
}

/** A gateway that says what it is told to, batch by batch. */
async function sender(database: Database, gateway: string) {
  await addGateway(database, gateway, `token-of-${gateway}`);
  const outbox = new MemoryOutbox(`epoch-${gateway}`);
  let cursor = 0;
  return async (
    through: { database: Database; partitions: Partitions },
    times: readonly number[],
    now: number,
  ) => {
    outbox.addSamples(
      times.map(
        (sampledAt, index): Sample => ({ point: "a/t", sampledAt, quality: "good", value: index }),
      ),
    );
    const of = { gateway, epoch: outbox.epoch, lane: "samples", cursor, rowsMax: 5_000 } as const;
    const portion = nextPortion(outbox, of);
    if (portion?.kind !== "batch") throw new Error("no batch");
    const stored = await ingest(through, portion.batch, now);
    if (stored.kind !== "stored") throw new Error(stored.refusal.message);
    cursor = stored.ack.mark;
    return stored.rows;
  };
}

const tables = async (database: Database) =>
  (await readPartitions(database, "sample")).map(({ table }) => table);

/** As PostgreSQL would have guessed it of a fleet's rows. */
async function pretendRows(database: Database, table: string, rows: number): Promise<void> {
  await database.query("UPDATE pg_class SET reltuples = $2 WHERE relname = $1", [table, rows]);
}

async function rowsByTable(database: Database): Promise<Record<string, number>> {
  const rows = await database.query(
    "SELECT tableoid::regclass::text AS part, count(*)::int AS n FROM sample GROUP BY 1",
  );
  return Object.fromEntries(rows.map((row) => [String(row["part"]), Number(row["n"])]));
}

test("partitions of days are made a week ahead, and rows on both sides of midnight find theirs under load", async () => {
  await using central = await centralOf(2);
  const { database, receivers } = central;
  const evening = Date.UTC(2026, 11, 1, 23, 59, 50);
  const [first, second] = receivers;
  if (first === undefined || second === undefined) throw new Error("two receivers are needed");
  await first.partitions.prepare([], Date.UTC(2026, 10, 20));
  expect(await tables(database)).toEqual(["sample_2026_11"]);
  await pretendRows(database, "sample_2026_11", 30 * dayRowsMin);
  await Promise.all(
    receivers.map(({ partitions }) => partitions.prepare([], Date.UTC(2026, 10, 30, 12))),
  );
  const week = ["01", "02", "03", "04", "05", "06", "07"].map((day) => `sample_2026_12_${day}`);
  expect(await tables(database)).toEqual(["sample_2026_11", ...week]);

  const gateways = await Promise.all(
    [1, 2, 3, 4].map((number) => sender(database, `midnight-${number}`)),
  );
  const sending = gateways.map(async (send, index) => {
    let rows = 0;
    for (let batch = 0; batch < 25; batch += 1) {
      const now = evening + batch * 1_000;
      const times = Array.from({ length: 20 }, (_, row) => now - 5_000 + row * 500);
      rows += await send(batch % 2 === index % 2 ? first : second, times, now);
    }
    return rows;
  });
  expect(await Promise.all(sending)).toEqual([500, 500, 500, 500]);
  const parts = await rowsByTable(database);
  expect(Object.keys(parts).sort()).toEqual(["sample_2026_12_01", "sample_2026_12_02"]);
  expect((parts["sample_2026_12_01"] ?? 0) + (parts["sample_2026_12_02"] ?? 0)).toBe(2_000);
  const wrong = await database.query(
    "SELECT FROM sample WHERE (sampled_at >= '2026-12-02T00:00:00Z') <> (tableoid = 'sample_2026_12_02'::regclass)",
  );
  expect(wrong).toEqual([]);
  expect(await tables(database)).toContain("sample_2026_12_08");
});

test("two receivers that need the same old month at once make it once, and every row is there", async () => {
  await using central = await centralOf(4);
  const { database, receivers } = central;
  const now = Date.UTC(2026, 10, 20);
  const old = Date.UTC(2025, 2, 3);
  const gateways = await Promise.all(
    [1, 2, 3, 4].map((number) => sender(database, `old-${number}`)),
  );
  const sent = gateways.map(async (send, index) => {
    const through = receivers[index];
    if (through === undefined) throw new Error("no receiver");
    return send(through, [old, old + dayMs, old + 40 * dayMs], now);
  });
  expect(await Promise.all(sent)).toEqual([3, 3, 3, 3]);
  expect(await rowsByTable(database)).toEqual({ sample_2025_03: 8, sample_2025_04: 4 });
});

test("retention drops days while gateways send into them and beside them: nothing is lost, no batch fails", async () => {
  await using central = await centralOf(2);
  const { database, receivers } = central;
  const [first, second] = receivers;
  if (first === undefined || second === undefined) throw new Error("two receivers are needed");
  const now = Date.UTC(2026, 11, 20, 12);
  const old = Date.UTC(2026, 9, 5, 8);
  const worker = new AggregateWorker(database);
  const retention = new Retention({
    ...{ database, worker, log: memoryLog().log },
    keepMs: { sample: 30 * dayMs },
  });
  const gateways = await Promise.all(
    [1, 2, 3, 4].map((number) => sender(database, `kept-${number}`)),
  );
  const dropped: string[] = [];
  let isSending = true;
  const dropping = (async () => {
    while (isSending) dropped.push(...(await retention.step(now)));
  })();
  const sending = gateways.map(async (send, index) => {
    for (let batch = 0; batch < 30; batch += 1) {
      const late = old + (batch % 4) * hourMs;
      await send(batch % 2 === index % 2 ? first : second, [now + batch, late, late + 1], now);
    }
  });
  await Promise.all(sending);
  isSending = false;
  await dropping;
  dropped.push(...(await retention.step(now)));
  expect(dropped).toContain("sample_2026_10");
  while ((await worker.step(now + 400 * dayMs)) > 0);
  const [kept] = await database.query("SELECT count(*)::int AS n FROM sample");
  const sums = await database.query(
    "SELECT (at >= '2026-12-01T00:00:00Z') AS recent, sum(good)::int AS good FROM sample_hour GROUP BY 1 ORDER BY 1",
  );
  expect(kept).toEqual({ n: 120 });
  expect(sums).toEqual([
    { recent: false, good: 240 },
    { recent: true, good: 120 },
  ]);
  const left = await database.query("SELECT FROM pg_class WHERE relname LIKE 'detached%'");
  expect(left).toEqual([]);
});

test("a reader that holds the table for long puts a drop off, and holds up no gateway for longer than the drop waits", async () => {
  await using central = await centralOf(1);
  const { database, receivers } = central;
  const [through] = receivers;
  if (through === undefined) throw new Error("no receiver");
  const now = Date.UTC(2026, 11, 20, 12);
  const send = await sender(database, "beside-a-reader");
  await send(through, [Date.UTC(2026, 9, 5)], now);
  const worker = new AggregateWorker(database);
  const retention = new Retention({
    ...{ database, worker, log: memoryLog().log },
    keepMs: { sample: 30 * dayMs },
  });
  const { promise: over, resolve: release } = Promise.withResolvers<void>();
  const reading = database.transaction(async (queries) => {
    await queries.query("SELECT count(*) FROM sample");
    await over;
  });
  const refused = retention.step(now);
  for (let batch = 0; batch < 5; batch += 1) expect(await send(through, [now], now)).toBe(1);
  expect(await refused).toEqual([]);
  release();
  await reading;
  expect(await retention.step(now)).toEqual(["sample_2026_10"]);
});
