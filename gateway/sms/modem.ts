import type { Connection } from "../../drivers/connect.ts";
import type { Clock } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type Answer, AnswerCollector, type Step } from "./answer.ts";
import type { Dialogue } from "./dialogue.ts";
import { LineReader, type Piece } from "./reader.ts";

/** An open modem: one exchange at a time. What comes between two exchanges is unsolicited, and nobody's. */
export class Modem implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #clock: Clock;
  readonly #reader = new LineReader();
  readonly #lost = new AbortController();
  #listener: ((piece: Piece) => void) | undefined;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    const { stream } = connection;
    const gone = () => this.#lost.abort();
    stream.on("data", (chunk: Uint8Array) => {
      for (const piece of this.#reader.push(chunk)) this.#listener?.(piece);
    });
    stream.on("error", gone);
    stream.on("close", gone);
    stream.on("end", gone);
    if (stream.destroyed) gone();
  }

  /** Leads a dialogue to its end. @throws RackwatchError `driver/connection-lost`; the signal's reason. */
  async talk<Result>(dialogue: Dialogue<Result>, signal: AbortSignal): Promise<Result> {
    let turn = dialogue.next();
    while (turn.done !== true) turn = dialogue.next(await this.#exchange(turn.value, signal));
    return turn.value;
  }

  /** Aborted when the port is gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** @throws RackwatchError `driver/connection-lost` when the port is gone. */
  throwIfLost(): void {
    if (!this.#lost.signal.aborted) return;
    throw new RackwatchError("driver/connection-lost", "The modem's port is gone", {
      where: this.#connection.address,
      todo: "Check the modem's power and cable; it is opened again by itself",
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection.close();
  }

  async #exchange(step: Step, signal: AbortSignal): Promise<Answer> {
    if (this.#listener !== undefined) throw new Error("commands to a modem must not interleave");
    const collector = new AnswerCollector(step);
    const ended = new AbortController();
    let answer: Answer | undefined;
    this.#listener = (piece) => {
      answer ??= collector.take(piece);
      if (answer !== undefined) ended.abort();
    };
    try {
      this.throwIfLost();
      if (step.write !== "") this.#connection.stream.write(Buffer.from(step.write, "latin1"));
      const until = AbortSignal.any([ended.signal, this.#lost.signal, signal]);
      await this.#clock.sleep(step.timeoutMs, until).catch(() => undefined);
      if (answer !== undefined) return answer;
      signal.throwIfAborted();
      this.throwIfLost();
      return collector.timeout();
    } finally {
      this.#listener = undefined;
    }
  }
}
