import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { fleetStatements, readFleet } from "../../cloud-sync/central/fleet.ts";
import { readGateways, readLatest } from "../../cloud-sync/central/readings.ts";
import { enrolFleet } from "../support/fleet.ts";
import { memoryLog } from "../support/manual-clock.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";

const gatewaysCount = 10_000;
let server: PostgresServer | undefined;
let database: Database;

beforeAll(async () => {
  const programs = postgresPrograms();
  if (programs === undefined) return;
  server = await createPostgres(programs);
  database = openPostgres(server.url, memoryLog().log);
  await migrate(database);
  await enrolFleet(database, gatewaysCount);
  await database.query(
    `UPDATE gateway SET last_contact_at = now(), backlog = CASE WHEN gateway LIKE '%00' THEN 5000 ELSE 3 END
     WHERE gateway NOT LIKE '%7'`,
  );
  await database.query(
    `INSERT INTO latest (gateway, point, sampled_at, epoch_number, seq, quality, kind, value)
     SELECT gateway, 'rack/' || n, now(), 1, n, 0, 'n', n FROM gateway, generate_series(1, 10) AS n`,
  );
  await database.query(
    `INSERT INTO alarm (gateway, rule, alarm, state, priority, message, since, epoch_number, seq)
     SELECT gateway, 'rule-' || n, 'a', CASE WHEN n = 1 AND gateway LIKE '%5' THEN 'unacknowledged' ELSE 'normal' END,
       CASE WHEN gateway LIKE '%05' THEN 'critical' ELSE 'low' END, 'm', now(), 1, n
     FROM gateway, generate_series(1, 10) AS n`,
  );
  await database.query(
    `INSERT INTO central_alarm (gateway, rule, since)
     SELECT gateway, 'central/silent', now() FROM gateway WHERE gateway LIKE '%1'`,
  );
  await database.query("ANALYZE");
}, 120_000);
beforeEach(({ skip }) => needPostgres(skip));
afterAll(async () => {
  await database?.[Symbol.asyncDispose]();
  await server?.remove();
});

test("ten thousand gateways in a few numbers, by a look at gateways and open alarms only", async ({
  annotate,
}) => {
  const began = performance.now();
  expect(await readFleet(database)).toEqual({
    gateways: 10_000,
    states: { never: 1_000, silent: 1_000, stopped: 0, reporting: 8_000 },
    alarms: { low: 900, medium: 0, high: 0, critical: 100 },
    ...{ catchingUp: 100, backlogRows: 100 * 5_000 + 8_900 * 3 },
  });
  await annotate(`${Math.round(performance.now() - began)} ms`);
  const plans = await Promise.all(
    fleetStatements.map(async (sql) => {
      const rows = await database.query(`EXPLAIN ${sql}`);
      return rows.map((row) => String(row["QUERY PLAN"])).join("\n");
    }),
  );
  expect(plans.join("\n")).not.toMatch(/\b(?:sample|latest|event|mark)/);
  expect(plans[1]).toMatch(/alarm_open/);
});

test("the list of gateways comes in pages, each by the key, and no gateway is in two of them or in none", async () => {
  const seen: string[] = [];
  for (let after: string | undefined; ; ) {
    const page = await readGateways(database, { after, limit: 3_000 });
    seen.push(...page.map(({ id }) => id));
    after = page.at(-1)?.id;
    if (page.length < 3_000) break;
  }
  expect(seen).toHaveLength(gatewaysCount);
  expect(new Set(seen).size).toBe(gatewaysCount);
  expect(await readGateways(database)).toHaveLength(gatewaysCount);
}, 60_000);

test("newest values of a whole fleet come in pages by gateway and point, and of one gateway by its key", async () => {
  const first = await readLatest(database, undefined, { limit: 15 });
  const last = first.at(-1);
  const next = await readLatest(database, undefined, {
    ...{ after: `${last?.gateway}/${last?.point}`, limit: 6 },
  });
  const both = [...first, ...next].map(({ gateway, point }) => `${gateway} ${point}`);
  expect(new Set(both).size).toBe(21);
  expect(both.slice(9, 12)).toEqual([
    "fleet-00000 rack/9",
    "fleet-00001 rack/1",
    "fleet-00001 rack/10",
  ]);
  const own = { after: "fleet-00007/rack/8", limit: 100 };
  expect((await readLatest(database, "fleet-00007", own)).map(({ point }) => point)).toEqual([
    "rack/9",
  ]);
});
