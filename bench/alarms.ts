/**
 * The whole gateway as a process with 1,000 points at 1 Hz and 2,000 rules of all kinds, receivers, an escalation ladder,
 * a storage profile (excursions) and 500 lamps on a bus: processor time a sample, memory, latency from the answer that carries the
 * crossing to the lamp's write; then a flood of 500 critical alarms in 10 s. Prints one JSON line a figure.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildProgram } from "../cloud-sync/build.ts";
import { simulatedUnit } from "../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../drivers/modbus/simulator.ts";
import { quantiles, worstStopMs } from "./measured.ts";
import { cpuS, rssMb } from "./process.ts";

const devicesCount = 50;
const pointsPerDevice = 20;
const floodCount = 500;
const floodMs = 10_000;
const singlesCount = 200;
const panelPort = 18_481;
/** As in systemd/rackwatch-gateway.service (docs/decisions/0005-memory.md). */
const unitFlags = ["--max-semi-space-size=1", "--max-old-space-size=192"];
const unitEnv = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "131072" };
const folder = mkdtempSync(join(tmpdir(), "rackwatch-bench-"));
const lampOf = (index: number) => `lamps/l${index}`;
const delayFile = join(folder, "loop.jsonl");
const dist = fileURLToPath(new URL("../dist/bench-alarms", import.meta.url));
const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** How often the gateway said that an output was not set in time. */
let outputsLate = 0;

function say(name: string, figures: object): void {
  process.stdout.write(`${JSON.stringify({ bench: "alarms", name, ...figures })}\n`);
}

const pointOf = (index: number) =>
  `d${Math.floor(index / pointsPerDevice)}/p${index % pointsPerDevice}`;
const pointsCount = devicesCount * pointsPerDevice;

/** Two rules a point: half of the first are the critical ones of the flood, the second is one of each kind in turn. */
function rules(): string {
  const kinds = [
    "atOrAbove: 90, total: 1h, within: 24h",
    "risingFaster: 100000, samples: 5",
    "risenBy: 500, within: 10min",
    "frozen: 6h",
    "below: -50, onDelay: 5min, offDelay: 1min",
    "stale: 5min",
  ];
  const lines = Array.from({ length: pointsCount }, (_, index) => {
    const point = pointOf(index);
    const first =
      index < floodCount
        ? `  c${index}: { point: ${point}, above: 40, priority: critical, outputs: [${lampOf(index)}], annunciate: [hall] }`
        : `  c${index}: { point: ${point}, above: 1000, onDelay: 5s }`;
    const second = `  k${index}: { point: ${point}, ${kinds[index % kinds.length]} }`;
    return `${first}\n${second}`;
  });
  return lines.join("\n");
}

function yaml(devices: readonly ModbusSimulator[], lamps: ModbusSimulator): string {
  const points = Array.from(
    { length: pointsPerDevice },
    (_, at) => `p${at}: { table: holding, address: ${at}, type: int16, scale: 0.1, unit: Cel }`,
  ).join(", ");
  const channels = devices.map(
    ({ address }, index) => `  c${index}:
    driver: modbus
    port: ${address}
    devices: { d${index}: { unitId: 1, every: 1s, points: { ${points} } } }`,
  );
  const coils = Array.from(
    { length: floodCount },
    (_, at) => `l${at}: { table: coil, address: ${at}, access: write }`,
  );
  const watched = Array.from({ length: 20 }, (_, index) => pointOf(pointsCount - 1 - index));
  return `version: 1
gateway: { id: bench }
channels:
${channels.join("\n")}
  lamps:
    driver: modbus
    port: ${lamps.address}
    devices: { lamps: { unitId: 1, every: 10min, points: { ${coils.join(", ")} } } }
  lights:
    driver: gpio
    backend: sim
    file: ${join(folder, "stack.json")}
    devices: { stack: { points: { siren: { line: 1 }, red: { line: 2 } } } }
annunciators: { hall: { red: stack/red, siren: stack/siren } }
locations: { store: { kind: room, profile: crt, temperature: [${watched.join(", ")}] } }
rules:
${rules()}
notify: { shift: { webhook: { url: "http://127.0.0.1:9/shift" } }, boss: { webhook: { url: "http://127.0.0.1:9/boss" } } }
alarms: { escalate: ladder }
escalation: { ladder: { steps: [{ notify: [shift] }, { after: 5min, notify: [boss] }] } }
panel: { listen: "127.0.0.1:${panelPort}" }
broker: { listen: "127.0.0.1:18484" }
`;
}

function startGateway(program: string) {
  const config = join(folder, "gateway.yaml");
  const startedAt = performance.now();
  const loopDelay = fileURLToPath(new URL("loop-delay.ts", import.meta.url));
  const profile = process.argv.includes("profile")
    ? ["--cpu-prof", `--cpu-prof-dir=${process.cwd()}`]
    : [];
  const child = spawn(
    process.execPath,
    [
      ...[...unitFlags, ...profile, "--import", loopDelay, program],
      ...["run", "--config", config, "--data", join(folder, "data")],
    ],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, ...unitEnv, LOOP_DELAY_FILE: delayFile },
    },
  );
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  child.once("exit", (code) => code !== 0 && process.exit(1));
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.includes('"output cannot be driven"')) outputsLate += 1;
  });
  return {
    pid: child.pid ?? 0,
    startedAt,
    stop: async () => {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${panelPort}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)`, "m").exec(text)?.[1]);
}

/** One point crosses; from the first answer that carries it to the write of its lamp. */
async function cross(devices: readonly ModbusSimulator[], index: number): Promise<number> {
  const device = devices[Math.floor(index / pointsPerDevice)];
  if (device === undefined) return Number.NaN;
  const polls = device.requests.length;
  device.units.get(1)?.holding.set(index % pointsPerDevice, 500);
  while (device.requests.length === polls) await pause(1);
  const asked = performance.now();
  while (coils.get(index) !== true) {
    if (performance.now() - asked > 10_000) throw new Error(`lamp ${index} stays dark`);
    await pause(1);
  }
  return performance.now() - asked;
}

const devices = await Promise.all(
  Array.from({ length: devicesCount }, () => {
    const holding = new Map(Array.from({ length: pointsPerDevice }, (_, at) => [at, 200 + at]));
    return startModbusSimulator({ units: new Map([[1, simulatedUnit({ holding })]]) });
  }),
);
const coils = new Map(Array.from({ length: floodCount }, (_, at) => [at, false]));
const lamps = await startModbusSimulator({ units: new Map([[1, simulatedUnit({ coils })]]) });
const changing = setInterval(() => {
  for (const { units } of devices) {
    const holding = units.get(1)?.holding;
    for (const [at, value] of holding ?? []) {
      if (value < 300) holding?.set(at, 200 + ((value + 7 + at) % 50));
    }
  }
}, 1_000);
try {
  writeFileSync(join(folder, "gateway.yaml"), yaml(devices, lamps));
  const gateway = startGateway(await buildProgram(dist));
  while (devices.some(({ requests }) => requests.length === 0)) await pause(5);
  say("start", { firstSampleOfAllMs: Math.round(performance.now() - gateway.startedAt) });
  await pause(10_000);
  const before = {
    cpu: cpuS(gateway.pid),
    samples: await metric("rackwatch_samples_received_total"),
  };
  const from = Date.now();
  await pause(20_000);
  const samples = (await metric("rackwatch_samples_received_total")) - before.samples;
  const used = cpuS(gateway.pid) - before.cpu;
  const seconds = (Date.now() - from) / 1_000;
  say("calm", {
    samplesPerS: Math.round(samples / seconds),
    cpuPercent: Number(((used / seconds) * 100).toFixed(1)),
    cpuUsPerSample: Number(((used / samples) * 1e6).toFixed(1)),
    rssMb: rssMb(gateway.pid),
    worstStopMs: worstStopMs(delayFile, from),
  });
  const singles: number[] = [];
  for (let index = 0; index < (process.argv.includes("flood") ? 0 : singlesCount); index += 1) {
    singles.push(await cross(devices, floodCount - 1 - index));
  }
  if (singles.length > 0) say("one alarm after the other", quantiles(singles));
  const floodFrom = Date.now();
  const cpuBefore = cpuS(gateway.pid);
  const left = floodCount - singles.length;
  const flood = await Promise.all(
    Array.from({ length: left }, async (_, index) => {
      await pause((index * floodMs) / floodCount);
      return cross(devices, index);
    }),
  );
  say("flood", {
    alarms: left,
    tookS: Math.round((Date.now() - floodFrom) / 1_000),
    ...quantiles(flood),
    cpuS: Number((cpuS(gateway.pid) - cpuBefore).toFixed(1)),
    worstStopMs: worstStopMs(delayFile, floodFrom),
    outputsLate,
    rssMb: rssMb(gateway.pid),
    walKb: Math.round(statSync(join(folder, "data", "gateway.db-wal")).size / 1_024),
  });
  await gateway.stop();
} finally {
  clearInterval(changing);
  for (const device of [...devices, lamps]) await device.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(dist, { recursive: true, force: true });
}
