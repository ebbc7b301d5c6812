import type { Duplex } from "node:stream";
import type { SimulatedDevice } from "../simulation/listen.ts";
import type { ScaleCommand, ScaleProtocol, ScaleReading } from "./protocol.ts";

/** What lies on a simulated scale, and how it behaves. Weights are in `unit`. */
export interface SimulatedLoad {
  /** Gross weight. */
  readonly weight: number;
  readonly unit: string;
  /** Whether the load moves. */
  readonly moving: boolean;
  readonly tare: number;
  /** In place of a weight: overload, underload, zero-error, not-ready, error. */
  readonly status: ScaleReading["status"];
  readonly code?: string;
  /** The scale refuses zero and tare. */
  readonly isLocked: boolean;
}

/** A command is a few characters; what is longer and makes no sense is forgotten from its beginning. */
const heardBytesMax = 256;

/** The scale's side of a wire in any of the languages. Several hosts may be attached at once. */
export class SimulatedScale implements SimulatedDevice {
  readonly #protocol: ScaleProtocol;
  readonly #streamEveryMs: number;
  #load: SimulatedLoad;

  /** `everyMs`: time between two weighings while it streams. */
  constructor(protocol: ScaleProtocol, load: Partial<SimulatedLoad> = {}, everyMs = 100) {
    this.#protocol = protocol;
    this.#streamEveryMs = everyMs;
    this.#load = {
      ...{ weight: 0, unit: "kg", moving: false, tare: 0, status: "ok", isLocked: false },
      ...load,
    };
  }

  get load(): SimulatedLoad {
    return this.#load;
  }

  /** Puts something else on it, or changes how it behaves. */
  set(change: Partial<SimulatedLoad>): void {
    this.#load = { ...this.#load, ...change };
  }

  /** What it says now. */
  reading(): ScaleReading {
    const { weight, unit, moving, tare, status, code } = this.#load;
    if (status !== "ok" && status !== "unstable")
      return { kind: "reading", status, unit, ...(code === undefined ? {} : { code }) };
    return {
      kind: "reading",
      status: moving ? "unstable" : "ok",
      // Shown digits: what is subtracted in binary would be no number of the scale.
      weight: Number((weight - tare).toPrecision(9)),
      unit,
      stable: !moving,
      net: tare !== 0,
      tare,
    };
  }

  attach(wire: Duplex): Disposable {
    const host = new AttachedHost(this, this.#protocol, this.#streamEveryMs, wire);
    wire.on("data", (chunk: Uint8Array) => host.hear(chunk));
    // Without a command for it, a scale whose first way is to stream does so from its switch.
    const isTalker = this.#protocol.command("stream") === undefined;
    if (this.#protocol.modes[0] === "stream" && isTalker) host.obey("stream");
    return host;
  }

  /** The effect of zero, tare and clear-tare; false: refused. */
  obey(command: ScaleCommand): boolean {
    const { weight, moving, status, isLocked } = this.#load;
    if (isLocked || moving || (status !== "ok" && status !== "unstable")) return false;
    if (command === "zero") this.set({ weight: 0, tare: 0 });
    if (command === "tare") this.set({ tare: weight });
    if (command === "clear-tare") this.set({ tare: 0 });
    return true;
  }
}

class AttachedHost implements Disposable {
  readonly #scale: SimulatedScale;
  readonly #protocol: ScaleProtocol;
  readonly #everyMs: number;
  readonly #wire: Duplex;
  #heard: Uint8Array = new Uint8Array(0);
  #timer: NodeJS.Timeout | undefined;

  constructor(scale: SimulatedScale, protocol: ScaleProtocol, everyMs: number, wire: Duplex) {
    this.#scale = scale;
    this.#protocol = protocol;
    this.#everyMs = everyMs;
    this.#wire = wire;
  }

  hear(chunk: Uint8Array): void {
    this.#heard = Uint8Array.from([...this.#heard, ...chunk]).slice(-heardBytesMax);
    for (let at = 0; at < this.#heard.length; ) {
      const found = this.#protocol.hear(this.#heard.subarray(at));
      if (found === undefined) {
        at += 1;
        continue;
      }
      this.#heard = this.#heard.slice(at + found.length);
      at = 0;
      this.obey(found.command);
    }
  }

  obey(command: ScaleCommand): void {
    switch (command) {
      case "stream":
        this.#stop();
        this.#timer = setInterval(() => this.#weigh(), this.#everyMs);
        return;
      case "stop":
        this.#stop();
        return;
      case "poll":
        this.#stop();
        this.#weigh();
        return;
      case "stable":
        this.#stop();
        this.#whenStable();
        return;
      case "zero":
      case "tare":
      case "clear-tare":
        this.#say(this.#protocol.answer(command, this.#scale.obey(command)));
    }
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  #weigh(): void {
    this.#say(this.#protocol.encode(this.#scale.reading()));
  }

  #whenStable(): void {
    if (!this.#scale.load.moving) {
      this.#weigh();
      return;
    }
    this.#timer = setInterval(() => {
      if (this.#scale.load.moving) return;
      this.#stop();
      this.#weigh();
    }, this.#everyMs);
  }

  #say(bytes: Uint8Array | undefined): void {
    if (bytes !== undefined && this.#wire.writable) this.#wire.write(bytes);
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
