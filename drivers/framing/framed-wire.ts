import type { Connection } from "../connect.ts";
import type { Clock, MonotonicMs } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { Framed, Framer } from "./framer.ts";

/** Unread pieces that are held: six seconds of a reader at 700 reads/s. Beyond it the oldest go and are counted. */
export const framesMax = 4_096;

/** Unread bytes that are held, since a flood of noise comes in few but large pieces. Beyond it the oldest go. */
export const queueBytesMax = 1_048_576;

/** Bytes that wait for a device which takes none. Commands are short: at this much the connection counts as lost. */
export const backlogBytesMax = 65_536;

/** A day: timers of Node overflow at 24.8 days and then fire at once. */
const sleepMsMax = 86_400_000;

export interface FramedWireOptions {
  /** Silence after which a frame that has begun will not be completed. */
  readonly idleMs: number;
}

/**
 * One open connection, cut into frames. It does not close the connection: whoever opened it does. Silence is no loss:
 * how much of it is too much is for the driver's own watchdog on `receivedMs` to decide.
 */
export class FramedWire implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #framer: Framer;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #lost = new AbortController();
  readonly #disposed = new AbortController();
  readonly #waiting = new Set<() => void>();
  #queue: Framed[] = [];
  #queueBytes = 0;
  #isAwaitingIdle = false;
  #receivedMs: MonotonicMs;
  #noiseBytes = 0;
  #dropped = 0;

  constructor(connection: Connection, framer: Framer, clock: Clock, options: FramedWireOptions) {
    this.#connection = connection;
    this.#framer = framer;
    this.#clock = clock;
    this.#idleMs = options.idleMs;
    this.#receivedMs = clock.monotonicMs();
    const { stream } = connection;
    stream.on("data", this.#receive);
    stream.on("error", this.#onError);
    stream.on("close", this.#onClose);
    stream.on("end", this.#onEnd);
    if (stream.destroyed || stream.readableEnded) this.#onClose();
    // A wire that was disposed of before on the same connection has paused the stream.
    else stream.resume();
  }

  /** Aborted with a RackwatchError `driver/connection-lost` when the port or the peer is gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** When the last byte came; the time of construction before the first. */
  get receivedMs(): MonotonicMs {
    return this.#receivedMs;
  }

  /** Bytes so far that belong to no frame. */
  get noiseBytes(): number {
    return this.#noiseBytes;
  }

  /** Frames and pieces of noise so far that went unread because the queue was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Everything that comes, in its order; ends when the signal is aborted.
   * @throws RackwatchError `driver/connection-lost` after what came before the loss.
   */
  async *frames(signal: AbortSignal): AsyncGenerator<readonly Framed[], void, undefined> {
    while (!signal.aborted) {
      let batch: readonly Framed[] | undefined;
      try {
        batch = await this.next(sleepMsMax, signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      if (batch !== undefined) yield batch;
    }
  }

  /**
   * All that came and was not read, at once or as soon as something comes; undefined after `timeoutMs`.
   * @throws RackwatchError `driver/connection-lost` after what came before the loss; the signal's reason.
   */
  async next(timeoutMs: number, signal: AbortSignal): Promise<readonly Framed[] | undefined> {
    const untilMs = this.#clock.monotonicMs() + timeoutMs;
    for (;;) {
      signal.throwIfAborted();
      if (this.#queue.length > 0) return this.#take();
      this.#lost.signal.throwIfAborted();
      const restMs = untilMs - this.#clock.monotonicMs();
      if (restMs <= 0) return undefined;
      await this.#wait(Math.min(Math.ceil(restMs), sleepMsMax), signal);
    }
  }

  /**
   * Resolves when the bytes are on their way, which tells nothing about the device.
   * @throws RackwatchError `driver/connection-lost`.
   */
  async write(bytes: Uint8Array): Promise<void> {
    this.#lost.signal.throwIfAborted();
    const { stream } = this.#connection;
    if (stream.writableLength + bytes.length > backlogBytesMax)
      this.#lose("The device takes no more data");
    else stream.write(bytes);
    this.#lost.signal.throwIfAborted();
  }

  /** Drops what was received and not read, a frame that has begun included. */
  async discard(): Promise<void> {
    this.#framer.idle();
    this.#take();
    await this.#connection.discardInput();
    this.#framer.idle();
    this.#take();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { stream } = this.#connection;
    stream.off("data", this.#receive);
    stream.off("error", this.#onError);
    stream.off("close", this.#onClose);
    stream.off("end", this.#onEnd);
    stream.pause();
    this.#disposed.abort();
    this.#lose("The channel was closed");
  }

  readonly #receive = (chunk: Uint8Array): void => {
    this.#receivedMs = this.#clock.monotonicMs();
    this.#keep(this.#framer.push(chunk));
    if (!this.#isAwaitingIdle) void this.#awaitIdle();
  };

  readonly #onError = (error: Error): void => this.#lose("The connection broke", error);

  /** serialport ends with two `close`, the first of which may lack its cause: the first counts. */
  readonly #onClose = (cause?: unknown): void => {
    this.#lose("The connection was closed", cause instanceof Error ? cause : undefined);
  };

  readonly #onEnd = (): void => {
    this.#keep(this.#framer.idle());
    this.#lose("The device closed the connection");
  };

  /** One sleep at a time, however many chunks come. */
  async #awaitIdle(): Promise<void> {
    this.#isAwaitingIdle = true;
    try {
      for (;;) {
        const restMs = this.#receivedMs + this.#idleMs - this.#clock.monotonicMs();
        if (restMs <= 0) break;
        await this.#clock.sleep(Math.ceil(restMs), this.#disposed.signal);
      }
      this.#keep(this.#framer.idle());
    } catch (error) {
      if (!this.#disposed.signal.aborted) throw error;
    } finally {
      this.#isAwaitingIdle = false;
    }
  }

  #keep(found: readonly Framed[]): void {
    if (found.length === 0) return;
    for (const piece of found) {
      this.#queue.push(piece);
      this.#queueBytes += piece.bytes.length;
      if (!piece.ok) this.#noiseBytes += piece.bytes.length;
    }
    this.#dropOldest();
    this.#wake();
  }

  #dropOldest(): void {
    let count = Math.max(0, this.#queue.length - framesMax);
    for (const piece of this.#queue.slice(0, count)) this.#queueBytes -= piece.bytes.length;
    while (this.#queueBytes > queueBytesMax && count < this.#queue.length - 1) {
      this.#queueBytes -= this.#queue[count]?.bytes.length ?? 0;
      count += 1;
    }
    if (count === 0) return;
    this.#queue = this.#queue.slice(count);
    this.#dropped += count;
  }

  #take(): readonly Framed[] {
    const taken = this.#queue;
    this.#queue = [];
    this.#queueBytes = 0;
    return taken;
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    const nap = new AbortController();
    const wake = () => nap.abort(nap);
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake, { once: true });
    try {
      await this.#clock.sleep(ms, nap.signal);
    } catch (error) {
      if (!nap.signal.aborted) throw error;
    } finally {
      this.#waiting.delete(wake);
      signal.removeEventListener("abort", wake);
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #lose(message: string, cause?: Error): void {
    if (this.#lost.signal.aborted) return;
    this.#lost.abort(
      new RackwatchError("driver/connection-lost", message, {
        where: this.#connection.address,
        todo: "Check the power and the cable of the device, and that no other program uses it",
        ...(cause === undefined ? {} : { cause }),
      }),
    );
    this.#wake();
  }
}
