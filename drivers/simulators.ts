import { modbusKinds } from "./modbus/simulator-kind.ts";
import { mqttKinds } from "./mqtt/simulator-kind.ts";
import { opcuaKind } from "./opcua/simulator-kind.ts";
import { findProtocol } from "./protocols.ts";
import { readerKinds } from "./rfid/simulator-kind.ts";
import { scaleKinds } from "./scale/simulator-kind.ts";
import type { SimulatorKind } from "./simulation/simulator-kind.ts";

/** Every device that can be simulated, written out by hand. */
export const simulators: readonly SimulatorKind[] = [
  ...modbusKinds,
  ...scaleKinds,
  ...readerKinds,
  opcuaKind,
  ...mqttKinds,
];

/** By its name, or by any word for its language. */
export function findSimulator(word: string): SimulatorKind | undefined {
  const wanted = findProtocol(word)?.name ?? word.toLowerCase();
  return simulators.find(({ name }) => name === wanted);
}
