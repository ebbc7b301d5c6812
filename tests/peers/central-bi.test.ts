import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { biSuite } from "../support/bi-suite.ts";
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
beforeEach(({ skip }) => needPostgres(skip));
afterAll(async () => created?.remove());

const at = (database: string, user = "rackwatch") =>
  server.url.replace("rackwatch@", `${user}@`).replace(/postgres$/, database);

async function make(...statements: readonly string[]): Promise<void> {
  await using database = openPostgres(server.url, memoryLog().log);
  for (const statement of statements) await database.query(statement);
}

biSuite(async () => {
  if (created === undefined) return undefined;
  await make("CREATE DATABASE suite");
  return openPostgres(at("suite"), memoryLog().log);
});

function central(url: string, log = memoryLog().log): Promise<Central> {
  return startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => openPostgres(url, log),
    clock: systemClock,
    log,
    version: "0.0.0",
  });
}

function psql(url: string, sql: string) {
  const program = join(postgresPrograms() ?? "", "psql");
  return spawnSync(program, [url, "--csv", "-v", "ON_ERROR_STOP=1", "-c", sql], {
    encoding: "utf8",
  });
}

test("an analyst with psql reads the views in a time zone of choice, and no table", async () => {
  await make("CREATE DATABASE company");
  const running = await central(at("company"));
  try {
    await make("CREATE ROLE analyst LOGIN IN ROLE rackwatch_bi");
    await using database = openPostgres(at("company"), memoryLog().log);
    await database.query("INSERT INTO gateway (gateway, token_hash) VALUES ('gw-1', '\\x00')");
    await database.query(
      `INSERT INTO sample (gateway, point, sampled_at, epoch_number, seq, quality, kind, value)
       VALUES ('gw-1', '冷库/温度', '2026-11-22 18:30:00+00', 1, 1, 0, 'n', 5.5)`,
    );
    const read = psql(
      at("company", "analyst"),
      "SET TIME ZONE 'Asia/Shanghai'; SELECT point, local_date, reading FROM bi.samples",
    );
    expect(read.stderr).toBe("");
    expect(read.stdout).toContain("冷库/温度,2026-11-23,5.5");
    const told = psql(at("company", "analyst"), "SELECT obj_description('bi.samples'::regclass)");
    expect(told.stdout).toContain("原始采样");
    for (const sql of [
      "SELECT * FROM sample",
      "SELECT * FROM gateway",
      "DELETE FROM bi.open_alarms",
    ]) {
      const refused = psql(at("company", "analyst"), sql);
      expect(refused.status, sql).not.toBe(0);
      expect(refused.stderr).toContain("permission denied");
    }
  } finally {
    await running.stop();
  }
});

test("exports over HTTP: both formats, a table that is not there, a time that is none", async () => {
  const running = await central(at("company"));
  try {
    const ask = (path: string) => fetch(`${running.address}/v1/export/${path}`);
    const csv = await ask(`samples?from=${Date.UTC(2026, 10, 22)}&to=${Date.UTC(2026, 10, 23)}`);
    expect(csv.headers.get("content-disposition")).toBe('attachment; filename="samples.csv"');
    const records: unknown[] = parse(await csv.text(), { bom: true, columns: true });
    expect(records).toHaveLength(1);
    const parquet = Buffer.from(await (await ask("samples?format=parquet")).arrayBuffer());
    expect(parquet.subarray(0, 4).toString()).toBe("PAR1");
    expect(parquet.subarray(-4).toString()).toBe("PAR1");
    const missing = await ask("secrets");
    expect(missing.status).toBe(404);
    expect(await missing.json()).toMatchObject({ todo: expect.stringContaining("gateway_health") });
    expect((await ask("samples?from=yesterday")).status).toBe(400);
  } finally {
    await running.stop();
  }
});

test("a database user without rights: central says so, answers 503, and goes on once somebody granted them", async () => {
  await make("CREATE ROLE poor LOGIN", "CREATE DATABASE strict");
  const { log, entries } = memoryLog();
  const running = await central(at("strict", "poor"), log);
  try {
    const ask = async () => (await fetch(`${running.address}/v1/gateways`)).status;
    expect(await ask()).toBe(503);
    expect(JSON.stringify(entries)).toContain("too few rights");
    await make("ALTER DATABASE strict OWNER TO poor");
    await expect.poll(ask, { timeout: 60_000 }).toBe(200);
  } finally {
    await running.stop();
  }
});
