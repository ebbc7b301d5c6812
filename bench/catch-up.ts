/**
 * A gateway that was without a link for weeks catches up: its store, written through the store's own commit, merge and
 * prune, then the agent and central as they are shipped, and PostgreSQL. While the backlog drains the gateway goes on:
 * live samples each two seconds, an alarm each three. In between the agent is held and COPY writes the same rows,
 * ready made, into the same table. Prints JSON lines.
 *
 * `--fill-only` ends with what the log costs. `--days 14` of `--points 100` at 10 s; `--stretch 250000` rows between two looks; `--raw-every 1` stretch with COPY.
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Database } from "../cloud-sync/central/database/database.ts";
import { migrate } from "../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../cloud-sync/central/database/postgres.ts";
import { addGateway } from "../cloud-sync/central/tokens.ts";
import { readSyncStatus } from "../gateway/store/sync-status.ts";
import { createPostgres, postgresPrograms } from "../tests/support/postgres.ts";
import { freePort } from "../tests/support/spine.ts";
import {
  builtProgram,
  gatewayId,
  type Running,
  startAgentProcess,
  startCentralProcess,
  token,
} from "./catch-up-site.ts";
import { quantiles } from "./measured.ts";
import { OfflineGateway, silent } from "./offline-gateway.ts";
import { cpuS } from "./process.ts";
import { rawCopy, rawGateway } from "./raw-copy.ts";

const { values: given } = parseArgs({
  options: {
    days: { type: "string", default: "14" },
    points: { type: "string", default: "100" },
    stretch: { type: "string", default: "250000" },
    "raw-every": { type: "string", default: "1" },
    "copy-rows": { type: "string", default: "20000" },
    "fill-only": { type: "boolean", default: false },
  },
});
const days = Number(given.days);
const points = Number(given.points);
const stretchRows = Number(given.stretch);
const rawEvery = Number(given["raw-every"]);
const copyRows = Number(given["copy-rows"]);
const everyMs = 10_000;
const liveEveryMs = 2_000;
const alarmEveryMs = 3_000;
const lookMs = 50;

/** Nothing new at central for so long: something is wrong, and a bench that waits for ever tells nobody. */
const stalledMsMax = 120_000;

function say(figures: object): void {
  process.stdout.write(`${JSON.stringify({ bench: "catch-up", ...figures })}\n`);
}

function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}

/** Most memory that a process ever had. */
function peakMb(pid: number): number {
  const kb = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kb) / 1_024);
}

/** Bytes that this process caused to be written to storage; none on a file system in memory. */
function writtenBytes(): number {
  return Number(/write_bytes: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

interface Look {
  readonly events: number;
  readonly samples: number;
  readonly newestAt: number;
  /** When the alarm that was raised last began, as central has it. */
  readonly alarmAt: number;
}

const lookSql = `SELECT
  (SELECT max(seq) FROM mark WHERE gateway = $1 AND lane = 'events') AS events,
  (SELECT max(seq) FROM mark WHERE gateway = $1 AND lane = 'samples') AS samples,
  (SELECT extract(epoch FROM max(sampled_at)) * 1000 FROM latest WHERE gateway = $1) AS newest_at,
  (SELECT extract(epoch FROM max(since)) * 1000 FROM alarm WHERE gateway = $1) AS alarm_at`;

async function look(database: Database): Promise<Look> {
  const [row] = await database.query(lookSql, [gatewayId]);
  const of = (name: string) => Number(row?.[name] ?? 0);
  return {
    events: of("events"),
    samples: of("samples"),
    newestAt: of("newest_at"),
    alarmAt: of("alarm_at"),
  };
}

/** The gateway goes on while its backlog drains: what it writes, and how long until central shows it. */
class Live {
  readonly #gateway: OfflineGateway;
  readonly sampleMs: number[] = [];
  readonly alarmMs: number[] = [];
  #roundAt = 0;
  #alarmAt = 0;
  #shownRound = 0;
  #shownAlarm = 0;
  #part = 0;

  /** When central had all events of the time without a link, and how many samples it had then. */
  events: { readonly at: number; readonly samples: number } | undefined;
  readonly #eventsBehind: number;

  constructor(gateway: OfflineGateway, eventsBehind: number) {
    this.#gateway = gateway;
    this.#eventsBehind = eventsBehind;
  }

  write(): void {
    const now = Date.now();
    const parts = everyMs / liveEveryMs;
    if (now - this.#roundAt >= liveEveryMs) {
      this.#gateway.round(
        now,
        Math.floor((this.#part * points) / parts),
        Math.ceil(points / parts),
      );
      this.#part = (this.#part + 1) % parts;
      this.#roundAt = now;
    }
    if (now - this.#alarmAt < alarmEveryMs) return;
    this.#gateway.alarm(now);
    this.#alarmAt = now;
  }

  /** Jitter makes a round's newest sample up to 20 ms older or younger than the round. */
  seen({ newestAt, alarmAt, events, samples }: Look): void {
    const now = Date.now();
    if (this.events === undefined && events >= this.#eventsBehind) {
      this.events = { at: performance.now(), samples };
    }
    if (this.#shownRound < this.#roundAt && newestAt >= this.#roundAt - 20) {
      this.sampleMs.push(now - this.#roundAt);
      this.#shownRound = this.#roundAt;
    }
    if (this.#shownAlarm < this.#alarmAt && Math.round(alarmAt) >= this.#alarmAt) {
      this.alarmMs.push(now - this.#alarmAt);
      this.#shownAlarm = this.#alarmAt;
    }
  }

  /** Nothing is measured of what was written before a pause. */
  paused(): void {
    this.#shownRound = this.#roundAt;
    this.#shownAlarm = this.#alarmAt;
  }
}

interface Stretch {
  readonly rows: number;
  readonly ms: number;
}

/** The agent goes until central has so many more samples, and is held; what is under way still arrives. */
async function stretch(
  database: Database,
  agent: Running,
  live: Live,
  from: number,
  until: number,
): Promise<Stretch> {
  const began = performance.now();
  agent.child.kill("SIGCONT");
  let seen = from;
  let movedAt = began;
  let held = 0;
  for (;;) {
    if (held === 0) live.write();
    const now = await look(database);
    live.seen(now);
    if (now.samples > seen) {
      seen = now.samples;
      movedAt = performance.now();
    }
    if (held === 0 && seen >= until) {
      agent.child.kill("SIGSTOP");
      held = performance.now();
    }
    if (held === 0 && performance.now() - movedAt > stalledMsMax)
      throw new Error("nothing arrives");
    // What central works on when the agent is held ends within some hundred milliseconds.
    if (held > 0 && performance.now() - Math.max(held, movedAt) > 500) break;
    await pause(lookMs);
  }
  live.paused();
  return { rows: seen - from, ms: movedAt - began };
}

/** A machine that filled a log for minutes may need a moment to let anybody in. */
async function answering(database: Database): Promise<void> {
  for (let attempt = 1; attempt < 10; attempt += 1) {
    try {
      await database.query("SELECT 1");
      return;
    } catch {
      await pause(1_000);
    }
  }
}

async function backendCpuS(database: Database): Promise<number> {
  const rows = await database.query("SELECT pid FROM pg_stat_activity");
  return rows.reduce((sum, row) => sum + cpuS(Number(row["pid"])), 0);
}

async function main(folder: string, program: string, url: string): Promise<void> {
  const now = Date.now();
  const began = performance.now();
  using gateway = new OfflineGateway(
    join(folder, "data"),
    gatewayId,
    points,
    now - days * 86_400_000,
  );
  const writtenBefore = writtenBytes();
  gateway.fill(now, everyMs);
  const written = writtenBytes() - writtenBefore;
  const { outbox } = gateway.store;
  const head = outbox.head("samples");
  const events = outbox.head("events");
  say({
    what: "filled",
    rows: head,
    events,
    days,
    points,
    tookS: rounded((performance.now() - began) / 1_000, 1),
    megabytes: rounded(gateway.store.size() / 1e6, 1),
    bytesPerSample: rounded(gateway.store.size() / head, 3),
    writtenBytesPerSample: rounded(written / head, 1),
  });
  if (given["fill-only"]) return;
  await using database = openPostgres(url, silent);
  await answering(database);
  await migrate(database);
  for (const id of [gatewayId, rawGateway])
    await addGateway(database, id, `${token}${id === gatewayId ? "" : id}`);
  const port = await freePort();
  await using running = new AsyncDisposableStack();
  const central = await startCentralProcess(program, port, url);
  running.defer(() => central.stop());
  const agentBegan = performance.now();
  const agent = await startAgentProcess(program, folder, `http://127.0.0.1:${port}`);
  running.defer(() => agent.stop());
  const live = new Live(gateway, events);
  const pairs: { readonly share: number; readonly rate: number; readonly copy: number }[] = [];
  let seen = 0;
  let drainMs = 0;
  const cpu = { agent: 0, central: 0, postgres: 0, copy: 0 };
  for (let index = 0; seen < head; index += 1) {
    const before = {
      agent: cpuS(agent.pid),
      central: cpuS(central.pid),
      postgres: await backendCpuS(database),
    };
    const done = await stretch(database, agent, live, seen, Math.min(head, seen + stretchRows));
    cpu.agent += cpuS(agent.pid) - before.agent;
    cpu.central += cpuS(central.pid) - before.central;
    cpu.postgres += (await backendCpuS(database)) - before.postgres;
    const from = seen;
    seen += done.rows;
    drainMs += done.ms;
    const rate = done.rows / (done.ms / 1_000);
    let copy: number | undefined;
    if (index % rawEvery === 0 && seen <= head) {
      const copyCpu = await backendCpuS(database);
      const ms = await rawCopy(database, outbox, {
        firstSeq: from + 1,
        lastSeq: seen,
        rowsMax: copyRows,
      });
      cpu.copy += ((await backendCpuS(database)) - copyCpu) / done.rows;
      copy = done.rows / (ms / 1_000);
      pairs.push({ share: rate / copy, rate, copy });
    }
    say({
      what: "stretch",
      index,
      through: seen,
      rowsPerSecond: Math.round(rate),
      ...(copy !== undefined && {
        copyRowsPerSecond: Math.round(copy),
        share: rounded(rate / copy),
      }),
    });
  }
  agent.child.kill("SIGCONT");
  const median = (list: readonly number[]) =>
    list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
  const status = readSyncStatus(join(folder, "data"))?.figures;
  say({
    what: "caught up",
    rows: seen,
    rowsPerSecond: Math.round(seen / (drainMs / 1_000)),
    shareOfCopy: rounded(median(pairs.map(({ share }) => share))),
    copyRowsPerSecond: Math.round(median(pairs.map(({ copy }) => copy))),
    pairs: pairs.length,
    bytesPerSample: rounded(
      (status?.bytes.samples ?? Number.NaN) / (status?.rows.samples ?? Number.NaN),
    ),
    batchRows: status?.batchRows,
    agentPeakMb: peakMb(agent.pid),
    centralPeakMb: peakMb(central.pid),
    cpuMicrosPerRow: {
      agent: rounded((cpu.agent * 1e6) / seen),
      central: rounded((cpu.central * 1e6) / seen),
      postgres: rounded((cpu.postgres * 1e6) / seen),
      postgresCopy: rounded((cpu.copy * 1e6) / pairs.length),
    },
    events,
    eventsThereAfterMs: live.events && Math.round(live.events.at - agentBegan),
    samplesBeforeThem: live.events?.samples,
    sinceAgentStartS: rounded((performance.now() - agentBegan) / 1_000, 1),
    liveSamples: quantiles(live.sampleMs),
    alarms: quantiles(live.alarmMs),
  });
  const [stored] = await database.query(
    "SELECT count(*) AS n, count(DISTINCT seq) AS d FROM sample WHERE gateway = $1 AND seq <= $2",
    [gatewayId, head],
  );
  say({ what: "stored", rows: stored?.["n"], numbers: stored?.["d"], expected: head });
}

const programs = postgresPrograms();
if (programs === undefined) throw new Error("this bench needs Debian's package postgresql");
const folder = mkdtempSync(join(tmpdir(), "rackwatch-bench-catch-up-"));
const server = await createPostgres(programs);
try {
  await main(folder, await builtProgram(folder), server.url);
} finally {
  await server.remove();
  rmSync(folder, { recursive: true, force: true });
}
