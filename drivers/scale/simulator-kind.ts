import {
  numberSetting,
  type RunningSimulator,
  type SimulatorKind,
  type SimulatorStart,
  switchSetting,
  unknownSetting,
  wrongSetting,
} from "../simulation/simulator-kind.ts";
import type { ScaleProtocol, ScaleStatus } from "./protocol.ts";
import { scaleProtocols } from "./protocols.ts";
import type { SimulatedLoad, SimulatedScale } from "./simulated-scale.ts";
import { startScaleSimulator } from "./simulator.ts";

const settings = ["weight", "unit", "tare", "moving", "status", "code", "locked"] as const;

const statuses: readonly ScaleStatus[] = [
  "ok",
  "overload",
  "underload",
  "zero-error",
  "not-ready",
  "error",
];

/** What lies on it when nothing is told. */
const usualLoad = { weight: 42.5, unit: "kg" };

/** A scale in each of the languages that have code. */
export const scaleKinds: readonly SimulatorKind[] = scaleProtocols.map((protocol) => ({
  name: protocol.name,
  driver: "scale",
  settings,
  isPublisher: false,
  start: (options) => start(protocol, options),
}));

async function start(
  protocol: ScaleProtocol,
  { listen, settings: given }: SimulatorStart,
): Promise<RunningSimulator> {
  const simulator = await startScaleSimulator({ protocol, listen, load: usualLoad });
  const { scale, address } = simulator;
  try {
    for (const [name, value] of given) change(scale, protocol, name, value);
  } catch (error) {
    await simulator.stop();
    throw error;
  }
  return {
    address,
    channel: { driver: "scale", port: address, protocol: protocol.name, devices: { shelf: {} } },
    set: async (name, value) => change(scale, protocol, name, value),
    setFaults: simulator.setFaults,
    cut: async () => simulator.cut(),
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

function change(scale: SimulatedScale, protocol: ScaleProtocol, name: string, value: string): void {
  const before = scale.load;
  scale.set(changeOf(name, value));
  try {
    protocol.encode(scale.reading());
  } catch {
    scale.set(before);
    throw wrongSetting(name, value, `A frame of ${protocol.name} has no room for it`);
  }
}

function changeOf(name: string, value: string): Partial<SimulatedLoad> {
  switch (name) {
    case "weight": {
      const [, amount = value, unit] = /^([^a-z%]+?)\s*([a-z%]+)$/i.exec(value.trim()) ?? [];
      const weight = numberSetting(name, amount);
      // A weight is what lifts an overload.
      return { weight, status: "ok", ...(unit === undefined ? {} : { unit }) };
    }
    case "unit":
      return { unit: value };
    case "tare":
      return { tare: numberSetting(name, value) };
    case "moving":
      return { moving: switchSetting(name, value) };
    case "locked":
      return { isLocked: switchSetting(name, value) };
    case "code":
      return { code: value };
    case "status": {
      const status = statuses.find((known) => known === value);
      if (status === undefined) throw wrongSetting(name, value, `One of: ${statuses.join(", ")}`);
      return { status };
    }
    default:
      throw unknownSetting(name, settings);
  }
}
