import type { Duplex } from "node:stream";
import { listen, type SimulatedDevice, type Simulator } from "../../drivers/simulation/listen.ts";
import { askedBy, encodeReading } from "./frame.ts";

/** Longest beginning of a question that is remembered: a question has four bytes. */
const heardBytesMax = 64;

/** A line of thermometers. `temperatures` by unit and probe: `12` is probe 2 of unit 1; what is not there is no probe. */
class SimulatedThermometers implements SimulatedDevice {
  readonly #units: ReadonlySet<number>;
  readonly #temperatures: ReadonlyMap<string, number>;

  constructor(temperatures: Readonly<Record<string, number>>) {
    this.#temperatures = new Map(Object.entries(temperatures));
    this.#units = new Set(Object.keys(temperatures).map((key) => Number(key.charAt(0))));
  }

  attach(wire: Duplex): Disposable {
    let heard = "";
    const hear = (chunk: Uint8Array) => {
      heard = (heard + Buffer.from(chunk).toString("latin1")).slice(-heardBytesMax);
      const lines = heard.split("\r");
      heard = lines.pop() ?? "";
      for (const line of lines) this.#answer(line, wire);
    };
    wire.on("data", hear);
    return { [Symbol.dispose]: () => wire.off("data", hear) };
  }

  #answer(line: string, wire: Duplex): void {
    const asked = askedBy(line);
    if (asked === undefined || !this.#units.has(asked.unit) || !wire.writable) return;
    const celsius = this.#temperatures.get(`${asked.unit}${asked.probe}`);
    wire.write(encodeReading({ ...asked, ...(celsius === undefined ? {} : { celsius }) }));
  }
}

/** On a free port, or on what is given: `serial:/path`. @throws as `listen`. */
export function startThermometerSimulator(
  temperatures: Readonly<Record<string, number>>,
  address = "tcp://127.0.0.1:0",
): Promise<Simulator> {
  return listen(address, new SimulatedThermometers(temperatures));
}
