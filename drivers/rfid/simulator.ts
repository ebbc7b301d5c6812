import { listen, type SimulatedDevice, type Simulator } from "../simulation/listen.ts";
import { SimulatedLlrpReader } from "./llrp/simulated.ts";
import { readerProtocols } from "./protocols.ts";
import { type SimulatedReader, simulatedReader } from "./simulated-reader.ts";
import type { TagField } from "./tag-field.ts";

/** Time between two reports of a simulated LLRP reader. */
const llrpRoundMs = 100;

export interface ReaderSimulatorOptions {
  /** `tcp://127.0.0.1:0`, a free port, unless told; or one end of a serial line. */
  readonly listen?: string;
  /** Name of a reader language. */
  readonly protocol: string;
  /** Tags may be put in and taken out while it runs. */
  readonly field: TagField;
}

export interface ReaderSimulator extends Simulator, AsyncDisposable {
  /** What a technician could change at the reader; undefined for LLRP. */
  readonly reader: SimulatedReader | undefined;
}

/** Starts a reader on a real socket or serial line. @throws as `listen`; Error for a language that has no simulated reader. */
export async function startReaderSimulator(
  options: ReaderSimulatorOptions,
): Promise<ReaderSimulator> {
  const { protocol, field, listen: address = "tcp://127.0.0.1:0" } = options;
  const reader = simulatedReader(protocol, field);
  const device = reader ?? (protocol === "llrp" ? llrpReader(field) : undefined);
  if (device === undefined) throw new Error(`no simulated reader speaks ${protocol}`);
  const serial = readerProtocols.find(({ name }) => name === protocol)?.serial;
  const simulator = await listen(address, device, serial === undefined ? {} : { serial });
  return { ...simulator, reader, [Symbol.asyncDispose]: () => simulator.stop() };
}

function llrpReader(field: TagField): SimulatedDevice {
  const connected = new Map([1, 2, 3, 4].map((antenna) => [antenna, true]));
  return new SimulatedLlrpReader({
    antennas: connected,
    roundMs: llrpRoundMs,
    field: () =>
      field
        .draw(Math.round((field.readsPerSecond * llrpRoundMs) / 1_000))
        .map(({ epc, antenna = 1, rssiDbm = -55 }) => ({ epc, antenna, rssiDbm })),
  });
}
