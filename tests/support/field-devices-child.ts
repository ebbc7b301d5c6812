import { createInterface } from "node:readline";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import { startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { TagField } from "../../drivers/rfid/tag-field.ts";
import { scaleProtocols } from "../../drivers/scale/protocols.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import type { FieldAddresses, FieldCommand, FieldPlan } from "./field.ts";

const plan = JSON.parse(process.argv[2] ?? "{}") as FieldPlan;

/** 8 bytes out and 9 back at 9600 Bd, and the silence before and after. */
const exchangeMs = 25;

const lines = await Promise.all(plan.lines.map(({ units }) => startLine(units)));
const scales = await Promise.all(plan.scales.map(startScale));
const readers = await Promise.all(plan.readers.map(startReader));
const addresses: FieldAddresses = {
  lines: lines.map(({ address }) => address),
  scales: scales.map(({ address }) => address),
  readers: readers.map(({ address }) => address),
};
process.stdout.write(`${JSON.stringify(addresses)}\n`);

for await (const text of createInterface({ input: process.stdin })) {
  const { line, deadUnit, reader, babbles } = JSON.parse(text) as FieldCommand;
  if (line !== undefined) {
    lines[line]?.faults.clear();
    if (deadUnit !== undefined) lines[line]?.faults.set(deadUnit, { kind: "silent" });
  }
  if (reader !== undefined) readers[reader]?.setFaults({ babble: babbles === true });
  process.stdout.write("{}\n");
}
process.exit(0);

function startLine(units: number) {
  const input = () =>
    new Map([
      [1, 45],
      [2, 600],
    ]);
  return startModbusSimulator({
    mode: "rtu-over-tcp",
    units: new Map(
      Array.from({ length: units }, (_, at) => [at + 1, simulatedUnit({ input: input() })]),
    ),
    pace: () => new Promise((done) => setTimeout(done, exchangeMs)),
  });
}

async function startScale(name: string, index: number) {
  const protocol = scaleProtocols.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(`no scale speaks ${name}`);
  const scale = await startScaleSimulator({
    protocol,
    load: { weight: 1.5 + index, unit: "kg" },
  });
  // A load that never rests on the same digit.
  setInterval(() => scale.scale.set({ weight: 1.5 + index + (Date.now() % 7) / 10 }), 500);
  return scale;
}

function startReader(protocol: string, index: number) {
  const tags = Array.from({ length: plan.tags }, (_, tag) => ({
    epc: `3034${index}${String(tag).padStart(19, "0")}`,
  }));
  const field = new TagField(tags, { readsPerSecond: plan.readsPerSecond });
  return startReaderSimulator({ protocol, field });
}
