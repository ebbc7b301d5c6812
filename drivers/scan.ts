import type { SerialSettings } from "./connect.ts";
import type { Clock, MonotonicMs } from "./contract.ts";
import type { Json } from "./protocol.ts";

/** A channel as it would stand in YAML, without its name. Templates are named, not merged. */
export interface SuggestedChannel {
  readonly driver: string;
  readonly devices: { readonly [id: string]: { readonly [key: string]: Json } };
  readonly [key: string]: Json;
}

/** One thing that answers, or is heard. */
export interface Finding {
  /** What it is and where, for people: `Modbus unit 3 at 9600 8N1`. */
  readonly title: string;
  /** Why it is believed to be that: what came, in words and values. */
  readonly evidence: string;
  /** Absent where it is not known well enough to be used. */
  readonly channel?: SuggestedChannel;
  /** What a person must add before the channel can be used: a key and what it may be. */
  readonly needs?: string;
}

/**
 * What a scan tells while it goes on. Each driver's scan looks for devices and changes nothing on them; it ends early,
 * without an error and with every port closed, when its signal is aborted.
 */
export type ScanEvent =
  | {
      readonly is: "progress";
      /** Steps of `total`; steps are of about one length. */
      readonly done: number;
      readonly total: number;
      readonly leftMs: number;
      /** What is being looked at: `9600 8N1 unit 12`. */
      readonly now: string;
    }
  | ({ readonly is: "found" } & Finding);

/** Time that is left, from the time that was needed so far. */
export class Progress {
  readonly #clock: Clock;
  readonly #total: number;
  readonly #stepMs: number;
  readonly #startMs: MonotonicMs;
  #done = 0;

  /** `stepMs`: how long a step takes at most; what counts before there is any experience. */
  constructor(clock: Clock, total: number, stepMs: number) {
    this.#clock = clock;
    this.#total = total;
    this.#stepMs = stepMs;
    this.#startMs = clock.monotonicMs();
  }

  /** The state before the next step. */
  at(now: string): ScanEvent {
    const elapsedMs = this.#clock.monotonicMs() - this.#startMs;
    const eachMs = this.#done === 0 ? this.#stepMs : elapsedMs / this.#done;
    const leftMs = Math.round(eachMs * (this.#total - this.#done));
    return { is: "progress", done: this.#done, total: this.#total, leftMs, now };
  }

  step(): void {
    this.#done = Math.min(this.#total, this.#done + 1);
  }
}

const baudRateMin = 300;
const baudRateMax = 4_000_000;

/** `9600 8N1`, as technicians write it. */
export function lineText({ baudRate, dataBits, parity, stopBits }: SerialSettings): string {
  return `${baudRate} ${dataBits}${parity.charAt(0).toUpperCase()}${stopBits}`;
}

/** What of some settings a channel must say, given what it has when it says nothing. */
export function linePart(line: SerialSettings, usual: SerialSettings): { [key: string]: Json } {
  const { baudRate, dataBits, parity, stopBits } = line;
  return {
    ...(baudRate === usual.baudRate ? {} : { baudRate }),
    ...(dataBits === usual.dataBits ? {} : { dataBits }),
    ...(parity === usual.parity ? {} : { parity }),
    ...(stopBits === usual.stopBits ? {} : { stopBits }),
  };
}

/** Passes events on; an abort of the signal is an early end in place of an error. */
export async function* untilAborted(
  events: AsyncIterable<ScanEvent>,
  signal: AbortSignal,
): AsyncGenerator<ScanEvent, void, undefined> {
  try {
    for await (const event of events) {
      yield event;
      if (signal.aborted) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** `9600`, `9600-8E1`: settings of a serial line as a person writes them; undefined when it is none. */
export function parseLineSettings(text: string): Partial<SerialSettings> | undefined {
  const match = /^(\d{3,7})(?:[\s-]?([78])([NEO])([12]))?$/i.exec(text.trim());
  if (match === null) return undefined;
  const [, speed, data, letter = "", stop] = match;
  const baudRate = Number(speed);
  if (baudRate < baudRateMin || baudRate > baudRateMax) return undefined;
  const parity = ({ N: "none", E: "even", O: "odd" } as const)[letter.toUpperCase()];
  if (parity === undefined) return { baudRate };
  return { baudRate, parity, dataBits: data === "7" ? 7 : 8, stopBits: stop === "2" ? 2 : 1 };
}
