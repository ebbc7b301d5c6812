import { expect, test } from "vitest";
import { HistoryMarks, historyHours } from "../../cloud-sync/central/aggregates/history-marks.ts";
import { readBuckets } from "../../cloud-sync/central/aggregates/reading.ts";
import { AggregateWorker } from "../../cloud-sync/central/aggregates/worker.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate, migrations } from "../../cloud-sync/central/database/migrations.ts";
import { Retention } from "../../cloud-sync/central/database/retention.ts";
import { aggregatesTables } from "../../cloud-sync/central/database/tables/aggregates.ts";
import { memoryLog } from "./manual-clock.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** A database as a program left it that knew no aggregates. */
async function beforeAggregates(database: Database): Promise<void> {
  await database.query(
    "CREATE TABLE migration (version int PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())",
  );
  for (const [index, statements] of migrations.entries()) {
    if (statements === aggregatesTables) return;
    for (const statement of statements) await database.query(statement);
    await database.query("INSERT INTO migration (version) VALUES ($1)", [index + 1]);
  }
}

/** Samples that are older than the aggregates, the same on every database. @param open an empty one. */
export function historySuite(open: () => Promise<Database | undefined>): void {
  test("hours from before there were aggregates are marked in steps that go on after a restart, and answers are right all the time", async () => {
    await using database = await open();
    if (database === undefined) return;
    await beforeAggregates(database);
    const now = Date.UTC(2026, 10, 22, 12);
    const begin = now - 60 * dayMs;
    const [one, two] = ["history-1", "history-2"];
    for (const gateway of [one, two, "history-silent"]) {
      await database.query("INSERT INTO gateway (gateway, token_hash) VALUES ($1, $2)", [
        gateway,
        Buffer.from(gateway),
      ]);
    }
    // Every five hours for 50 days, after that a month's gap; another point in hours of its own; the year 1970 and -3000.
    const times = Array.from({ length: 240 }, (_, n) => begin + n * 5 * hourMs);
    const strange = [5_000, new Date(0).setUTCFullYear(-3_000)];
    const rows = [
      ...times.map((at) => ({ gateway: one, point: "a/t", at })),
      ...strange.map((at) => ({ gateway: one, point: "a/t", at })),
      ...times.slice(0, 3).map((at) => ({ gateway: one, point: "b/t", at: at + 2 * hourMs })),
      { gateway: two, point: "a/t", at: now - 400 * dayMs },
      { gateway: two, point: "a/t", at: now },
    ];
    await database.query(
      `INSERT INTO sample (gateway, point, sampled_at, epoch_number, seq, quality, kind, value)
       SELECT gateway, point, to_timestamp(at / 1000), 1, 1, 0, 'n', 2
       FROM jsonb_to_recordset($1::jsonb) AS r(gateway text, point text, at double precision)`,
      [JSON.stringify(rows)],
    );
    await database.query(
      `INSERT INTO latest (gateway, point, sampled_at, epoch_number, seq, quality)
       SELECT gateway, point, max(sampled_at), 1, 1, 0 FROM sample GROUP BY gateway, point`,
    );
    await migrate(database);
    const left = async () => (await database.query("SELECT FROM unmarked_history")).length;
    expect(await left()).toBe(3);

    const isRight = async () => {
      const of = { gateway: one, point: "a/t", limit: 10_000 };
      const found = await readBuckets(database, "hour", { ...of, from: begin, to: now });
      expect(found.map(({ from, sum }) => [from, sum])).toEqual(times.map((at) => [at, 2]));
      for (const at of strange) {
        expect(await readBuckets(database, "hour", { ...of, from: at, to: at })).toMatchObject([
          { good: 1, sum: 2 },
        ]);
      }
      const other = { gateway: two, point: "a/t", from: 0, to: now, limit: 10 };
      expect(await readBuckets(database, "minute", other)).toHaveLength(2);
    };
    await isRight();
    const worker = new AggregateWorker(database);
    const keepMs = { sample: 30 * dayMs };
    const retention = new Retention({ database, worker, log: memoryLog().log, keepMs });
    let steps = 0;
    while ((await new HistoryMarks(database).step()) > 0) {
      steps += 1;
      if (steps % 3 !== 0) continue;
      await isRight();
      while ((await worker.step(now + 4_000 * dayMs)) > 0);
      await isRight();
      if (steps === 3) expect(await retention.step(now)).not.toContain("sample_2026_09");
    }
    expect(steps).toBeGreaterThan((50 * 24) / historyHours);
    expect(await left()).toBe(0);
    while ((await worker.step(now + 4_000 * dayMs)) > 0);
    await isRight();
    const [made] = await database.query("SELECT count(*)::int AS hours FROM sample_hour");
    expect(made?.["hours"]).toBe(rows.length);
    await migrate(database);
    expect(await left()).toBe(0);
  });
}
