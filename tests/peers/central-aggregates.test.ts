import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AggregateWorker } from "../../cloud-sync/central/aggregates/worker.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../../cloud-sync/central/database/partitions.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { ingest } from "../../cloud-sync/central/ingest.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import { aggregateSuite } from "../support/aggregate-suite.ts";
import { historySuite } from "../support/history-suite.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { MemoryOutbox } from "../support/memory-outbox.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";

let server: PostgresServer | undefined;

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs !== undefined) server = await createPostgres(programs);
});
beforeEach(({ skip }) => needPostgres(skip));
afterAll(async () => server?.remove());

aggregateSuite(async () =>
  server === undefined ? undefined : openPostgres(server.url, memoryLog().log),
);

historySuite(async () => {
  if (server === undefined) return undefined;
  await using first = openPostgres(server.url, memoryLog().log);
  await first.query("CREATE DATABASE old");
  return openPostgres(server.url.replace(/postgres$/, "old"), memoryLog().log);
});

const now = Date.UTC(2026, 10, 22, 12, 30);
const later = now + 86_400_000;

/** One gateway whose transactions can be held before they commit. */
async function heldSite(gateway: string) {
  const database = openPostgres(server?.url ?? "", memoryLog().log);
  await migrate(database);
  await addGateway(database, gateway, `token-${gateway}`);
  const outbox = new MemoryOutbox(`epoch-${gateway}`);
  const partitions = new Partitions(database);
  const { promise: gate, resolve: release } = Promise.withResolvers<void>();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const held: Database = {
    ...database,
    transaction: (run) =>
      database.transaction(async (queries) => {
        const result = await run(queries);
        reach();
        await gate;
        return result;
      }),
  };
  const send = (through: Database) => {
    const at = now - 7_200_000 + outbox.head("samples");
    outbox.addSamples([{ point: "a/t", sampledAt: at, quality: "good", value: 1 }]);
    const cursor = outbox.head("samples") - 1;
    const of = { gateway, epoch: outbox.epoch, lane: "samples", cursor, rowsMax: 10 } as const;
    const portion = nextPortion(outbox, of);
    if (portion?.kind !== "batch") throw new Error("no batch");
    return ingest({ database: through, partitions }, portion.batch, now);
  };
  const inBuckets = async () => {
    const [row] = await database.query(
      "SELECT coalesce(sum(good), 0)::int AS good FROM sample_hour WHERE gateway = $1",
      [gateway],
    );
    return row?.["good"];
  };
  return { database, held, release, reached, send, inBuckets };
}

test("a worker passes over the mark of a batch that has not committed, and finds its rows afterwards", async () => {
  const { database, held, release, reached, send, inBuckets } = await heldSite("held-batch");
  const worker = new AggregateWorker(database);
  await send(database);
  const sending = send(held);
  await reached;
  expect(await worker.step(later)).toBe(0);
  release();
  await sending;
  expect(await worker.step(later)).toBe(1);
  expect(await inBuckets()).toBe(2);
  await database[Symbol.asyncDispose]();
});

test("a batch does not wait for a worker that has taken its hour, and leaves a mark of its own", async () => {
  const { database, held, release, reached, send, inBuckets } = await heldSite("held-worker");
  const worker = new AggregateWorker(held);
  // The partitions of that hour are there before the worker is held.
  for (const family of ["sample_minute", "sample_hour"] as const) {
    await new Partitions(database, family).prepare([], now);
  }
  await send(database);
  const working = worker.step(later);
  await reached;
  expect(await send(database)).toMatchObject({ kind: "stored", rows: 1 });
  release();
  await working;
  expect(await inBuckets()).toBe(1);
  expect(await new AggregateWorker(database).step(later)).toBe(1);
  expect(await inBuckets()).toBe(2);
  await database[Symbol.asyncDispose]();
});
