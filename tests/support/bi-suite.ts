import { tableFromIPC } from "apache-arrow";
import { parse } from "csv-parse/sync";
import { readParquet } from "parquet-wasm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureBiViews } from "../../cloud-sync/central/bi/ensure.ts";
import { biRole } from "../../cloud-sync/central/bi/view.ts";
import { biViews } from "../../cloud-sync/central/bi/views.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { csvHead, csvLines } from "../../cloud-sync/central/export/csv.ts";
import { parquetFile } from "../../cloud-sync/central/export/parquet.ts";
import { exportPages } from "../../cloud-sync/central/export/rows.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "./manual-clock.ts";

const day = Date.UTC(2026, 10, 22);

/** What people who analyse get, the same on every database; without one (undefined) the caller skips the tests. */
export function biSuite(open: () => Promise<Database | undefined>): void {
  let database: Database;
  let opened: Database | undefined;

  beforeAll(async () => {
    opened = await open();
    if (opened === undefined) return;
    database = opened;
    await migrate(database);
    await ensureBiViews(database, memoryLog().log);
  }, 180_000);
  afterAll(async () => opened?.[Symbol.asyncDispose]());

  const viewOf = (name: string) => {
    const view = biViews.find((it) => it.name === name);
    if (view === undefined) throw new Error(`no view ${name}`);
    return view;
  };

  /** Rows of one instant, of more than one page, so that only the whole key tells them apart. */
  async function fill(gateway: string, rows: number): Promise<void> {
    await addGateway(database, gateway, `token-${gateway}`, "冷库网关");
    await database.query(
      `INSERT INTO point (gateway, point, kind, unit, name, location)
       VALUES ($1, '冷库/温度', 'number', '°C', '2 号冷库, "左"', 'cold-2')`,
      [gateway],
    );
    await database.query(
      `INSERT INTO sample (gateway, point, sampled_at, epoch_number, seq, quality, kind, value)
       SELECT $1::text, '冷库/温度', to_timestamp($2::float8 / 1000) + (i / 4000) * interval '1.5 ms',
         1, i, 0, 'n', i / 8.0 FROM generate_series(1, $3::int) AS i`,
      [gateway, day, rows],
    );
    await database.query(
      `INSERT INTO sample (gateway, point, sampled_at, epoch_number, seq, quality, kind, value, text_value, reason)
       VALUES ($1, 'a/b', to_timestamp($2::float8 / 1000), 1, 900001, 2, NULL, NULL, NULL, 'timeout'),
         ($1, 'a/c', to_timestamp($2::float8 / 1000), 1, 900002, 0, 't', NULL, '=cmd|''/c calc''!A1', NULL),
         ($1, 'a/d', to_timestamp($2::float8 / 1000), 1, 900003, 0, 'b', 1, NULL, NULL)`,
      [gateway, day],
    );
  }

  async function csvOf(name: string, gateway: string): Promise<string> {
    const view = viewOf(name);
    let text = csvHead(view.columns);
    const ask = { view, gateway, from: day - 1, to: day + 86_400_000 };
    for await (const page of exportPages(database, ask, systemClock))
      text += csvLines(view.columns, page);
    return text;
  }

  const recordsOf = (text: string) =>
    parse(text, { bom: true, columns: true, record_delimiter: "\r\n" }) as Record<string, string>[];

  test("a CSV file has every row once, in Chinese, and no formula that somebody put into a text", async () => {
    await fill("gw-csv", 12_345);
    const text = await csvOf("samples", "gw-csv");
    expect(Buffer.from(text).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const records = recordsOf(text);
    expect(records).toHaveLength(12_348);
    expect(new Set(records.map((it) => it["log_seq"])).size).toBe(12_348);
    const bySeq = new Map(records.map((it) => [it["log_seq"], it]));
    expect(bySeq.get("8000")).toMatchObject({
      gateway: "gw-csv",
      point: "冷库/温度",
      sampled_at: "2026-11-22T00:00:00.003Z",
      reading: "1000",
      quality: "good",
      point_name: '2 号冷库, "左"',
      location: "cold-2",
      unit: "°C",
    });
    expect(bySeq.get("900001")).toMatchObject({ reading: "", quality: "bad", reason: "timeout" });
    expect(bySeq.get("900002")?.["reading_text"]).toBe("'=cmd|'/c calc'!A1");
    expect(bySeq.get("900003")?.["reading_text"]).toBe("true");
  });

  test("a Parquet file is read by another reader with the same rows, types and times", async () => {
    await fill("gw-parquet", 60_001);
    const view = viewOf("samples");
    const pieces: Uint8Array[] = [];
    const pages = exportPages(database, { view, gateway: "gw-parquet" }, systemClock);
    for await (const piece of parquetFile(view.columns, pages)) pieces.push(piece);
    expect(pieces.length).toBeGreaterThan(1);
    const table = tableFromIPC(readParquet(Buffer.concat(pieces)).intoIPCStream());
    expect(table.numRows).toBe(60_004);
    expect(table.schema.fields.map(({ name }) => name)).toEqual(
      view.columns.map(({ name }) => name),
    );
    const seqs = [...(table.getChild("log_seq") ?? [])];
    expect(new Set(seqs).size).toBe(60_004);
    const row = table.get(seqs.indexOf(8_000n))?.toJSON();
    expect(row).toMatchObject({
      point: "冷库/温度",
      reading: 1_000,
      quality: "good",
      reason: null,
    });
    expect(Number(row?.["sampled_at"])).toBe(day + 3);
  });

  test("alarms, excursions and gaps are told by their latest word, whatever else a body holds", async () => {
    await addGateway(database, "gw-events", "token-gw-events");
    const excursion = (word: object) => ({ do: "updated", excursion: { id: "warm#1", ...word } });
    const dispositions = [
      { to: "quarantine", by: "李" },
      { to: "release", by: "王" },
    ];
    const bodies: [string, object][] = [
      [
        "alarm",
        { rule: "warm", alarm: "warm#1", from: "normal", to: "unacknowledged", value: 9.5 },
      ],
      ["excursion", excursion({ state: "open", start: day, outsideMs: "many" })],
      ["excursion", excursion({ state: "closed", start: day, outsideMs: 90_000, dispositions })],
      ["excursion", { do: "withdrawn", excursion: { id: "other#1", rule: "other" } }],
    ];
    for (const [index, [kind, body]] of bodies.entries()) {
      await database.query(
        `INSERT INTO event (gateway, epoch_number, seq, kind, at, mono_ms, body, chain)
         VALUES ('gw-events', 1, $1, $2, to_timestamp($3::float8 / 1000), 0, $4::jsonb, '')`,
        [index + 1, kind, day + index, JSON.stringify(body)],
      );
    }
    const [alarm] = recordsOf(await csvOf("alarm_events", "gw-events"));
    expect(alarm).toMatchObject({ rule: "warm", state_to: "unacknowledged", reading_text: "9.5" });
    expect(recordsOf(await csvOf("excursions", "gw-events"))).toMatchObject([
      { excursion_id: "warm#1", state: "closed", outside_minutes: "1.5", decided_by: "王" },
    ]);
  });

  test("an hour is one row, whatever came after its samples were dropped", async () => {
    await addGateway(database, "gw-hours", "token-gw-hours");
    const insert = `INSERT INTO sample_hour (gateway, point, at, layer, good, uncertain, bad, numbers, sum, min, max, last, last_at)
      VALUES ('gw-hours', 'a/b', to_timestamp($1::float8 / 1000), $2, $3, 0, 1, $3, $4, $5, $6, $7, to_timestamp($8::float8 / 1000))`;
    await database.query(insert, [day, 0, 3, 30, 5, 15, 9, day + 50]);
    await database.query(insert, [day, 1, 1, 2, 2, 2, 2, day + 40]);
    expect(recordsOf(await csvOf("readings_hourly", "gw-hours"))).toMatchObject([
      {
        hour_start: "2026-11-22T00:00:00.000Z",
        ...{ mean_reading: "8", lowest_reading: "2", highest_reading: "15", last_reading: "9" },
        ...{ good_samples: "4", bad_samples: "2" },
      },
    ]);
  });

  test("an empty export is a file with its columns, in both formats", async () => {
    for (const view of biViews) {
      const pages = () =>
        exportPages(database, { view, gateway: "nobody", from: 0, to: 1 }, systemClock);
      let rows = 0;
      for await (const page of pages()) rows += page.length;
      expect(rows, view.name).toBe(0);
      const pieces: Uint8Array[] = [];
      for await (const piece of parquetFile(view.columns, pages())) pieces.push(piece);
      const table = tableFromIPC(readParquet(Buffer.concat(pieces)).intoIPCStream());
      expect(table.schema.fields).toHaveLength(view.columns.length);
    }
  });

  test("every view says in Chinese and in English what it and each of its columns is", async () => {
    const rows = await database.query(
      `SELECT c.relname AS view, a.attname AS column, a.attnum::int AS place,
         col_description(c.oid, a.attnum) AS said, obj_description(c.oid) AS of_view
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
       WHERE n.nspname = 'bi' AND c.relkind = 'v' ORDER BY 1, 3`,
    );
    expect(rows.map((row) => `${row["view"]}.${row["column"]}`).sort()).toEqual(
      biViews.flatMap((it) => it.columns.map((column) => `${it.name}.${column.name}`)).sort(),
    );
    for (const row of rows) {
      for (const text of [row["said"], row["of_view"]]) {
        expect(text, `${row["view"]}.${row["column"]}`).toMatch(/\p{Script=Han}.* \/ \w/u);
      }
    }
  });

  test("columns are named so that table programs take them", () => {
    const types = new Set(
      "double boolean bit text date time timestamp numeric integer real json value user order".split(
        " ",
      ),
    );
    for (const { columns, key } of biViews) {
      for (const { name } of columns) {
        expect(name).toMatch(/^[a-z][a-z_]*$/);
        expect(types.has(name), name).toBe(false);
      }
      expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining([...key]));
    }
  });

  test("whoever is a member of the reading role reads the views, and neither the tables nor changes anything", async () => {
    await fill("gw-role", 3);
    const asReader = <T>(work: (query: Database["query"]) => Promise<T>) =>
      database.transaction(async (queries) => {
        await queries.query(`SET LOCAL ROLE ${biRole}`);
        return work((sql, values) => queries.query(sql, values));
      });
    for (const { name } of biViews) {
      await asReader((query) => query(`SELECT count(*) FROM bi.${name}`));
    }
    const [row] = await asReader((query) =>
      query("SELECT count(*)::int AS rows FROM bi.samples WHERE gateway = 'gw-role'"),
    );
    expect(row?.["rows"]).toBe(6);
    for (const sql of [
      "SELECT count(*) FROM sample",
      "SELECT token_hash FROM gateway",
      "DELETE FROM bi.open_alarms",
      "CREATE TABLE mine (n int)",
    ]) {
      await expect(
        asReader((query) => query(sql)),
        sql,
      ).rejects.toThrow();
    }
  });

  test("views of an earlier program get their new columns, and somebody's own view on them stays", async () => {
    await database.query("CREATE VIEW ours AS SELECT gateway FROM bi.samples");
    await database.query("UPDATE bi_definition SET hash = 'of before'");
    await ensureBiViews(database, memoryLog().log);
    await database.query("SELECT * FROM ours LIMIT 1");
    const [row] = await database.query("SELECT hash FROM bi_definition");
    expect(row?.["hash"]).toMatch(/^[0-9a-f]{64}$/);
  });
}
