import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readBlocks, seqOf } from "../cloud-sync/central/blocks.ts";
import type { Database } from "../cloud-sync/central/database/database.ts";
import { migrate } from "../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../cloud-sync/central/database/partitions.ts";
import { openPglite } from "../cloud-sync/central/database/pglite.ts";
import { openPostgres } from "../cloud-sync/central/database/postgres.ts";
import { ingest } from "../cloud-sync/central/ingest.ts";
import type { Tables } from "../cloud-sync/central/outcome.ts";
import { readBody } from "../cloud-sync/central/request-body.ts";
import { copySlices, sampleColumns, sampleRows } from "../cloud-sync/central/sample-rows.ts";
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
 * mark), beside COPY alone of the same rows, ready made, into the same table, one transaction each: in the order in which
 * they came, and point after point as central writes them. They take turns, so that whatever else the machine does hits
 * all; shares are medians over the pairs. Prints one JSON line a case.
 */
const batches = 60;
const warmUp = 10;
const from = Date.UTC(2026, 10, 1);
const now = Date.UTC(2026, 10, 22);

interface Prepared {
  readonly body: Uint8Array;
  readonly asTheyCame: Uint8Array;
  readonly byPoint: Uint8Array;
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
    prepared.push({ body: pack(batch) ?? Buffer.alloc(0), ...rawRows(batch), rows: rowsMax });
  }
  return prepared;
}

function rawRows(batch: Batch): Pick<Prepared, "asTheyCame" | "byPoint"> {
  const blocks = readBlocks(batch, decodeSamples);
  if ("refusal" in blocks) throw new Error(blocks.refusal.message);
  const rows = blocks.flatMap((block) =>
    block.rows.map(
      (sample, index) => [sample.point, [{ seq: seqOf(block, index), sample }]] as const,
    ),
  );
  const of = { gateway: "raw-by-point", epochNumber: 1, mark: 0 };
  return {
    asTheyCame: Buffer.concat([...copySlices({ gateway: "raw", epochNumber: 1 }, rows)]),
    byPoint: Buffer.concat([...sampleRows(of, blocks).copy]),
  };
}

async function measure(database: Database, rowsMax: number): Promise<void> {
  await migrate(database);
  await addGateway(database, "gw-1", `token-${rowsMax}`);
  await database.query("TRUNCATE sample, mark, block, latest, epoch, dirty_hour");
  await database.query("UPDATE gateway SET epoch_number = NULL");
  const tables = { database, partitions: new Partitions(database) };
  const times: { central: number[]; copy: number[]; byPoint: number[] } = {
    central: [],
    copy: [],
    byPoint: [],
  };
  const copy = (rows: Uint8Array) => () =>
    database.transaction((queries) => queries.copyIn(sampleColumns, [rows]));
  for (const [index, it] of prepare(rowsMax).entries()) {
    const turns = [
      { times: times.central, work: () => receive(tables, it) },
      { times: times.copy, work: copy(it.asTheyCame) },
      { times: times.byPoint, work: copy(it.byPoint) },
    ];
    // Whoever comes first finds colder caches: each is first as often as the others.
    for (let turn = 0; turn < turns.length; turn += 1) {
      const next = turns[(index + turn) % turns.length];
      if (next === undefined) break;
      const ms = await timed(next.work);
      if (index >= warmUp) next.times.push(ms);
    }
  }
  const rate = (list: readonly number[]) => Math.round((rowsMax / median(list)) * 1_000);
  const share = (list: readonly number[]) =>
    round(median(list.map((ms, index) => ms / (times.central[index] ?? Number.NaN))));
  const sum = (list: readonly number[]) => list.reduce((total, ms) => total + ms, 0);
  console.log(
    JSON.stringify({
      bench: "central",
      database: database.kind,
      rowsPerBatch: rowsMax,
      rowsPerSecond: rate(times.central),
      batchesPerSecond: Math.round(1_000 / median(times.central)),
      copyRowsPerSecond: rate(times.copy),
      copyByPointRowsPerSecond: rate(times.byPoint),
      shareOfCopy: share(times.copy),
      shareOfCopyByTotal: round(sum(times.copy) / sum(times.central)),
      shareOfCopyByPoint: share(times.byPoint),
    }),
  );
}

function round(share: number): number {
  return Math.round(share * 100) / 100;
}

async function receive(tables: Tables, { body, rows }: Prepared): Promise<void> {
  const batch = batchSchema.parse(await readBody(Buffer.from(body), "zstd"));
  const outcome = await ingest(tables, batch, now);
  if (outcome.kind !== "stored" || outcome.rows !== rows) throw new Error("not stored");
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
  for (const rows of [1_000, 5_000, 20_000]) {
    await using database = openPostgres(server.url, memoryLog().log);
    await measure(database, rows);
  }
  await server.remove();
}
const dir = mkdtempSync(join(tmpdir(), "rackwatch-bench-central-"));
{
  await using database = await openPglite(dir);
  for (const rows of [1_000, 5_000, 20_000]) await measure(database, rows);
}
rmSync(dir, { recursive: true, force: true });
