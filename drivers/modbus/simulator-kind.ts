import { listen } from "../simulation/listen.ts";
import {
  numberSetting,
  type RunningSimulator,
  type SimulatorKind,
  type SimulatorStart,
  switchSetting,
  unknownSetting,
  wrongSetting,
} from "../simulation/simulator-kind.ts";
import { type SimulatedUnit, simulatedUnit } from "./simulated-unit.ts";
import { simulatedLine } from "./simulator.ts";

const settings = ["temperature", "humidity", "units", "UNIT:TABLE:ADDRESS"] as const;

const bitTables = ["coils", "discrete"] as const;
const registerTables = ["input", "holding"] as const;

/** Registers and bits that are there, all zero but for those of the XY-MD02. */
const size = 32;

const unitMax = 247;

/** Units that answer like the temperature and humidity transmitter XY-MD02. */
export const modbusKinds: readonly SimulatorKind[] = (["modbus-tcp", "modbus-rtu"] as const).map(
  (name) => ({
    name,
    driver: "modbus",
    settings,
    isPublisher: false,
    start: (options) => start(name === "modbus-rtu", options),
  }),
);

async function start(isRtu: boolean, options: SimulatorStart): Promise<RunningSimulator> {
  const units = new Map<number, SimulatedUnit>([[1, newUnit()]]);
  for (const [name, value] of options.settings) change(units, name, value);
  const isSerial = options.listen.startsWith("serial:");
  const device = simulatedLine({ units, mode: isRtu || isSerial ? "rtu-over-tcp" : "tcp" });
  const simulator = await listen(options.listen, device);
  const { address } = simulator;
  const devices = [...units.keys()].map((unitId) => [
    unitId === 1 ? "climate" : `climate-${unitId}`,
    { template: "xy-md02", unitId },
  ]);
  return {
    address,
    channel: {
      ...{ driver: "modbus", port: address },
      ...(isRtu && !isSerial ? { mode: "rtu-over-tcp" } : {}),
      devices: Object.fromEntries(devices),
    },
    set: async (name, value) => change(units, name, value),
    setFaults: simulator.setFaults,
    cut: async () => simulator.cut(),
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

function newUnit(): SimulatedUnit {
  const zeros = () => new Map(Array.from({ length: size }, (_, index) => [index, 0]));
  const off = () => new Map(Array.from({ length: size }, (_, index) => [index, false]));
  const unit = simulatedUnit({ input: zeros(), holding: zeros(), coils: off(), discrete: off() });
  unit.input.set(1, 42).set(2, 553);
  return unit;
}

function change(units: Map<number, SimulatedUnit>, name: string, value: string): void {
  const tenths = () => word(name, Math.round(numberSetting(name, value) * 10), value);
  if (name === "temperature" || name === "humidity") {
    const raw = tenths();
    for (const { input } of units.values()) input.set(name === "temperature" ? 1 : 2, raw);
    return;
  }
  if (name === "units") {
    const count = numberSetting(name, value);
    if (!Number.isInteger(count) || count < 1 || count > unitMax)
      throw wrongSetting(name, value, `Write a whole number from 1 to ${unitMax}`);
    for (const id of [...units.keys()]) if (id > count) units.delete(id);
    for (let id = 1; id <= count; id += 1) if (!units.has(id)) units.set(id, newUnit());
    return;
  }
  const [unitText = "", tableText, addressText = ""] = name.split(":");
  const unit = units.get(Number(unitText));
  const address = Number(addressText);
  const isAddress = /^\d{1,5}$/.test(addressText) && address <= 65_535;
  if (unit === undefined || !isAddress) throw unknownSetting(name, settings);
  const registers = registerTables.find((table) => table === tableText);
  if (registers !== undefined) {
    unit[registers].set(address, word(name, numberSetting(name, value), value));
    return;
  }
  const bits = bitTables.find((table) => table === tableText);
  if (bits === undefined) throw unknownSetting(name, settings);
  unit[bits].set(address, switchSetting(name, value));
}

function word(name: string, value: number, text: string): number {
  if (Number.isInteger(value) && value >= -32_768 && value <= 65_535) return value & 0xffff;
  throw wrongSetting(name, text, "It must fit in one register: -32768 to 65535");
}
