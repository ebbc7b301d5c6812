import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../cloud-sync/central/database/database.ts";
import { migrate } from "../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../cloud-sync/central/database/partitions.ts";
import { openPglite } from "../cloud-sync/central/database/pglite.ts";
import { openPostgres } from "../cloud-sync/central/database/postgres.ts";
import { ingest } from "../cloud-sync/central/ingest.ts";
import { readBody } from "../cloud-sync/central/request-body.ts";
import { sampleColumns, sampleRows } from "../cloud-sync/central/sample-rows.ts";
import { addGateway } from "../cloud-sync/central/tokens.ts";
import { nextPortion, pack } from "../cloud-sync/portion.ts";
import { type Batch, batchSchema } from "../cloud-sync/protocol.ts";
import { decodeSamples } from "../gateway/store/columns.ts";
import { memoryLog } from "../tests/support/manual-clock.ts";
import { MemoryOutbox } from "../tests/support/memory-outbox.ts";
import { createPostgres, postgresPrograms } from "../tests/support/postgres.ts";
import { fillLog } from "./slow-sensors.ts";

/**
 * Rows a second into central, from the compressed body to the commit (decompress, parse, check, COPY, newest values,
 * mark), beside COPY alone of the same rows, ready made, into the same table, one transaction each. Both take turns, so
 * that whatever else the machine does hits both. Prints one JSON line a case.
 */
const batches = 60;
const warmUp = 10;
const from = Date.UTC(2026, 10, 1);
const now = Date.UTC(2026, 10, 22);

interface Prepared {
  readonly body: Uint8Array;
  readonly raw: Uint8Array;
  readonly rows: number;
}

function prepare(rowsMax: number): Prepared[] {
  const outbox = new MemoryOutbox();
  fillLog(outbox, { points: 200, everyMs: 10_000, jitterMs: 20 }, (batches * rowsMax) / 200, from);
  const prepared: Prepared[] = [];
  for (let cursor = 0; cursor < batches * rowsMax; cursor += rowsMax) {
    const of = { gateway: "gw-1", epoch: "e", lane: "samples", cursor, rowsMax } as const;
    const portion = nextPortion(outbox, of);
    if (portion?.kind !== "batch") throw new Error("no batch");
    const { batch } = portion;
    prepared.push({ body: pack(batch) ?? Buffer.alloc(0), raw: rawRows(batch), rows: rowsMax });
  }
  return prepared;
}

function rawRows(batch: Batch): Uint8Array {
  const samples = batch.blocks.flatMap(({ columns }) => decodeSamples(columns));
  return sampleRows({ gateway: "raw", epochNumber: 1, mark: 0 }, batch.firstSeq, samples).copy;
}

async function measure(database: Database, rowsMax: number): Promise<void> {
  await migrate(database);
  await addGateway(database, "gw-1", `token-${rowsMax}`);
  await database.query("TRUNCATE sample, mark, block, latest, epoch");
  await database.query("UPDATE gateway SET epoch_number = NULL");
  const tables = { database, partitions: new Partitions(database) };
  const times: { central: number[]; copy: number[] } = { central: [], copy: [] };
  for (const [index, it] of prepare(rowsMax).entries()) {
    const central = await timed(async () => {
      const batch = batchSchema.parse(await readBody(Buffer.from(it.body), "zstd"));
      const outcome = await ingest(tables, batch, now);
      if (outcome.kind !== "stored" || outcome.rows !== it.rows) throw new Error("not stored");
    });
    const copy = await timed(() =>
      database.transaction((queries) => queries.copyIn(sampleColumns, it.raw)),
    );
    if (index < warmUp) continue;
    times.central.push(central);
    times.copy.push(copy);
  }
  const rate = (list: readonly number[]) => Math.round((rowsMax / median(list)) * 1_000);
  const sum = (list: readonly number[]) => list.reduce((total, ms) => total + ms, 0);
  console.log(
    JSON.stringify({
      bench: "central",
      database: database.kind,
      rowsPerBatch: rowsMax,
      rowsPerSecond: rate(times.central),
      batchesPerSecond: Math.round(1_000 / median(times.central)),
      copyRowsPerSecond: rate(times.copy),
      shareOfCopy: Math.round((median(times.copy) / median(times.central)) * 100) / 100,
      shareOfCopyByTotal: Math.round((sum(times.copy) / sum(times.central)) * 100) / 100,
    }),
  );
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function median(list: readonly number[]): number {
  return list.toSorted((left, right) => left - right)[list.length >> 1] ?? Number.NaN;
}

const programs = postgresPrograms();
if (programs === undefined)
  console.log(JSON.stringify({ bench: "central", skipped: "postgresql" }));
else {
  const server = await createPostgres(programs);
  for (const rows of [1_000, 5_000]) {
    await using database = openPostgres(server.url, memoryLog().log);
    await measure(database, rows);
  }
  await server.remove();
}
const dir = mkdtempSync(join(tmpdir(), "rackwatch-bench-central-"));
{
  await using database = await openPglite(dir);
  for (const rows of [1_000, 5_000]) await measure(database, rows);
}
rmSync(dir, { recursive: true, force: true });
