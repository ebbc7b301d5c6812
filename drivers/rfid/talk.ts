import type { Clock, MonotonicMs } from "../contract.ts";
import type { FramedWire } from "../framing/framed-wire.ts";

/** Frames that came while an answer was awaited and are read later: a second and a half at 700 reads/s. Beyond it the oldest go. */
const strayFramesMax = 1_024;

/** The reader gave no answer. It is no error of the port: the link says so and tries again. */
export class ReaderSilentError extends Error {
  override readonly name = "ReaderSilentError";
}

/** Questions and answers with a reader that also sends unasked. Only checked frames pass. */
export class Talk {
  readonly #wire: FramedWire;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #stray: Uint8Array[] = [];
  #heardMs: MonotonicMs;

  constructor(wire: FramedWire, clock: Clock, signal: AbortSignal) {
    this.#wire = wire;
    this.#clock = clock;
    this.#signal = signal;
    this.#heardMs = clock.monotonicMs();
  }

  /** When the last whole frame came. */
  get heardMs(): MonotonicMs {
    return this.#heardMs;
  }

  get nowMs(): MonotonicMs {
    return this.#clock.monotonicMs();
  }

  /** @throws RackwatchError `driver/connection-lost`. */
  async tell(request: Uint8Array): Promise<void> {
    await this.#wire.write(request);
  }

  /**
   * Sends, and waits for the frame of which `pick` makes something. Other frames are kept for `next`.
   * @throws ReaderSilentError when it does not come; RackwatchError `driver/connection-lost`.
   */
  async ask<T>(
    request: Uint8Array,
    pick: (frame: Uint8Array) => T | undefined,
    timeoutMs: number,
  ): Promise<T> {
    const answer = await this.try(request, pick, timeoutMs);
    if (answer === undefined) throw new ReaderSilentError("The reader gave no answer");
    return answer;
  }

  /** The same; undefined when no answer comes. */
  async try<T>(
    request: Uint8Array,
    pick: (frame: Uint8Array) => T | undefined,
    timeoutMs: number,
  ): Promise<T | undefined> {
    await this.#wire.write(request);
    const untilMs = this.nowMs + timeoutMs;
    for (;;) {
      const frames = await this.#read(untilMs - this.nowMs);
      if (frames === undefined) return undefined;
      let answer: T | undefined;
      for (const frame of frames) {
        const picked = answer === undefined ? pick(frame) : undefined;
        if (picked === undefined) this.#stray.push(frame);
        else answer = picked;
      }
      this.#stray = this.#stray.slice(-strayFramesMax);
      if (answer !== undefined) return answer;
    }
  }

  /** Whole frames that nobody read yet, as soon as there are any; undefined after `timeoutMs`. */
  async next(timeoutMs: number): Promise<readonly Uint8Array[] | undefined> {
    if (this.#stray.length > 0) {
      const stray = this.#stray;
      this.#stray = [];
      return stray;
    }
    const untilMs = this.nowMs + timeoutMs;
    for (;;) {
      const frames = await this.#read(untilMs - this.nowMs);
      if (frames === undefined || frames.length > 0) return frames;
    }
  }

  /** Drops what came until now. */
  async forget(): Promise<void> {
    this.#stray = [];
    await this.#wire.discard();
  }

  /** @throws the signal's reason. */
  async sleep(ms: number): Promise<void> {
    await this.#clock.sleep(ms, AbortSignal.any([this.#signal, this.#wire.lost]));
  }

  async #read(timeoutMs: number): Promise<readonly Uint8Array[] | undefined> {
    const batch = await this.#wire.next(Math.max(0, timeoutMs), this.#signal);
    if (batch === undefined) return undefined;
    const frames = batch.flatMap((piece) => (piece.ok ? [piece.bytes] : []));
    if (frames.length > 0) this.#heardMs = this.nowMs;
    return frames;
  }
}
