/**
 * A whole field on one gateway: 2 RS-485 lines of 16 units, 8 scales, 4 readers with 100 tags each and 100 reads a second,
 * one PLC of 200 nodes; everything simulated in other processes, on real sockets. Then one dead unit, one babbling
 * reader and one hung PLC, each alone: the other channels must not lose a scheduled poll. Prints one JSON line a phase and
 * channel, and at the end a table. `--minutes 10` of health, `--phase 60` seconds of each fault.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { z } from "zod";
import { buildProgram } from "../cloud-sync/build.ts";
import { pointViewSchema, sampleViewSchema } from "../gateway/panel/api.ts";
import {
  FieldDevices,
  type FieldPlan,
  fieldConfig,
  keepChanging,
  plcVariables,
  pollsOf,
  type Watched,
} from "../tests/support/field.ts";
import { OpcUaServerProcess } from "../tests/support/opcua-server.ts";
import { cpuS, rssMb } from "./process.ts";

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    phase: { type: "string", default: "60" },
  },
});
const plan: FieldPlan = {
  lines: [{ units: 16 }, { units: 16 }],
  scales: ["mt-sics", "kern-kcp", "toledo", "and", "sartorius", "cas", "ohaus", "radwag"],
  readers: ["r200", "thingmagic", "uhfreader288", "llrp"],
  tags: 100,
  readsPerSecond: 100,
};
const nodes = 200;
/** As in systemd/rackwatch-gateway.service (docs/decisions/0005-memory.md). */
const unitFlags = ["--max-semi-space-size=1", "--max-old-space-size=192"];
const unitEnv = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" };
const panel = "http://127.0.0.1:18490";
const dist = fileURLToPath(new URL("../dist/bench-field", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "rackwatch-bench-"));
const loopFile = join(folder, "loop.jsonl");
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Opening everything, the first readings, and what a unit or a link needs to come back are not measured. */
const settleMs = 20_000;

/** Until all of a phase is in the store. */
const flushMs = 3_000;

interface Gateway extends AsyncDisposable {
  readonly pid: number;
}

async function startGateway(channels: string): Promise<Gateway> {
  const config = join(folder, "gateway.yaml");
  writeFileSync(
    config,
    `version: 1
gateway: { id: bench-field }
channels:
${channels}
rules:
  warm: { point: line-1-1/temperature, above: 8, priority: low }
panel: { listen: "${panel.slice("http://".length)}" }
broker: { enabled: false }
store: { flushEvery: 2s }
`,
  );
  const program = await buildProgram(dist);
  const preload = fileURLToPath(new URL("loop-delay.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    [
      ...[...unitFlags, "--import", preload, program],
      ...["run", "--config", config, "--data", join(folder, "data")],
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...unitEnv, LOOP_DELAY_FILE: loopFile },
    },
  );
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  await new Promise<void>((done, fail) => {
    void exited.then(() => fail(new Error("the gateway ended")));
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line.includes("panel listens")) done();
      if (/"level":"(warn|error)"/.test(line)) process.stderr.write(`${line}\n`);
    });
  });
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

async function getJson(path: string): Promise<unknown> {
  return (await fetch(panel + path, { signal: AbortSignal.timeout(10_000) })).json();
}

/** How old each watched value is whenever somebody looks, by channel. */
async function agesUntil(
  untilMs: number,
  watched: readonly Watched[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const ages = new Map<string, number[]>();
  const channelOf = new Map(watched.map(({ key, channel }) => [key, channel]));
  while (Date.now() < untilMs) {
    const points = z.array(pointViewSchema).parse(await getJson("/api/points"));
    const now = Date.now();
    for (const { key, sampledAt } of points) {
      const channel = channelOf.get(key);
      if (channel === undefined || sampledAt === undefined) continue;
      ages.set(channel, [...(ages.get(channel) ?? []), now - sampledAt]);
    }
    await pause(487);
  }
  return ages;
}

interface Row {
  readonly phase: string;
  readonly channel: string;
  readonly scheduled: number;
  readonly lost: number;
  readonly bad: number;
  readonly late99Ms: number;
  readonly age50Ms: number;
  readonly age99Ms: number;
}

/** Runs a phase and counts; `except` are devices that the phase itself disturbs. */
async function phase(
  name: string,
  seconds: number,
  pid: number,
  watched: readonly Watched[],
): Promise<readonly Row[]> {
  await pause(settleMs);
  const fromMs = Date.now();
  const cpu = cpuS(pid);
  const ages = await agesUntil(fromMs + seconds * 1_000, watched);
  const toMs = Date.now();
  const cpuPercent = Number((((cpuS(pid) - cpu) / (toMs - fromMs)) * 1e5).toFixed(1));
  const loop = loopDelays(fromMs, toMs);
  console.log(
    JSON.stringify({ bench: "field", phase: name, seconds, cpuPercent, rssMb: rssMb(pid), loop }),
  );
  await pause(flushMs);
  const rows: Row[] = [];
  for (const [channel, points] of Map.groupBy(watched, (it) => it.channel)) {
    const polls = await Promise.all(
      points.map(async (point) => {
        const query = `from=${fromMs}&to=${toMs}&limit=10000`;
        const samples = await getJson(`/api/points/${point.key}/samples?${query}`);
        return pollsOf(z.array(sampleViewSchema).parse(samples), point, fromMs, toMs);
      }),
    );
    const sum = (of: "scheduled" | "lost" | "bad") => polls.reduce((all, it) => all + it[of], 0);
    const row = {
      phase: name,
      channel,
      ...{ scheduled: sum("scheduled"), lost: sum("lost"), bad: sum("bad") },
      late99Ms: quantile(
        polls.flatMap(({ lateMs }) => lateMs),
        0.99,
      ),
      age50Ms: quantile(ages.get(channel) ?? [], 0.5),
      age99Ms: quantile(ages.get(channel) ?? [], 0.99),
    };
    console.log(JSON.stringify({ bench: "field", ...row }));
    rows.push(row);
  }
  return rows;
}

function loopDelays(fromMs: number, toMs: number) {
  const seen = readFileSync(loopFile, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line): { at: number; p99Ms: number; maxMs: number } => JSON.parse(line))
    .filter(({ at }) => at >= fromMs && at <= toMs);
  return {
    p99MsMedian: quantile(
      seen.map(({ p99Ms }) => p99Ms),
      0.5,
    ),
    maxMs: quantile(
      seen.map(({ maxMs }) => maxMs),
      1,
    ),
  };
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ phase: name, channel, scheduled, lost, bad, late99Ms, age50Ms, age99Ms }) =>
      `| ${name} | ${channel} | ${scheduled} | ${lost} | ${bad} | ${late99Ms} ms | ${age50Ms} / ${age99Ms} ms |`,
  );
  return [
    "| phase | channel | polls due | lost | bad | late, p99 | age when looked at, p50 / p99 |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...lines,
  ].join("\n");
}

try {
  await using devices = await FieldDevices.start(plan);
  await using plc = await OpcUaServerProcess.start({ folder, variables: plcVariables(nodes) });
  const { channels, watched } = fieldConfig(plan, devices.addresses, {
    endpoint: plc.endpoint,
    nodes,
  });
  await using gateway = await startGateway(channels);
  using changing = keepChanging(plc);
  const without = (wrong: (it: Watched) => boolean) => watched.filter((it) => !wrong(it));
  const seconds = Number(flags.phase);
  const rows: Row[] = [];
  rows.push(...(await phase("healthy", Number(flags.minutes) * 60, gateway.pid, watched)));
  await devices.tell({ line: 0, deadUnit: 5 });
  const isDead = ({ device }: Watched) => device === "line-1-5";
  rows.push(...(await phase("dead unit", seconds, gateway.pid, without(isDead))));
  await devices.tell({ line: 0 });
  await devices.tell({ reader: 0, babbles: true });
  const babbles = ({ channel }: Watched) => channel === "reader-r200";
  rows.push(...(await phase("babbling reader", seconds, gateway.pid, without(babbles))));
  await devices.tell({ reader: 0, babbles: false });
  changing.pause();
  await plc.signal("SIGSTOP");
  const isPlc = ({ channel }: Watched) => channel === "plc";
  rows.push(...(await phase("hung PLC", seconds, gateway.pid, without(isPlc))));
  console.log(table(rows));
  const lost = rows.reduce((sum, row) => sum + row.lost, 0);
  process.exitCode = lost === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
  rmSync(dist, { recursive: true, force: true });
}
