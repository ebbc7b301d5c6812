import type { Duplex } from "node:stream";
import type { Framer } from "../framing/framer.ts";
import type { SimulatedDevice } from "../simulation/listen.ts";
import type { Region } from "./protocol.ts";

/** What a simulated reader keeps, whoever is connected. It may be changed while it runs. */
export interface ReaderState {
  /** Undefined: none is stored. */
  region: Region | undefined;
  /** Regions that the reader takes. */
  regions: readonly Region[];
  powerDbm: number;
  powerMaxDbm: number;
  /** Antennas that are connected. */
  antennas: readonly number[];
  temperatureCel: number;
  /** Too hot: it says so and reads nothing. */
  isThrottled: boolean;
  /** Sends by itself instead of being asked, where the language has such a mode. */
  isRealtime: boolean;
  /** ThingMagic: answers nothing but version and boot. */
  isInBootloader: boolean;
  /** R200: after this long the rounds are used up. */
  roundsMs: number;
  /** Counted up by `reboot`. */
  reboots: number;
  /** Commands and settings that came, as `27`, oldest first; bounded. */
  heard: string[];
}

/** Commands that are remembered. */
const heardMax = 1_000;

export function readerState(): ReaderState {
  return {
    region: "CN",
    regions: ["CN", "EU", "US", "KR"],
    powerDbm: 20,
    powerMaxDbm: 30,
    antennas: [1],
    temperatureCel: 35,
    isThrottled: false,
    isRealtime: false,
    isInBootloader: false,
    roundsMs: 20_000,
    reboots: 0,
    heard: [],
  };
}

export function noteHeard(state: ReaderState, command: string): void {
  state.heard.push(command);
  if (state.heard.length > heardMax) state.heard.shift();
}

/** One connection of a simulated reader. */
export interface ReaderSide {
  hear(frame: Uint8Array): void;
  /** Some milliseconds have passed. */
  pass(elapsedMs: number): void;
}

const tickMs = 20;

export function simulatedDevice(
  createFramer: () => Framer,
  createSide: (send: (bytes: Uint8Array) => void) => ReaderSide,
): SimulatedDevice {
  return {
    attach: (wire: Duplex) => {
      const framer = createFramer();
      const side = createSide((bytes) => {
        if (bytes.length > 0 && wire.writable) wire.write(bytes);
      });
      wire.on("data", (chunk: Uint8Array) => {
        for (const piece of framer.push(chunk)) if (piece.ok) side.hear(piece.bytes);
      });
      let lastMs = performance.now();
      const timer = setInterval(() => {
        const nowMs = performance.now();
        side.pass(nowMs - lastMs);
        lastMs = nowMs;
      }, tickMs);
      return { [Symbol.dispose]: () => clearInterval(timer) };
    },
  };
}

/** Whole sightings of a rate over time; the rest of one is carried on. */
export class ReadClock {
  #rest = 0;

  /** At most one second's worth, as a reader does not catch up. */
  due(elapsedMs: number, perSecond: number): number {
    this.#rest += (Math.min(elapsedMs, 1_000) * perSecond) / 1_000;
    const count = Math.floor(this.#rest);
    this.#rest -= count;
    return count;
  }
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
