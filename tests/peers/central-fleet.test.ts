import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { fleetStatements, readFleet } from "../../cloud-sync/central/fleet.ts";
import { readAccessPage, readFleetPage } from "../../cloud-sync/central/fleet-page.ts";
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
});
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
    unacknowledged: 2_000,
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
});

test("of ten thousand gateways those that need somebody come first, in pages, and the others by a part of the name", async ({
  annotate,
}) => {
  await database.query(
    `UPDATE gateway SET name = 'Kühlhaus ' || substr(gateway, 7), reported_name = '冷库' WHERE gateway LIKE '%42'`,
  );
  const began = performance.now();
  const first = await readFleetPage(database, { search: "", skip: 0, limit: 50 });
  await annotate(`first page: ${Math.round(performance.now() - began)} ms`);
  expect(first.found).toBe(10_000);
  expect(first.gateways.slice(0, 2).map(({ id }) => id)).toEqual(["fleet-00005", "fleet-00105"]);
  const at = async (skip: number) =>
    (await readFleetPage(database, { search: "", skip, limit: 1 })).gateways[0]?.id;
  expect(await at(99), "the last critical one").toBe("fleet-09905");
  expect(await at(100), "then central's own alarms, which are high").toBe("fleet-00001");
  expect(await at(1_100), "then those with a low alarm").toBe("fleet-00015");
  expect(await at(9_999), "one that never spoke comes last").toBe("fleet-09997");
  const search = async (words: string) => {
    const { found, gateways } = await readFleetPage(database, { search: words, skip: 0, limit: 2 });
    return [found, ...gateways.map(({ id }) => id)];
  };
  expect(await search("  FLEET-0777 ")).toEqual([10, "fleet-07771", "fleet-07775"]);
  expect(await search("99 kühl")).toEqual([1, "fleet-09942"]);
  expect(await search("kühl 4200")).toEqual([0]);
  expect(await search("%")).toEqual([0]);
});

test("access of ten thousand gateways comes in pages, certificates that end first before all others", async ({
  annotate,
}) => {
  await database.query(
    `INSERT INTO certificate (gateway, serial, key, key_name, pem, not_before, not_after)
     SELECT gateway, 'serial-' || gateway, 'k', 'n', 'p', now(), now() + substr(gateway, 7)::int * interval '1 hour'
     FROM gateway WHERE gateway LIKE '%3'`,
  );
  await database.query("UPDATE gateway SET revoked_at = now() WHERE gateway = 'fleet-00003'");
  await database.query("UPDATE gateway SET token_hash = NULL WHERE gateway = 'fleet-00004'");
  const began = performance.now();
  const first = await readAccessPage(database, { search: "", skip: 0, limit: 50 });
  await annotate(`first page: ${Math.round(performance.now() - began)} ms`);
  expect(first.found).toBe(10_000);
  expect(first.identities.slice(0, 2).map(({ gateway }) => gateway)).toEqual([
    ...["fleet-00013", "fleet-00023"],
  ]);
  const at = async (skip: number) =>
    (await readAccessPage(database, { search: "", skip, limit: 1 })).identities[0];
  expect(await at(999), "whom nothing lets in").toMatchObject({
    ...{ gateway: "fleet-00004", hasToken: false },
  });
  expect(await at(9_999), "who was shut out").toMatchObject({ gateway: "fleet-00003" });
});

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
