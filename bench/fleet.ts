/**
 * A fleet against central on PostgreSQL: each gateway sends one batch a minute over a connection that it keeps, at a moment of
 * its own; who is told to come again does. Prints a JSON line every ten seconds and one at the end: rows a second, p50 and p99
 * of a batch from the first byte sent to the last received, what PostgreSQL did meanwhile, rows that central has; every thirty
 * seconds heap, external and resident memory and the loop of each receiver. At the end each is judged flat or not: see
 * `receiver-memory.ts`.
 *
 * `--gateways 10000 --minutes 10` of `--points 20`, 5 samples of each a batch; `--second-after 0.5`: the part of the time after
 * which a second receiver begins and takes half of the gateways (2: never); `--warm-up 0.5`: minutes that are not counted.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Database } from "../cloud-sync/central/database/database.ts";
import { migrate } from "../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../cloud-sync/central/database/postgres.ts";
import { enrolFleet, type FleetGateway } from "../tests/support/fleet.ts";
import { memoryLog } from "../tests/support/manual-clock.ts";
import { createPostgres, postgresPrograms } from "../tests/support/postgres.ts";
import { freePort } from "../tests/support/spine.ts";
import { builtProgram, type Running, startCentralProcess } from "./catch-up-site.ts";
import { quantiles } from "./measured.ts";
import { cpuS, rssMb } from "./process.ts";
import { judgeFlat, lookAt } from "./receiver-memory.ts";

const { values: given } = parseArgs({
  options: {
    gateways: { type: "string", default: "10000" },
    minutes: { type: "string", default: "10" },
    points: { type: "string", default: "20" },
    "per-point": { type: "string", default: "5" },
    "every-s": { type: "string", default: "60" },
    "second-after": { type: "string", default: "0.5" },
    "warm-up": { type: "string", default: "0.5" },
  },
});
const gatewaysCount = Number(given.gateways);
const lengthMs = Number(given.minutes) * 60_000;
const warmUpMs = Math.min(Number(given["warm-up"]) * 60_000, lengthMs / 4);
const everyMs = Number(given["every-s"]) * 1_000;
const points = Number(given.points);
const perPoint = Number(given["per-point"]);
const secondAfterMs = Number(given["second-after"]) * lengthMs;
const lookMs = 10_000;
const memoryEveryMs = 30_000;

interface Receiver {
  readonly address: string;
  readonly lookFile: string;
  readonly process: Running;
}

/** Counted since the last look, and over all of the time that counts. */
class Tally {
  latencies: number[] = [];
  all: number[] = [];
  rows = 0;
  allRows = 0;
  readonly refusals = new Map<string, number>();

  took(ms: number, rows: number, counts: boolean): void {
    this.latencies.push(ms);
    this.rows += rows;
    if (!counts) return;
    this.all.push(ms);
    this.allRows += rows;
  }

  refused(why: string): void {
    this.refusals.set(why, (this.refusals.get(why) ?? 0) + 1);
  }

  look() {
    const seen = { latencies: this.latencies, rows: this.rows };
    this.latencies = [];
    this.rows = 0;
    return seen;
  }
}

function say(figures: object): void {
  process.stdout.write(`${JSON.stringify({ bench: "fleet", ...figures })}\n`);
}

async function startReceiver(folder: string, program: string, url: string): Promise<Receiver> {
  const port = await freePort();
  const lookFile = join(folder, `look-${port}`);
  const central = await startCentralProcess(program, port, url, lookFile);
  return { address: `http://127.0.0.1:${port}`, lookFile, process: central };
}

/** One gateway until the end: sends at its moment of each minute, and what is refused when it was told to. */
async function live(
  gateway: FleetGateway,
  place: number,
  receivers: readonly Receiver[],
  { began, tally, random }: { began: number; tally: Tally; random: () => number },
): Promise<void> {
  let next = began + place * everyMs;
  for (;;) {
    await pause(Math.max(0, next - performance.now()));
    if (performance.now() - began > lengthMs) break;
    const address = receivers[Number(gateway.id.slice(-1)) % receivers.length]?.address;
    const before = gateway.mark;
    const body = gateway.body(Date.now(), points, perPoint, everyMs / perPoint);
    const answer = await gateway.send(address ?? "", body).catch((error: unknown) => String(error));
    if (typeof answer === "string" || answer.status !== 200) {
      tally.refused(typeof answer === "string" ? answer.slice(0, 40) : String(answer.status));
      next =
        performance.now() +
        ((typeof answer === "string" ? undefined : answer.retryAfterMs) ?? 5_000);
      continue;
    }
    tally.took(answer.ms, gateway.mark - before, performance.now() - began > warmUpMs);
    // A tenth of its time early or late, as clocks of gateways and lengths of requests make it.
    next += everyMs * (0.9 + random() * 0.2);
  }
  gateway.hangUp();
}

async function postgresCpuS(database: Database): Promise<number> {
  const rows = await database.query("SELECT pid FROM pg_stat_activity");
  return rows.reduce((sum, row) => {
    try {
      return sum + cpuS(Number(row["pid"]));
    } catch {
      return sum;
    }
  }, 0);
}

/** What may slow a batch down besides other batches. */
async function postgresWork(database: Database) {
  const [row] = await database.query(
    `SELECT checkpoints_timed + checkpoints_req AS checkpoints, buffers_checkpoint AS written,
       (SELECT count(*) FROM dirty_hour)::float8 AS dirty,
       (SELECT coalesce(json_agg(left(query, 60)), '[]') FROM pg_stat_activity
        WHERE backend_type = 'autovacuum worker') AS vacuum,
       (SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock')::float8 AS locks
     FROM pg_stat_bgwriter`,
  );
  return { ...row };
}

async function main(folder: string, url: string): Promise<void> {
  const program = await builtProgram(folder);
  await using database = openPostgres(url, memoryLog().log);
  await migrate(database);
  const fleet = await enrolFleet(database, gatewaysCount);
  const receivers: Receiver[] = [];
  await using cleanup = new AsyncDisposableStack();
  const begin = async () => {
    const receiver = await startReceiver(folder, program, url);
    cleanup.defer(() => receiver.process.stop());
    receivers.push(receiver);
  };
  await begin();
  const tally = new Tally();
  const began = performance.now();
  let seed = 1;
  const random = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const living = fleet.map((gateway, index) =>
    live(gateway, index / fleet.length, receivers, { began, tally, random }),
  );
  const memory: number[][] = [];
  let cpuBefore = await postgresCpuS(database);
  let memoryAt = performance.now();
  while (performance.now() - began < lengthMs) {
    await pause(Math.min(lookMs, lengthMs));
    const now = performance.now() - began;
    if (receivers.length === 1 && now >= secondAfterMs) {
      await begin();
      say({ what: "second receiver", atS: Math.round(now / 1_000) });
    }
    const { latencies, rows } = tally.look();
    const rss = receivers.map(({ process }) => rssMb(process.pid));
    memory.push(rss);
    const cpu = await postgresCpuS(database);
    say({
      ...{ atS: Math.round(now / 1_000), batches: latencies.length },
      rowsPerSecond: Math.round((rows * 1_000) / lookMs),
      ...quantilesOf(latencies),
      ...{ rssMb: rss, postgresCores: Number(((cpu - cpuBefore) / (lookMs / 1_000)).toFixed(2)) },
      ...{ refusals: Object.fromEntries(tally.refusals), postgres: await postgresWork(database) },
      loopLateMaxMs: receivers.map((it) => lookAt(it.lookFile, Date.now() - lookMs).loopLateMaxMs),
    });
    cpuBefore = cpu;
    if (performance.now() - memoryAt >= memoryEveryMs) {
      memoryAt = performance.now();
      const since = Date.now() - memoryEveryMs;
      const seen = receivers.map((it) => lookAt(it.lookFile, since));
      say({ what: "receivers", atS: Math.round(now / 1_000), receivers: seen });
    }
  }
  await Promise.all(living);
  const [there] = await database.query(
    `SELECT sum(n)::float8 AS rows, count(*) FILTER (WHERE n <> m.seq OR n <> last)::int AS wrong
     FROM (SELECT gateway, count(*) AS n, max(seq) AS last FROM sample GROUP BY gateway) s JOIN mark m USING (gateway)`,
  );
  const first = memory.map(([mb = 0]) => mb);
  say({
    ...{ what: "whole run", gateways: gatewaysCount, minutes: lengthMs / 60_000 },
    rowsPerSecond: Math.round((tally.allRows * 1_000) / (lengthMs - warmUpMs)),
    ...quantilesOf(tally.all),
    rssMbOfFirst: {
      afterWarmUp: first[Math.floor(first.length / 4)],
      most: Math.max(...first),
      atEnd: first.at(-1),
    },
    memory: receivers.map(({ lookFile }) => judgeFlat(lookFile)),
    ...{ rows: there?.["rows"], gatewaysWithOtherRows: there?.["wrong"] },
    refusals: Object.fromEntries(tally.refusals),
  });
}

function quantilesOf(latencies: readonly number[]) {
  return latencies.length === 0 ? {} : { batchMs: quantiles([...latencies]) };
}

const programs = postgresPrograms();
if (programs === undefined) say({ skipped: "postgresql" });
else {
  const folder = mkdtempSync(join(tmpdir(), "rackwatch-bench-fleet-"));
  const server = await createPostgres(programs);
  try {
    await main(folder, server.url);
  } finally {
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
