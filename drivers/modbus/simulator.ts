import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../connect.ts";
import type { SimulatedDevice } from "../simulation/listen.ts";
import { crc16, rtuBytesMax, withCrc } from "./frame.ts";
import { refuse, type SimulatedUnit, serve } from "./simulated-unit.ts";

/** What is wrong with a simulated unit. */
export type SimulatorFault =
  | { readonly kind: "silent" }
  /** Answers right, but only after `ms`. */
  | { readonly kind: "late"; readonly ms: number }
  | { readonly kind: "wrong-unit" }
  | { readonly kind: "wrong-function" }
  /** Sends only the first `bytes` of its answer. */
  | { readonly kind: "cut"; readonly bytes: number }
  /** Sends these bytes before its answer. */
  | { readonly kind: "noisy"; readonly before: Uint8Array }
  /** One bit of the data is flipped. */
  | { readonly kind: "bad-crc" }
  /** The adapter hears itself: the request comes back before the answer. */
  | { readonly kind: "echo" }
  | { readonly kind: "exception"; readonly code: number }
  /** Once, an answer that somebody asked for before (unit id, function, data) comes `gapMs` ahead of the right one. */
  | { readonly kind: "stale"; readonly before: Uint8Array; readonly gapMs: number }
  /** Closes the connection when asked. */
  | { readonly kind: "close" }
  /** Sends its answer in pieces of `bytes` with `gapMs` between them. */
  | { readonly kind: "slow"; readonly bytes: number; readonly gapMs: number };

export interface SimulatorOptions {
  /** A TCP address (default: a free port of 127.0.0.1), or one end of a serial line. */
  readonly listen?: { readonly host?: string; readonly port?: number } | { readonly path: string };
  /** Form of the frames on TCP (default `tcp`); a serial line always carries RTU. */
  readonly mode?: "tcp" | "rtu-over-tcp";
  /** By unit id. Their maps may be changed at any time. */
  readonly units: ReadonlyMap<number, SimulatedUnit>;
  /** Waits before each answer, for example as long as its bytes take on a wire. */
  readonly pace?: (requestBytes: number, answerBytes: number) => Promise<void>;
}

export interface ModbusSimulator extends AsyncDisposable {
  /** As it stands in `port:` of a channel; for a serial line the simulator's own end. */
  readonly address: string;
  readonly units: ReadonlyMap<number, SimulatedUnit>;
  /** By unit id; none, or deleted: the unit is well. */
  readonly faults: Map<number, SimulatorFault>;
  /** Requests in the order in which they came: unit, function, first address, count or value. */
  readonly requests: readonly (readonly [number, number, number, number])[];
  /** How often somebody connected so far; once on a serial line. */
  connections(): number;
  stop(): Promise<void>;
}

/** Requests that are remembered; older ones are forgotten so that a demo can run for weeks. */
const requestsMax = 10_000;

/** Starts Modbus devices on a real socket or serial line, with faults that can be switched while they run. */
export async function startModbusSimulator(options: SimulatorOptions): Promise<ModbusSimulator> {
  const { units, listen = {} } = options;
  const faults = new Map<number, SimulatorFault>();
  const requests: (readonly [number, number, number, number])[] = [];
  let connected = 0;
  const connections = () => connected;
  const attach = (stream: Duplex, isRtu: boolean) => {
    connected += 1;
    return new Device(stream, isRtu, { ...options, faults, requests });
  };
  const wire =
    "path" in listen
      ? await listenSerial(listen.path, (stream) => attach(stream, true))
      : await listenTcp(listen, (stream) => attach(stream, options.mode === "rtu-over-tcp"));
  const { address, stop } = wire;
  return { address, units, faults, requests, connections, stop, [Symbol.asyncDispose]: stop };
}

/** The same devices for `listen`, whose faults are those of the wire. */
export function simulatedLine(options: Omit<SimulatorOptions, "listen">): SimulatedDevice {
  const parts = { ...options, faults: new Map<number, SimulatorFault>(), requests: [] };
  const isRtu = options.mode === "rtu-over-tcp";
  return {
    attach: (wire) => {
      const device = new Device(wire, isRtu, parts);
      return { [Symbol.dispose]: () => device.detach() };
    },
  };
}

interface Wire {
  readonly address: string;
  readonly stop: () => Promise<void>;
}

async function listenSerial(path: string, attach: (stream: Duplex) => void): Promise<Wire> {
  const address = `serial:${path}`;
  const connection = await connect(address, {}, new AbortController().signal);
  attach(connection.stream);
  return { address, stop: () => connection.close() };
}

async function listenTcp(
  { host = "127.0.0.1", port = 0 }: { readonly host?: string; readonly port?: number },
  attach: (stream: Duplex) => void,
): Promise<Wire> {
  const sockets = new Set<Duplex>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    attach(socket);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, resolve);
  });
  const bound = server.address();
  const boundPort = typeof bound === "object" && bound !== null ? bound.port : port;
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return { address: `tcp://${host}:${boundPort}`, stop };
}

interface DeviceParts extends SimulatorOptions {
  readonly faults: Map<number, SimulatorFault>;
  readonly requests: (readonly [number, number, number, number])[];
}

/** One connection: cuts requests out of the stream and answers them one after the other. */
class Device {
  readonly #stream: Duplex;
  readonly #isRtu: boolean;
  readonly #parts: DeviceParts;
  #buffer: Uint8Array = new Uint8Array(0);
  #answering: Promise<void> = Promise.resolve();

  constructor(stream: Duplex, isRtu: boolean, parts: DeviceParts) {
    this.#stream = stream;
    this.#isRtu = isRtu;
    this.#parts = parts;
    stream.on("data", (chunk: Uint8Array) => this.#receive(chunk));
  }

  /** Bytes that still come are nobody's. */
  detach(): void {
    this.#stream.removeAllListeners("data");
  }

  #receive(chunk: Uint8Array): void {
    this.#buffer = Uint8Array.from([...this.#buffer, ...chunk]).slice(-4 * rtuBytesMax);
    for (;;) {
      const taken = this.#isRtu ? takeRtu(this.#buffer) : takeTcp(this.#buffer);
      if (taken === undefined) return;
      this.#buffer = taken.rest;
      this.#answering = this.#answering.then(() => this.#answer(taken)).catch(() => undefined);
    }
  }

  async #answer({ body, header }: Taken): Promise<void> {
    const { units, faults, requests, pace } = this.#parts;
    const unitId = body[0] ?? 0;
    const unit = units.get(unitId);
    if (unit === undefined) return;
    const view = new DataView(body.buffer, body.byteOffset);
    requests.push([unitId, body[1] ?? 0, view.getUint16(2), view.getUint16(4)]);
    if (requests.length > requestsMax) requests.shift();
    const fault = faults.get(unitId);
    const right = Uint8Array.of(unitId, ...serve(unit, body.subarray(1)));
    await pace?.(body.length + 2, right.length + 2);
    await this.#send(right, body, header, fault);
  }

  async #send(
    right: Uint8Array,
    body: Uint8Array,
    header: Uint8Array,
    fault: SimulatorFault | undefined,
  ): Promise<void> {
    const write = (answer: Uint8Array) => this.#stream.write(this.#frame(answer, header));
    switch (fault?.kind) {
      case undefined:
        return void write(right);
      case "silent":
        return;
      case "late":
        await sleep(fault.ms);
        return void write(right);
      case "wrong-unit":
        return void write(Uint8Array.from(right, (byte, at) => (at === 0 ? byte + 1 : byte)));
      case "wrong-function":
        return void write(Uint8Array.from(right, (byte, at) => (at === 1 ? byte ^ 7 : byte)));
      case "cut":
        return void this.#stream.write(this.#frame(right, header).slice(0, fault.bytes));
      case "noisy":
        return void this.#stream.write(
          Uint8Array.from([...fault.before, ...this.#frame(right, header)]),
        );
      case "bad-crc":
        return void this.#stream.write(
          this.#frame(right, header).map((byte, at) => (at === 3 ? byte ^ 0x10 : byte)),
        );
      case "echo":
        return void this.#stream.write(
          Uint8Array.from([...this.#frame(body, header), ...this.#frame(right, header)]),
        );
      case "stale":
        this.#parts.faults.delete(body[0] ?? 0);
        write(fault.before);
        await sleep(fault.gapMs);
        return void write(right);
      case "exception":
        return void write(Uint8Array.of(body[0] ?? 0, ...refuse(body[1] ?? 0, fault.code)));
      case "close":
        return void this.#stream.destroy();
      case "slow":
        return this.#sendSlowly(this.#frame(right, header), fault);
    }
  }

  async #sendSlowly(
    bytes: Uint8Array,
    slow: Extract<SimulatorFault, { kind: "slow" }>,
  ): Promise<void> {
    for (let at = 0; at < bytes.length; at += slow.bytes) {
      this.#stream.write(bytes.slice(at, at + slow.bytes));
      await sleep(slow.gapMs);
    }
  }

  #frame(answer: Uint8Array, header: Uint8Array): Uint8Array {
    if (this.#isRtu) return withCrc(answer);
    return Uint8Array.of(
      ...header.subarray(0, 4),
      answer.length >> 8,
      answer.length & 0xff,
      ...answer,
    );
  }
}

interface Taken {
  /** Unit id, function and data. */
  readonly body: Uint8Array;
  readonly header: Uint8Array;
  readonly rest: Uint8Array;
}

function takeTcp(buffer: Uint8Array): Taken | undefined {
  if (buffer.length < 6) return undefined;
  const end = 6 + new DataView(buffer.buffer, buffer.byteOffset).getUint16(4);
  if (buffer.length < end) return undefined;
  return { body: buffer.slice(6, end), header: buffer.slice(0, 6), rest: buffer.slice(end) };
}

function takeRtu(buffer: Uint8Array): Taken | undefined {
  for (let start = 0; start + 8 <= buffer.length; start += 1) {
    const code = buffer[start + 1] ?? 0;
    const length = code === 15 || code === 16 ? 9 + (buffer[start + 6] ?? 0) : 8;
    const frame = buffer.slice(start, start + length);
    if (frame.length < length) continue;
    const crc = (frame.at(-2) ?? 0) | ((frame.at(-1) ?? 0) << 8);
    if (crc16(frame.subarray(0, -2)) !== crc) continue;
    return {
      body: frame.slice(0, -2),
      header: new Uint8Array(0),
      rest: buffer.slice(start + length),
    };
  }
  return undefined;
}
