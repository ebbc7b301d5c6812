import { Duplex } from "node:stream";
import type { Clock } from "../../drivers/contract.ts";
import { HeaderReader } from "./fixed-header.ts";
import { connectBytesMax } from "./limits.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** CONNECT. [MQTT-3.1] */
const connectType = 1;

/** A packet costs one token, or one for each KiB of it. */
const bytesPerToken = 1_024;

export type GuardReason =
  | "not-mqtt"
  | "malformed-length"
  | "packet-too-large"
  | "backlog-full"
  | "connect-timeout"
  | "too-many-connecting";

/** The guard closed a connection. */
export class GuardError extends Error {
  override readonly name = "GuardError";
  readonly reason: GuardReason;
  constructor(reason: GuardReason) {
    super(`connection closed by the guard: ${reason}`);
    this.reason = reason;
  }
}

export interface GuardOptions {
  readonly packetBytesMax: number;
  readonly backlogBytesMax: number;
  readonly clock: Clock;
  /** Both are charged for each packet; the longer wait counts. */
  readonly buckets: readonly TokenBucket[];
  /** Where the peer is, for logs and for the rule that only this machine may read without a user. */
  readonly address: string;
}

type Stage = "connecting" | "authenticating" | "open" | "paced";

/**
 * One MQTT connection between the socket and aedes, which buffers packets of any announced size, before the login
 * too, and queues without bound for a slow subscriber. Only CONNECT passes until `admit()`.
 */
export class GuardedConnection extends Duplex {
  readonly address: string;
  readonly #socket: Duplex;
  readonly #options: GuardOptions;
  readonly #reader = new HeaderReader();
  readonly #closing = new AbortController();
  #stage: Stage = "connecting";
  #connectSeen = false;
  #held: Buffer | undefined;
  #full = false;

  constructor(socket: Duplex, options: GuardOptions) {
    // write() never answers false before the limit: aedes would hold back every publisher for one slow subscriber.
    super({ allowHalfOpen: false, writableHighWaterMark: options.backlogBytesMax + 1 });
    this.address = options.address;
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (bytes: Buffer) => this.#take(bytes));
    socket.on("end", () => this.push(null));
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
  }

  /** The login was accepted: the rest of the stream may pass. Emits `admitted`. */
  admit(): void {
    if (this.#stage !== "authenticating") return;
    this.#stage = "open";
    this.emit("admitted");
    this.#goOn();
  }

  refuse(reason: GuardReason): void {
    this.destroy(new GuardError(reason));
  }

  override write(
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error: Error | null | undefined) => void),
    callback?: (error: Error | null | undefined) => void,
  ): boolean {
    const bytes = typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.length;
    if (this.writableLength + bytes > this.#options.backlogBytesMax) {
      this.refuse("backlog-full");
      return false;
    }
    return typeof encoding === "string"
      ? super.write(chunk, encoding, callback)
      : super.write(chunk, encoding ?? callback);
  }

  override _write(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: (error?: Error | null) => void,
  ): void {
    this.#socket.write(chunk, callback);
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    callback: (error?: Error | null) => void,
  ): void {
    this.#socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), callback);
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#socket.end(callback);
  }

  override _read(): void {
    this.#full = false;
    this.#readOn();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#closing.abort();
    this.#held = undefined;
    this.#socket.destroy();
    callback(error);
  }

  get #reading(): boolean {
    return this.#stage === "connecting" || this.#stage === "open";
  }

  #take(bytes: Buffer): void {
    if (this.#reading) this.#forward(bytes);
    else this.#hold(bytes);
  }

  /** Passes on what the stage allows and holds the rest, which is about one read of the socket. */
  #forward(bytes: Buffer): void {
    const end = this.#scan(bytes);
    if (typeof end === "string") {
      this.refuse(end);
      return;
    }
    this.#pass(bytes.subarray(0, end));
    if (!this.#reading) this.#hold(bytes.subarray(end));
  }

  /** How many of the bytes may pass now, or why the connection must end. */
  #scan(bytes: Buffer): number | GuardReason {
    let offset = 0;
    for (;;) {
      offset = this.#reader.skipBody(bytes, offset);
      if (this.#connectSeen && this.#stage === "connecting" && this.#reader.bodyLeft === 0) {
        this.#stage = "authenticating";
        return offset;
      }
      const step = this.#reader.readHeader(bytes, offset);
      if (step.is === "more") return bytes.length;
      if (step.is === "malformed") return "malformed-length";
      const problem = this.#problemOf(step.type, step.length);
      if (problem !== undefined) return problem;
      offset = step.offset;
      if (this.#stage === "connecting") this.#connectSeen = true;
      else if (this.#pace(step.length)) return offset;
    }
  }

  #problemOf(type: number, length: number): GuardReason | undefined {
    const { packetBytesMax } = this.#options;
    if (this.#stage !== "connecting") {
      return length > packetBytesMax ? "packet-too-large" : undefined;
    }
    if (type !== connectType) return "not-mqtt";
    return length > Math.min(connectBytesMax, packetBytesMax) ? "packet-too-large" : undefined;
  }

  /** Charges a packet. True: reading stops until the rate is met. */
  #pace(length: number): boolean {
    const { buckets, clock } = this.#options;
    const cost = Math.max(1, length / bytesPerToken);
    const now = clock.monotonicMs();
    const waitMs = Math.max(0, ...buckets.map((bucket) => bucket.take(cost, now)));
    if (waitMs === 0) return false;
    this.#stage = "paced";
    clock.sleep(waitMs, this.#closing.signal).then(
      () => {
        this.#stage = "open";
        this.#goOn();
      },
      () => undefined,
    );
    return true;
  }

  #hold(bytes: Buffer): void {
    this.#socket.pause();
    if (bytes.length === 0) return;
    this.#held = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
  }

  #pass(bytes: Buffer): void {
    if (bytes.length === 0 || this.push(bytes)) return;
    this.#full = true;
    this.#socket.pause();
  }

  #goOn(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#forward(held);
    this.#readOn();
  }

  #readOn(): void {
    if (this.#reading && this.#held === undefined && !this.#full) this.#socket.resume();
  }
}
