import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { AggregateWorker } from "../../cloud-sync/central/aggregates/worker.ts";
import {
  citusStatements,
  placement,
  undoneIndexes,
} from "../../cloud-sync/central/database/citus.ts";
import type { Database, Queries } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../../cloud-sync/central/database/partitions.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { declareGaps } from "../../cloud-sync/central/gaps.ts";
import { greet } from "../../cloud-sync/central/hello.ts";
import { ingest } from "../../cloud-sync/central/ingest.ts";
import { notice } from "../../cloud-sync/central/snapshot.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import type { GapDeclaration, Snapshot } from "../../cloud-sync/protocol.ts";
import { encodeSamples } from "../../gateway/store/columns.ts";
import type { Lane } from "../../gateway/store/store.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { alarmEvent, MemoryOutbox, someSamples } from "../support/memory-outbox.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";

let server: PostgresServer | undefined;
let database: Database;

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs === undefined) return;
  server = await createPostgres(programs);
  database = openPostgres(server.url, memoryLog().log);
  await migrate(database);
});
beforeEach(({ skip }) => needPostgres(skip));
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await server?.remove();
});

test("every table lies somewhere: with a gateway it is distributed, and all others are few and named", async () => {
  const rows = await database.query(
    `SELECT c.relname::text AS table, EXISTS (SELECT FROM pg_attribute a
       WHERE a.attrelid = c.oid AND a.attname = 'gateway' AND a.attnotnull) AS gateway
     FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
       AND NOT c.relispartition AND c.relname <> 'migration' ORDER BY c.relname`,
  );
  const { distributed, reference } = placement();
  const tables = (has: boolean) =>
    rows.filter((row) => row["gateway"] === has).map((row) => String(row["table"]));
  expect([...distributed].sort()).toEqual(tables(true));
  expect([...reference].sort()).toEqual(tables(false));
});

test("each unique key of a distributed table begins with the gateway, and none points to another table", async () => {
  const keys = await database.query(
    `SELECT i.relname::text AS index, c.relname::text AS table, a.attname::text AS first
     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
     WHERE x.indisunique AND c.relnamespace = 'public'::regnamespace AND NOT c.relispartition`,
  );
  const { distributed } = placement();
  const wrong = keys
    .filter((row) => distributed.includes(String(row["table"])) && row["first"] !== "gateway")
    .map((row) => String(row["index"]));
  expect(wrong).toEqual(undoneIndexes);
  const statements = citusStatements().join("\n");
  for (const index of undoneIndexes)
    expect(statements).toContain(`DROP CONSTRAINT IF EXISTS ${index}`);
  expect(await database.query("SELECT FROM pg_constraint WHERE contype = 'f'")).toEqual([]);
});

test("tables are distributed after the key that Citus refuses is gone, the gateway's own first", () => {
  const statements = citusStatements();
  const at = (part: string) => statements.findIndex((it) => it.includes(part));
  expect(at("DROP CONSTRAINT")).toBeLessThan(at("create_distributed_table('gateway', 'gateway')"));
  expect(at("create_distributed_table('gateway', 'gateway')")).toBeLessThan(
    at("('sample', 'gateway'"),
  );
  expect(statements.filter((it) => it.includes("'dropped_span'"))).toEqual([
    "SELECT create_reference_table('dropped_span')",
  ]);
});

/** Statements that name no gateway may stand in its transaction: locks without a table, and reading about all of them. */
const withoutGateway = [/^SELECT pg_\w*advisory/, /^\s*SELECT count\(\*\)::int AS n FROM gateway/];

test("every statement of a request of a gateway, and of its aggregates, names that one gateway", async () => {
  const asked: { readonly sql: string; readonly values: readonly unknown[] }[] = [];
  const recorder: Database = {
    ...database,
    transaction: (run) =>
      database.transaction((queries) => {
        const recording: Queries = {
          copyIn: (table, slices) => queries.copyIn(table, slices),
          query: (sql, values = []) => {
            asked.push({ sql, values });
            return queries.query(sql, values);
          },
        };
        return run(recording);
      }),
  };
  const gateway = "gw-citus";
  await addGateway(database, gateway, "token-citus");
  const outbox = new MemoryOutbox("e-1");
  outbox.addSamples(someSamples(20));
  outbox.addEvents([alarmEvent("cold", "unacknowledged")]);
  const partitions = new Partitions(database);
  // Partitions are made between requests, on all nodes at once.
  for (const family of ["sample_minute", "sample_hour"] as const) {
    await new Partitions(database, family).prepare([], Date.UTC(2026, 10, 22));
  }
  const now = Date.UTC(2026, 10, 22);
  const tables = { database: recorder, partitions };
  const lane = { first: 1, last: 30, cursor: 0 };
  const about = { gateway, epoch: "e-1" };
  const hello = {
    ...{ ...about, schemaVersions: [2], ancestors: [], sentAt: now, machine: "m" },
    lanes: { events: lane, samples: lane },
  };
  await greet(tables, hello, {}, { backlogRowsPerSecondOfAll: 1_000 });
  for (const of of ["samples", "events"] satisfies Lane[]) {
    const portion = nextPortion(outbox, { ...about, lane: of, cursor: 0, rowsMax: 100 });
    if (portion?.kind !== "batch") throw new Error("no batch");
    expect(await ingest(tables, portion.batch, now)).toMatchObject({ kind: "stored" });
  }
  const gaps: GapDeclaration = {
    ...{ ...about, lane: "samples", schemaVersion: 2 },
    gaps: [{ firstSeq: 21, lastSeq: 22, reason: "corrupt" }],
  };
  expect(await declareGaps(tables, gaps)).toMatchObject({ kind: "stored" });
  const snapshot: Snapshot = {
    ...{ ...about, schemaVersion: 2, takenAt: now, heads: { events: 1, samples: 30 } },
    ...{ seqs: [], columns: encodeSamples([]), alarms: [], whole: true },
  };
  expect(await notice(tables, snapshot)).toBeUndefined();
  expect(await new AggregateWorker(recorder).step(now + 3_600_000)).toBeGreaterThan(0);
  expect(asked.length).toBeGreaterThan(20);
  const lost = asked.filter(
    ({ sql, values }) =>
      !withoutGateway.some((it) => it.test(sql)) && (values[0] !== gateway || !/\$1\b/.test(sql)),
  );
  expect(lost).toEqual([]);
});
