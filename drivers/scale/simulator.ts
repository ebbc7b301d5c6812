import { listen, type Simulator } from "../simulation/listen.ts";
import type { ScaleProtocol } from "./protocol.ts";
import { type SimulatedLoad, SimulatedScale } from "./simulated-scale.ts";

export interface ScaleSimulatorOptions {
  /** `tcp://127.0.0.1:0`, a free port, unless told; or one end of a serial line. */
  readonly listen?: string;
  readonly protocol: ScaleProtocol;
  readonly load?: Partial<SimulatedLoad>;
  /** Time between two weighings while it streams; 100 ms unless told. */
  readonly everyMs?: number;
}

export interface ScaleSimulator extends Simulator, AsyncDisposable {
  /** What lies on it may be changed at any time. */
  readonly scale: SimulatedScale;
}

/** Starts a scale on a real socket or serial line. @throws as `listen`. */
export async function startScaleSimulator(options: ScaleSimulatorOptions): Promise<ScaleSimulator> {
  const { protocol, load = {}, everyMs = 100, listen: address = "tcp://127.0.0.1:0" } = options;
  const scale = new SimulatedScale(protocol, load, everyMs);
  const simulator = await listen(address, scale, { serial: protocol.serial });
  return { ...simulator, scale, [Symbol.asyncDispose]: () => simulator.stop() };
}
