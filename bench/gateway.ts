/**
 * The whole gateway as a process: start to first sample, resident memory idle and loaded, latency from a changed
 * register to the lamp. Prints one JSON line a figure. The devices run in this process, on real sockets.
 */

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { buildProgram } from "../cloud-sync/build.ts";
import { simulatedUnit } from "../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../drivers/modbus/simulator.ts";
import { alarmViewSchema } from "../gateway/panel/api.ts";
import { cpuS, rssMb } from "./process.ts";

/** The program as a unit runs it; with `sources` among the arguments as a checkout runs it. */
const rackwatch = process.argv.includes("sources")
  ? fileURLToPath(new URL("../cloud-sync/cli/rackwatch.js", import.meta.url))
  : await buildProgram();
/** As in systemd/rackwatch-gateway.service (docs/decisions/0005-memory.md). */
const unitFlags = ["--max-semi-space-size=1", "--max-old-space-size=192"];
const unitEnv = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" };
const folder = mkdtempSync(join(tmpdir(), "rackwatch-bench-"));
const lamps = join(folder, "lamps.json");
const panelPort = 18_480;
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

function say(name: string, figures: object): void {
  process.stdout.write(`${JSON.stringify({ bench: "gateway", name, ...figures })}\n`);
}

function yaml(channels: string, rules = ""): string {
  return `version: 1
gateway: { id: bench }
channels:
${channels}
  lights:
    driver: gpio
    backend: sim
    file: ${lamps}
    devices: { stack: { points: { red: { line: 17 } } } }
rules:
  none: { point: stack/red, equal: true, onDelay: 1h }
${rules}
panel: { listen: "127.0.0.1:${panelPort}" }
broker: { listen: "127.0.0.1:18483" }
`;
}

interface Gateway {
  readonly pid: number;
  readonly startedAt: number;
  readonly setupCode: string;
  stop(): Promise<void>;
}

async function startGateway(config: string, data: string): Promise<Gateway> {
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, config);
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [...unitFlags, rackwatch, "run", "--config", file, "--data", join(folder, data)],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...unitEnv } },
  );
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  const setupCode = await new Promise<string>((done) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const code = /"setupCode":"([^"]+)"/.exec(line)?.[1];
      if (code !== undefined) done(code);
    });
  });
  return {
    pid: child.pid ?? 0,
    startedAt,
    setupCode,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${panelPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]);
}

const oneRoom = (address: string) => `  room:
    driver: modbus
    port: ${address}
    devices: { cold: { template: xy-md02, unitId: 1, every: 50ms } }`;

async function startAndIdle(): Promise<void> {
  const input = new Map([
    [1, 45],
    [2, 600],
  ]);
  const device = await startModbusSimulator({ units: new Map([[1, simulatedUnit({ input })]]) });
  const slow = oneRoom(device.address).replace("50ms", "10s");
  for (const run of ["cold code cache", "warm code cache", "warm code cache, again"]) {
    const before = device.requests.length;
    const gateway = await startGateway(yaml(slow), `idle-${run}`);
    while (device.requests.length === before) await pause(2);
    const firstSampleMs = Math.round(performance.now() - gateway.startedAt);
    await pause(8_000);
    const cpu = cpuS(gateway.pid);
    await pause(10_000);
    const cpuPercent = Number(((cpuS(gateway.pid) - cpu) * 10).toFixed(2));
    say("start", { run, firstSampleMs, idleRssMb: rssMb(gateway.pid), cpuPercent });
    await gateway.stop();
  }
  await device.stop();
}

/** The first user of a fresh gateway, who acknowledges whatever is unacknowledged. */
async function login(code: string): Promise<{ acknowledge(): Promise<void> }> {
  const base = `http://127.0.0.1:${panelPort}`;
  const post = (path: string, body: object, cookie = "") =>
    fetch(base + path, {
      method: "POST",
      headers: { "content-type": "application/json", origin: base, cookie },
      body: JSON.stringify(body),
    });
  const answer = await post("/api/setup", { code, user: "bench", password: "a long password" });
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  return {
    acknowledge: async () => {
      const alarms: unknown = await (await fetch(`${base}/api/alarms`)).json();
      for (const { id, state } of z.array(alarmViewSchema).parse(alarms)) {
        if (state !== "unacknowledged") continue;
        await post(`/api/alarms/${encodeURIComponent(id)}/acknowledge`, {}, cookie);
      }
    },
  };
}

/** A register crosses the limit; how long until the lamp's file says 1. The poll period of 50 ms is part of it. */
async function latency(): Promise<void> {
  const input = new Map([
    [1, 45],
    [2, 600],
  ]);
  const device = await startModbusSimulator({ units: new Map([[1, simulatedUnit({ input })]]) });
  const rules = `  warm: { point: cold/temperature, above: 8, priority: low, outputs: [stack/red] }
`;
  const gateway = await startGateway(yaml(oneRoom(device.address), rules), "latency");
  const person = await login(gateway.setupCode);
  const times: number[] = [];
  for (let turn = 0; turn < 200; turn += 1) {
    const polls = device.requests.length;
    input.set(1, 91);
    // From the answer that carries the value, so that the poll period does not count.
    while (device.requests.length === polls) await pause(0);
    const asked = performance.now();
    while (!readFileSync(lamps, "utf8").includes('"17":1')) await pause(0);
    times.push(performance.now() - asked);
    // Acknowledged and returned, the lamp goes off, and the next turn is a new alarm.
    await person.acknowledge();
    input.set(1, 45);
    while (!readFileSync(lamps, "utf8").includes('"17":0')) await pause(1);
  }
  times.sort((a, b) => a - b);
  say("latency sample to output", {
    n: times.length,
    p50Ms: Number(quantile(times, 0.5).toFixed(1)),
    p99Ms: Number(quantile(times, 0.99).toFixed(1)),
  });
  await gateway.stop();
  await device.stop();
}

/** 50 devices of 10 registers on 50 connections, as in the peers' measurements. */
async function loaded(everyMs: number): Promise<void> {
  const devices = await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const holding = new Map(Array.from({ length: 10 }, (_, at) => [at, index * 10 + at]));
      return startModbusSimulator({ units: new Map([[1, simulatedUnit({ holding })]]) });
    }),
  );
  const turn = setInterval(() => {
    for (const { units } of devices) {
      const holding = units.get(1)?.holding;
      for (const [at, value] of holding ?? []) holding?.set(at, (value + at + 1) % 1_000);
    }
  }, 1_000);
  const points = Array.from(
    { length: 10 },
    (_, at) => `p${at}: { table: holding, address: ${at}, type: uint16, scale: 0.1 }`,
  ).join(", ");
  const channels = devices
    .map(
      ({ address }, index) => `  c${index}:
    driver: modbus
    port: ${address}
    devices: { d${index}: { unitId: 1, every: ${everyMs}ms, points: { ${points} } } }`,
    )
    .join("\n");
  const rules = devices
    .flatMap((_, index) =>
      Array.from(
        { length: 10 },
        (_, at) =>
          `  r${index}-${at}: { point: d${index}/p${at}, above: 1000, deadband: 1, onDelay: 5s }`,
      ),
    )
    .join("\n");
  const data = `load-${everyMs}`;
  const gateway = await startGateway(yaml(channels, rules), data);
  await pause(5_000);
  const cpu = cpuS(gateway.pid);
  const samples = await metric("rackwatch_samples_received_total");
  const at = performance.now();
  await pause(20_000);
  const seconds = (performance.now() - at) / 1_000;
  const total = (await metric("rackwatch_samples_received_total")) - samples;
  const used = cpuS(gateway.pid) - cpu;
  say("loaded", {
    offeredPerS: Math.round(500_000 / everyMs),
    samplesPerS: Math.round(total / seconds),
    cpuPercent: Number(((used / seconds) * 100).toFixed(1)),
    cpuUsPerSample: Number(((used / total) * 1e6).toFixed(1)),
    rssMb: rssMb(gateway.pid),
    walKb: Math.round(statSync(join(folder, data, "gateway.db-wal")).size / 1_024),
  });
  clearInterval(turn);
  await gateway.stop();
  for (const device of devices) await device.stop();
}

try {
  const asked = process.argv.slice(2).filter((name) => name !== "sources");
  const wants = (name: string) => asked.length === 0 || asked.includes(name);
  if (wants("start")) await startAndIdle();
  if (wants("latency")) await latency();
  if (wants("load")) for (const everyMs of [1_000, 100]) await loaded(everyMs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
