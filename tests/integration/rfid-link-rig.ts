import { type Connection, connect } from "../../drivers/connect.ts";
import type { ReaderEvent, ReaderLink, ReaderSettings } from "../../drivers/rfid/protocol.ts";
import { serialReaderProtocols } from "../../drivers/rfid/serial-protocols.ts";
import { type SimulatedReader, simulatedReader } from "../../drivers/rfid/simulated-reader.ts";
import { type SimulatedTag, TagField } from "../../drivers/rfid/tag-field.ts";
import { listen, type Simulator } from "../../drivers/simulation/listen.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";

export const tagA: SimulatedTag = { epc: "E20010710000529B0940B402", rssiDbm: -43 };
export const tagB: SimulatedTag = { epc: "30751FEB705C5904E3D50D70", rssiDbm: -61 };

/** For `expect.poll`: generous, as this machine may be busy. */
export const within = { timeout: 30_000, interval: 20 };

/** A link to a simulated reader over a real socket. */
export interface Rig extends AsyncDisposable {
  readonly reader: SimulatedReader;
  readonly simulator: Simulator;
  readonly link: ReaderLink;
  /** All so far. */
  readonly events: readonly ReaderEvent[];
  /** Resolves when the events end, with the error if there was one. */
  readonly ended: Promise<unknown>;
  faults(): readonly string[];
  /** What was read, from the event with this index on. */
  reads(from?: number): ReadonlySet<string>;
}

export interface RigOptions {
  readonly tags?: readonly SimulatedTag[];
  readonly readsPerSecond?: number;
  readonly settings?: Partial<ReaderSettings>;
  readonly prepare?: (reader: SimulatedReader) => void;
}

export async function rig(name: string, options: RigOptions = {}): Promise<Rig> {
  const { tags = [tagA, tagB], readsPerSecond = 100, settings = {}, prepare } = options;
  const protocol = serialReaderProtocols.find((known) => known.name === name);
  const reader = simulatedReader(name, new TagField(tags, { readsPerSecond }));
  if (protocol === undefined || reader === undefined) throw new Error(`no reader ${name}`);
  prepare?.(reader);
  const simulator = await listen("tcp://127.0.0.1:0", reader);
  const signal = new AbortController().signal;
  const connection: Connection = await connect(simulator.address, {}, signal);
  const context = { clock: systemClock, log: memoryLog().log };
  const link = await protocol.open(connection, { antennas: [], ...settings }, context, signal);
  const events: ReaderEvent[] = [];
  const ended = (async () => {
    for await (const batch of link.events()) events.push(...batch);
  })().catch((error: unknown) => error);
  return {
    reader,
    simulator,
    link,
    events,
    ended,
    faults: () => events.flatMap((event) => (event.is === "fault" ? [event.reason] : [])),
    reads: (from = 0) =>
      new Set(events.slice(from).flatMap((event) => (event.is === "read" ? [event.read.epc] : []))),
    [Symbol.asyncDispose]: async () => {
      await link[Symbol.asyncDispose]();
      await ended;
      await connection.close();
      await simulator.stop();
    },
  };
}
