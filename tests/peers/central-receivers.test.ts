import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { enrolFleet, type FleetGateway } from "../support/fleet.ts";
import { memoryLog } from "../support/manual-clock.ts";
import {
  createPostgres,
  needPostgres,
  type PostgresServer,
  postgresPrograms,
} from "../support/postgres.ts";
import { startProgram } from "../support/program.ts";
import { freePort, type Running } from "../support/spine.ts";

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

async function receiver(): Promise<{ readonly address: string; readonly process: Running }> {
  const port = await freePort();
  const args = ["central", "--listen", `127.0.0.1:${port}`, "--database", server?.url ?? ""];
  return {
    address: `http://127.0.0.1:${port}`,
    process: await startProgram(args, {}, "central listens"),
  };
}

test("a gateway that meets another receiver at each request, one of which is killed, loses and doubles nothing", async () => {
  const [one, two] = await Promise.all([receiver(), receiver()]);
  await using cleanup = new AsyncDisposableStack();
  for (const { process } of [one, two]) cleanup.defer(() => process.kill("SIGKILL"));
  const fleet = await enrolFleet(database, 12);
  cleanup.defer(() => {
    for (const gateway of fleet) gateway.hangUp();
  });
  const rounds = 30;
  const killedAt = 12;
  let arrived = 0;
  let isKilled = false;
  const run = async (gateway: FleetGateway) => {
    for (let round = 0; round < rounds; ) {
      const address = isKilled || (round + gateway.mark) % 2 === 0 ? two.address : one.address;
      const now = Date.UTC(2026, 10, 20) + round * 60_000;
      // The same rows again until somebody says that they are there: a killed receiver may have stored them already.
      const answer = await gateway
        .send(address, gateway.body(now, 5, 6, 10_000))
        .catch(() => undefined);
      if (answer?.status === 200) {
        round = gateway.mark / 30;
        arrived += 1;
      } else await new Promise((resolve) => setTimeout(resolve, 50));
      if (arrived >= killedAt * fleet.length && !isKilled) {
        isKilled = true;
        await one.process.kill("SIGKILL");
      }
    }
  };
  await Promise.all(fleet.map(run));
  expect(isKilled).toBe(true);
  const rows = await database.query(
    `SELECT gateway, count(*)::int AS rows, count(DISTINCT seq)::int AS each, max(seq)::int AS last
     FROM sample GROUP BY gateway`,
  );
  expect(rows).toHaveLength(fleet.length);
  for (const row of rows) expect(row).toMatchObject({ rows: 900, each: 900, last: 900 });
  const epochs = await database.query("SELECT gateway FROM epoch GROUP BY 1 HAVING count(*) > 1");
  expect(epochs).toEqual([]);
});
