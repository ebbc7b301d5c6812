import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { modbus } from "../drivers/modbus/driver.ts";
import { channelSchema } from "../drivers/modbus/schema.ts";
import { simulatedUnit } from "../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../drivers/modbus/simulator.ts";
import { systemClock } from "../gateway/runtime/clock.ts";

/**
 * Poll efficiency of a saturated RTU line: the time that its frames and silences need by the standard, as a share of
 * the time that passed. The simulated line takes 11 bits a character and no time to think; it runs in a thread of its
 * own, so that it does not compete with what is measured. Prints one line of JSON.
 */
const cases = [
  { baudRate: 9_600, registers: 10 },
  { baudRate: 9_600, registers: 125 },
  { baudRate: 115_200, registers: 10 },
  { baudRate: 115_200, registers: 125 },
];

const units = Array.from({ length: 10 }, (_, index) => index + 1);

if (isMainThread) await main();
else await line(workerData as number);

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: "string", default: "10" } } });
  const results = [];
  for (const { baudRate, registers } of cases)
    results.push(await measure(baudRate, registers, Number(values.seconds)));
  console.log(JSON.stringify({ bench: "modbus-line", node: process.version, results }));
}

async function measure(baudRate: number, registers: number, seconds: number) {
  const worker = new Worker(new URL(import.meta.url), { workerData: baudRate });
  const port = await new Promise<string>((resolve) => worker.once("message", resolve));
  const points = Object.fromEntries(
    Array.from({ length: registers }, (_, address) => [
      `p${address}`,
      { table: "input", address, type: "int16" },
    ]),
  );
  const channel = channelSchema.parse({
    driver: "modbus",
    port,
    mode: "rtu-over-tcp",
    baudRate,
    turnaround: "0ms",
    // More than the line can carry: it is never idle.
    devices: Object.fromEntries(
      units.map((unitId) => [`d${unitId}`, { unitId, every: "50ms", points }]),
    ),
  });
  const log = { child: () => log, debug() {}, info() {}, warn() {}, error() {} };
  const controller = new AbortController();
  const session = await modbus.open(channel, { clock: systemClock, log }, controller.signal);
  let reads = -2 * units.length;
  let startMs = 0;
  let endMs = 0;
  let cpuStart = process.threadCpuUsage();
  for await (const samples of session.samples()) {
    if (samples.some(({ quality }) => quality !== "good")) throw new Error("a sample is not good");
    endMs = performance.now();
    reads += 1;
    // The first rounds are left out: they hold the start of everything.
    if (reads === 0) {
      startMs = endMs;
      cpuStart = process.threadCpuUsage();
    }
    if (reads > 0 && endMs - startMs > seconds * 1_000) break;
  }
  const cpu = process.threadCpuUsage(cpuStart);
  await session[Symbol.asyncDispose]();
  await worker.terminate();
  const neededMs = reads * (frameMs(baudRate, 8 + 5 + 2 * registers) + 2 * silenceMs(baudRate));
  return {
    baudRate,
    registers,
    readsPerSecond: Number((reads / ((endMs - startMs) / 1_000)).toFixed(2)),
    share: Number((neededMs / (endMs - startMs)).toFixed(4)),
    cpuMsPerRead: Number(((cpu.user + cpu.system) / 1_000 / reads).toFixed(3)),
  };
}

/** The other end: answers when request, silence and answer would have passed over a real line. */
async function line(baudRate: number): Promise<void> {
  const input = new Map(Array.from({ length: 125 }, (_, address) => [address, address]));
  const simulator = await startModbusSimulator({
    mode: "rtu-over-tcp",
    units: new Map(units.map((unitId) => [unitId, simulatedUnit({ input })])),
    pace: async (requestBytes, answerBytes) => {
      const untilMs =
        performance.now() + frameMs(baudRate, requestBytes + answerBytes) + silenceMs(baudRate);
      const coarseMs = untilMs - performance.now() - 2;
      if (coarseMs > 0) await new Promise((resolve) => setTimeout(resolve, coarseMs));
      // Timers are good to a millisecond only; a frame at 115200 Bd takes one.
      while (performance.now() < untilMs) await new Promise((resolve) => setImmediate(resolve));
    },
  });
  parentPort?.postMessage(simulator.address);
}

function frameMs(baudRate: number, bytes: number): number {
  return (bytes * 11_000) / baudRate;
}

function silenceMs(baudRate: number): number {
  return Math.max(1.75, (3.5 * 11_000) / baudRate);
}
