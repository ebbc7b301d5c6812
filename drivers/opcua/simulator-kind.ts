import { quietLog } from "../quiet-log.ts";
import { listen } from "../simulation/listen.ts";
import { relayTo } from "../simulation/relay.ts";
import {
  numberSetting,
  type RunningSimulator,
  type SimulatorKind,
  type SimulatorStart,
  switchSetting,
  unknownSetting,
} from "../simulation/simulator-kind.ts";
import { loadLibrary } from "./library.ts";
import {
  type OpcUaSimulator,
  type SimulatedVariable,
  simulatorNamespace,
  startOpcUaSimulator,
} from "./simulator.ts";

const variables: readonly SimulatedVariable[] = [
  { name: "temperature", type: "Double", value: 4.2, range: [-40, 60] },
  { name: "level", type: "Double", value: 71.5, range: [0, 100] },
  { name: "running", type: "Boolean", value: true },
  { name: "lamp", type: "Boolean", value: false },
];

const settings = [
  ...variables.map(({ name }) => name),
  "NAME.status",
  "companions",
  "weight",
  "put",
] as const;

/** A PLC with four nodes; with `companions=true` a scale and a reader of the companion specifications too. */
export const opcuaKind: SimulatorKind = {
  name: "opcua",
  driver: "opcua",
  settings,
  isPublisher: false,
  start,
};

async function start(options: SimulatorStart): Promise<RunningSimulator> {
  const first = new Map(options.settings);
  const companions = switchSetting("companions", first.get("companions") ?? "false");
  // What the library says by itself must not stand among what the tool prints.
  await loadLibrary(quietLog);
  const server = await startOpcUaSimulator({ folder: options.folder, variables, companions });
  const { port } = new URL(server.endpoint.replace(/^opc\.tcp/, "http"));
  // The server cannot be on a faulty wire itself.
  const simulator = await listen(options.listen, relayTo("127.0.0.1", Number(port))).catch(
    async (error: unknown) => {
      await server.stop();
      throw error;
    },
  );
  const stop = async () => {
    await simulator.stop();
    await server.stop();
  };
  try {
    for (const [name, value] of options.settings)
      if (name !== "companions") change(server, name, value);
  } catch (error) {
    await stop();
    throw error;
  }
  const address = simulator.address.replace(/^tcp:/, "opc.tcp:");
  return {
    address,
    channel: channelOf(address, companions),
    set: async (name, value) => change(server, name, value),
    setFaults: simulator.setFaults,
    cut: async () => simulator.cut(),
    [Symbol.asyncDispose]: stop,
  };
}

function channelOf(endpoint: string, companions: boolean): RunningSimulator["channel"] {
  const node = (name: string) => `ns=sim;s=${name}`;
  const points = {
    temperature: { node: node("temperature"), unit: "Cel" },
    level: { node: node("level"), unit: "%" },
    running: { node: node("running"), kind: "boolean" },
    lamp: { node: node("lamp"), kind: "boolean", access: "read-write" },
  };
  const more = {
    scale: { template: "opcua-scale", root: "/Objects/DI:DeviceSet/sim:Scale1" },
    gate: { template: "opcua-autoid-rfid", root: "/Objects/DI:DeviceSet/sim:Gate1" },
  };
  return {
    ...{ driver: "opcua", endpoint, security: { mode: "none" } },
    namespaces: { sim: simulatorNamespace },
    devices: { plc: { points }, ...(companions ? more : {}) },
  };
}

function change(server: OpcUaSimulator, name: string, value: string): void {
  const [variable = "", part] = name.split(".");
  const known = variables.find((it) => it.name === variable);
  if (known !== undefined && part === "status") {
    server.setStatus(variable, value);
    return;
  }
  if (known !== undefined && part === undefined) {
    const isSwitch = known.type === "Boolean";
    server.set(variable, isSwitch ? switchSetting(name, value) : numberSetting(name, value));
    return;
  }
  const { companions } = server;
  if (companions !== undefined && name === "weight") {
    companions.weigh({ gross: numberSetting(name, value), tare: 0, stable: true });
    return;
  }
  if (companions !== undefined && name === "put") {
    companions.scan([{ epc: value.trim().toUpperCase(), antenna: 1, rssi: -55 }]);
    return;
  }
  throw unknownSetting(name, settings);
}
