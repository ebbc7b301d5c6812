import { writeFileSync, writeSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { simulatedUnit } from "../../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../../drivers/modbus/simulator.ts";
import { keepRunning } from "../../../gateway/keep-running.ts";
import { chainEvents, genesis } from "../../../gateway/store/chain.ts";
import { readEvents } from "../../../gateway/store/chunk.ts";
import { openOutbox } from "../../../gateway/store/outbox.ts";
import { lieAboutSync } from "./lying-sync.ts";

/**
 * The gateway under load, and beside it a reader that sees what the agent would: prints `AT value events chain samples`
 * many times a second. `value` is what the sensors show at that time, it only grows; the others are what is committed.
 */

const dataDir = "/mnt/data";
const configFile = "/mnt/gateway.yaml";
const { CUT = "0", FLUSH_MS = "1000", MUTANT = "" } = process.env;
const sensors = 20;
const doorAddress = 100;

if (MUTANT === "normal") lieAboutSync();

const input = new Map<number, number>();
const started = performance.now();
/** A guest's clock may jump by days, or to the end of its 64 bits, when its host is busy: such a step is none. */
const stepMsMax = 10_000;

let [seenAt, elapsedMs] = [started, 0];

const valueNow = () => {
  const stepMs = performance.now() - seenAt;
  seenAt += stepMs;
  if (stepMs > 0 && stepMs < stepMsMax) elapsedMs += stepMs;
  return Number(CUT) * 1_000_000 + Math.round(elapsedMs);
};

function turn(): void {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, valueNow());
  for (let sensor = 0; sensor < sensors; sensor += 1) {
    input.set(2 * sensor, view.getUint16(0));
    input.set(2 * sensor + 1, view.getUint16(2));
  }
}

turn();
input.set(doorAddress, 0);
setInterval(turn, 10);
setInterval(() => input.set(doorAddress, 1 - (input.get(doorAddress) ?? 0)), 150);
const simulator = await startModbusSimulator({ units: new Map([[1, simulatedUnit({ input })]]) });

const points = Object.fromEntries(
  Array.from({ length: sensors }, (_, sensor) => [
    `t${sensor}`,
    { table: "input", address: 2 * sensor, type: "uint32" },
  ]),
);
const door = { table: "input", address: doorAddress, type: "uint16" };
writeFileSync(
  configFile,
  JSON.stringify({
    version: 1,
    gateway: { id: "cut" },
    channels: {
      line: {
        driver: "modbus",
        port: simulator.address,
        devices: { room: { unitId: 1, every: "50ms", points: { ...points, door } } },
      },
    },
    rules: { door: { point: "room/door", above: 0.5, deadband: 0, priority: "high" } },
    broker: { enabled: false },
    panel: { enabled: false },
    store: { flushEvery: `${FLUSH_MS}ms` },
  }),
);

const seen = { events: 0, chain: genesis };
const outbox = openOutbox(dataDir);
setInterval(() => {
  if (outbox.epoch === "") return;
  for (const chunk of outbox.read("events", seen.events, 1_000)) {
    if (seen.events === 0) seen.chain = chunk.chainBefore ?? genesis;
    seen.chain = chainEvents(seen.chain, chunk.firstSeq, readEvents(chunk));
    seen.events = chunk.lastSeq;
  }
  writeSync(1, `AT ${valueNow()} ${seen.events} ${seen.chain} ${outbox.head("samples")}\n`);
}, 25);

// A power cut would take along what the next boot need not compile again.
setTimeout(flushCompileCache, 1_000);

const env = { ...process.env, RACKWATCH_LOG_LEVEL: "warn" };
const { signal } = new AbortController();
const problems = await keepRunning({ configFile, dataDir, env, signal });
writeSync(1, `ENDED ${JSON.stringify(problems)}\n`);
process.exit();
