import { EventEmitter } from "node:events";
import type { Connection } from "../connect.ts";
import type { MonotonicMs } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { Fault, Framer } from "./frame.ts";

/**
 * The port that modbus-serial writes requests to and gets answers from (docs/decisions/0010-modbus-port.md says why
 * none of its own). It hands on nothing but the whole, checked answer to the last request. Being an EventEmitter is
 * the library's demand.
 */
export class FramedPort extends EventEmitter {
  // modbus-serial keeps its transactions under these two; with one request in flight they never change.
  readonly _transactionIdRead = 1;
  readonly _transactionIdWrite = 1;
  readonly #connection: Connection;
  readonly #framer: Framer;
  readonly #monotonicMs: () => MonotonicMs;
  readonly #lost = new AbortController();
  #isWaiting = false;
  #receivedMs: MonotonicMs = Number.NEGATIVE_INFINITY;

  constructor(connection: Connection, framer: Framer, monotonicMs: () => MonotonicMs) {
    super();
    this.#connection = connection;
    this.#framer = framer;
    this.#monotonicMs = monotonicMs;
    const { stream } = connection;
    stream.on("data", (chunk: Uint8Array) => this.#receive(chunk));
    stream.on("error", (error: Error) => this.lose("The connection broke", error));
    // serialport ends with two `close`, the first of which may lack its cause; the first counts here.
    stream.on("close", (error?: unknown) =>
      this.lose("The connection was closed", error instanceof Error ? error : undefined),
    );
    stream.on("end", () => this.lose("The device closed the connection"));
  }

  /** Aborted with a RackwatchError `driver/connection-lost` when the port is gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** When the last byte came. */
  get receivedMs(): MonotonicMs {
    return this.#receivedMs;
  }

  get isOpen(): boolean {
    return !this.#lost.signal.aborted;
  }

  /** What was wrong with the bytes that came since the last request; undefined when none came. */
  fault(): Fault | undefined {
    return this.#framer.fault();
  }

  /** Ends the wait for an answer and throws away what the kernel holds. */
  async discard(): Promise<void> {
    this.#isWaiting = false;
    await this.#connection.discardInput();
  }

  /** Called by modbus-serial with an RTU frame. */
  write(request: Uint8Array): void {
    this.#isWaiting = true;
    this.#connection.stream.write(this.#framer.expect(request));
  }

  /** Called by modbus-serial; the connection is open already. */
  open(done: (error?: Error) => void): void {
    done();
  }

  close(done?: () => void): void {
    this.destroy();
    done?.();
  }

  destroy(): void {
    this.lose("The channel was closed");
  }

  #receive(chunk: Uint8Array): void {
    this.#receivedMs = this.#monotonicMs();
    try {
      // Also when nothing is awaited: TCP frames must be followed to stay in step.
      const answer = this.#framer.push(chunk);
      if (answer === undefined || !this.#isWaiting) return;
      this.#isWaiting = false;
      this.emit("data", Buffer.from(answer));
    } catch (error) {
      this.lose("The device sends something that is not Modbus TCP", error);
    }
  }

  /** Ends the connection for whoever uses this port. */
  lose(message: string, cause?: unknown): void {
    if (this.#lost.signal.aborted) return;
    this.#isWaiting = false;
    this.#lost.abort(
      new RackwatchError("driver/connection-lost", message, {
        where: this.#connection.address,
        todo: "Check the power and the cable of the device, and that no other program uses it",
        ...(cause === undefined ? {} : { cause }),
      }),
    );
  }
}
