import type { Duplex } from "node:stream";
import { FramedWire } from "../../drivers/framing/framed-wire.ts";
import { createFramer, type Framer } from "../../drivers/framing/framer.ts";
import { decodeWith } from "../../drivers/protocol.ts";
import type { ReaderEvent, ReaderProtocol } from "../../drivers/rfid/protocol.ts";
import type { SimulatedDevice } from "../../drivers/simulation/listen.ts";

/** Silence after which this language's link says that the reader does not answer. */
const silenceMs = 400;

const lineFeed = 10;

function createLines(): Framer {
  return createFramer({
    frameBytesMax: 65_536,
    mayStart: (byte) => byte === 0x5b,
    look: (bytes) => {
      const end = bytes.indexOf(lineFeed);
      return end < 0 ? { is: "more" } : { is: "frame", length: end + 1 };
    },
  });
}

/** A reader language for tests: each line is a JSON list of events. */
export const eventLines: ReaderProtocol = {
  name: "event-lines",
  aliases: [],
  title: "Events as JSON",
  serial: { baudRate: 115_200, dataBits: 8, parity: "none", stopBits: 1 },
  hasRadioSettings: true,
  needsRegion: false,
  decode: (bytes) => decodeWith(createLines(), () => ({ ok: true }), bytes),
  open: async (connection, settings, { clock }, signal) => {
    const wire = new FramedWire(connection, createLines(), clock, { idleMs: 200 });
    await wire.write(Buffer.from(`${JSON.stringify(settings)}\n`));
    return {
      events: async function* () {
        while (!signal.aborted) {
          const frames = await wire.next(silenceMs, signal);
          if (frames === undefined) yield [{ is: "fault", reason: "timeout" }];
          for (const frame of frames ?? []) if (frame.ok) yield eventsOf(frame.bytes);
        }
      },
      [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
    };
  },
};

/** The same without a sign of life between two tags, as 125 kHz readers are. */
export const quietLines: ReaderProtocol = {
  ...eventLines,
  name: "quiet-lines",
  hasRadioSettings: false,
  open: async (connection, _, { clock }, signal) => {
    const wire = new FramedWire(connection, createLines(), clock, { idleMs: 200 });
    return {
      events: async function* () {
        for await (const frames of wire.frames(signal))
          for (const frame of frames) if (frame.ok) yield eventsOf(frame.bytes);
      },
      [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
    };
  },
};

function eventsOf(line: Uint8Array): readonly ReaderEvent[] {
  // Written by the reader below.
  return JSON.parse(Buffer.from(line).toString()) as readonly ReaderEvent[];
}

/** The reader to these languages: says what the test says, and what it `repeats` every 50 ms. */
export class EventReader implements SimulatedDevice {
  readonly #wires = new Set<Duplex>();
  /** What it was told when it was opened. */
  readonly settings: unknown[] = [];
  repeats: () => readonly ReaderEvent[] = () => [];

  say(...events: readonly ReaderEvent[]): void {
    for (const wire of this.#wires) wire.write(`${JSON.stringify(events)}\n`);
  }

  attach(wire: Duplex): Disposable {
    this.#wires.add(wire);
    wire.on("data", (chunk: Uint8Array) => {
      for (const line of Buffer.from(chunk).toString().trim().split("\n"))
        if (line !== "") this.settings.push(JSON.parse(line));
    });
    const timer = setInterval(() => {
      const events = this.repeats();
      if (events.length > 0) wire.write(`${JSON.stringify(events)}\n`);
    }, 50);
    return {
      [Symbol.dispose]: () => {
        clearInterval(timer);
        this.#wires.delete(wire);
      },
    };
  }
}
