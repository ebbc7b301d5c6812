import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { enrolFleet } from "../support/fleet.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { createPostgres, needPostgres, postgresPrograms } from "../support/postgres.ts";
import { startProgram } from "../support/program.ts";
import { freePort } from "../support/spine.ts";

/** Each has a connection of its own; more than central has places for requests by far. */
const gatewaysCount = 1_200;

/** Rows of a batch: as many points, each so often. */
const rowsOf = [20, 100, 10_000] as const;

/** Of those who were sent away so many come again, some at a time. */
const comeAgain = 48;
const atATime = 8;

/** Of central under the flood: it idles at some 150; all bodies unpacked at once would take as much again and more. */
const rssMbMax = 420;

const peakMb = (pid: number) => {
  const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kb) / 1_024);
};

test("thousands that come at once are told to come again, each at another time, before memory grows", async (context) => {
  needPostgres(context.skip);
  const programs = postgresPrograms();
  if (programs === undefined) return;
  const server = await createPostgres(programs);
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => server.remove());
  const database = openPostgres(server.url, memoryLog().log);
  cleanup.use(database);
  await migrate(database);
  const fleet = await enrolFleet(database, gatewaysCount);
  cleanup.defer(() => {
    for (const gateway of fleet) gateway.hangUp();
  });
  const port = await freePort();
  const args = ["central", "--listen", `127.0.0.1:${port}`, "--database", server.url];
  const central = await startProgram(args, {}, "central listens");
  cleanup.defer(() => central.kill("SIGKILL"));
  const address = `http://127.0.0.1:${port}`;
  const now = Date.now();
  const bodies = fleet.map((gateway) => gateway.body(now, ...rowsOf));
  const answers = await Promise.all(
    fleet.map((gateway, index) => gateway.send(address, bodies[index] ?? Buffer.alloc(0))),
  );
  const of = (status: number) => answers.filter((it) => it.status === status);
  // While the process is that busy a new connection to PostgreSQL may be late for its deadline: 503, and the same wait.
  const others = answers.filter(({ status }) => status !== 200 && status !== 429);
  expect(others.filter((it) => it.status !== 503 || it.retryAfterMs === undefined)).toEqual([]);
  expect(others.length).toBeLessThan(gatewaysCount / 20);
  expect(of(429).length).toBeGreaterThan(gatewaysCount / 2);
  const waits = of(429).map(({ retryAfterMs }) => retryAfterMs ?? 0);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(2_000);
  expect(Math.max(...waits)).toBeLessThanOrEqual(120_000);
  // More than one that finds no room alone is told, and they are not all told the same tenth of a second.
  const mean = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
  expect(mean).toBeGreaterThan(4_000);
  const tenths = Map.groupBy(waits, (ms) => Math.floor(ms / 100));
  expect(Math.max(...[...tenths.values()].map((list) => list.length))).toBeLessThan(
    gatewaysCount / 5,
  );
  expect(peakMb(central.pid)).toBeLessThan(rssMbMax);

  // Who comes again is let in, and each row is there once.
  let waiting = fleet.filter((_, index) => answers[index]?.status === 429).slice(0, comeAgain);
  while (waiting.length > 0) {
    const group = waiting.slice(0, atATime);
    // A connection that was idle for long may end in the moment in which it is used again.
    const again = await Promise.all(
      group.map((it) => it.send(address, it.body(now, ...rowsOf)).catch(() => undefined)),
    );
    waiting = [
      ...group.filter((_, index) => again[index]?.status !== 200),
      ...waiting.slice(atATime),
    ];
  }
  const rows = await database.query(
    "SELECT gateway, count(*)::int AS rows, max(seq)::int AS last FROM sample GROUP BY gateway",
  );
  expect(rows.length).toBe(of(200).length + comeAgain);
  expect(rows.filter((row) => row["rows"] !== 2_000 || row["last"] !== 2_000)).toEqual([]);
  await context.annotate(
    `central at most ${peakMb(central.pid)} MB, ${of(429).length} of ${gatewaysCount} sent away`,
  );
  await central.kill("SIGTERM");
}, 180_000);
