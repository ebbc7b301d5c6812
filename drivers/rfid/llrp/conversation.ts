import type { Clock, Log, MonotonicMs } from "../../contract.ts";
import { RackwatchError } from "../../errors.ts";
import type { FramedWire } from "../../framing/framed-wire.ts";
import { message } from "./encode.ts";
import { type Message, readMessage } from "./message.ts";
import { statusOf, statusText } from "./status.ts";

/** Readers answer within a second; with a full report queue before the answer it may be more. */
const answerMs = 10_000;

/** Reports that come while an answer is awaited: two seconds at 500 messages/s. Beyond it the oldest go. */
export const asideMax = 1_024;

/** Bytes without a message between them after which the stream makes no sense any more. */
const noiseBytesMax = 65_536;

/** Commands and their answers over one wire; everything else that comes is kept for `next`. */
export class Conversation {
  readonly #wire: FramedWire;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly where: string;
  #aside: Message[] = [];
  #nextId = 1;
  #noiseBytes = 0;
  #heardMs: MonotonicMs;

  constructor(wire: FramedWire, clock: Clock, log: Log, where: string) {
    this.#wire = wire;
    this.#clock = clock;
    this.#log = log;
    this.where = where;
    this.#heardMs = clock.monotonicMs();
  }

  /** When the last whole message came: halves of messages are no sign of life. */
  get heardMs(): MonotonicMs {
    return this.#heardMs;
  }

  /** Sends without awaiting an answer. @throws RackwatchError `driver/connection-lost`. */
  async send(name: string, ...body: readonly Uint8Array[]): Promise<number> {
    const id = this.#nextId;
    this.#nextId = (this.#nextId % 0x7fff_ffff) + 1;
    await this.#wire.write(message(name, id, ...body));
    return id;
  }

  /**
   * Sends a command and returns its answer when the reader agreed.
   * @throws RackwatchError `driver/refused`, `driver/timeout`, `driver/connection-lost`; the signal's reason.
   */
  async ask(signal: AbortSignal, name: string, ...body: readonly Uint8Array[]): Promise<Message> {
    const id = await this.send(name, ...body);
    const answer = await this.until(
      (candidate) =>
        candidate.id === id &&
        (candidate.name === `${name}_RESPONSE` || candidate.name === "ERROR_MESSAGE"),
      answerMs,
      signal,
    );
    if (answer === undefined)
      throw new RackwatchError("driver/timeout", `The reader does not answer ${name}`, {
        where: this.where,
        todo: "Restart the reader, and check that it speaks LLRP 1.0.1 or 1.1",
      });
    const status = statusOf(answer.parameters);
    if (status?.code === 0 && answer.name !== "ERROR_MESSAGE") return answer;
    const words = status === undefined ? "no reason given" : statusText(status);
    throw new RackwatchError("driver/refused", `The reader refuses ${name}: ${words}`, {
      where: this.where,
      todo: "Check the antennas and the power in the configuration against the reader",
    });
  }

  /** The first message that fits; undefined after `timeoutMs`. What comes before it is kept for `next`. */
  async until(
    fits: (candidate: Message) => boolean,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Message | undefined> {
    const untilMs = this.#clock.monotonicMs() + timeoutMs;
    for (;;) {
      const restMs = untilMs - this.#clock.monotonicMs();
      if (restMs <= 0) return undefined;
      const messages = await this.#receive(restMs, signal);
      const at = messages.findIndex(fits);
      this.#keep(at === -1 ? messages : messages.toSpliced(at, 1));
      if (at !== -1) return messages[at];
    }
  }

  /** All messages that came and were not taken, at once or when something comes; empty after `timeoutMs`. */
  async next(timeoutMs: number, signal: AbortSignal): Promise<readonly Message[]> {
    if (this.#aside.length === 0) return this.#receive(timeoutMs, signal);
    const aside = this.#aside;
    this.#aside = [];
    return aside;
  }

  async #receive(timeoutMs: number, signal: AbortSignal): Promise<readonly Message[]> {
    const messages: Message[] = [];
    for (const piece of (await this.#wire.next(timeoutMs, signal)) ?? []) {
      const read = piece.ok ? readMessage(piece.bytes) : piece.reason;
      if (typeof read === "string") this.#noteNoise(piece.bytes.length, read);
      else messages.push(read);
    }
    if (messages.length > 0) {
      this.#noiseBytes = 0;
      this.#heardMs = this.#clock.monotonicMs();
    }
    // The answer is due at once: readers cut the connection when it is missing.
    if (messages.some(({ name }) => name === "KEEPALIVE")) await this.send("KEEPALIVE_ACK");
    return messages;
  }

  #keep(messages: readonly Message[]): void {
    this.#aside.push(...messages);
    if (this.#aside.length > asideMax) this.#aside = this.#aside.slice(-asideMax);
  }

  #noteNoise(bytes: number, reason: string): void {
    if (this.#noiseBytes === 0) this.#log.warn("llrp noise", { reason, bytes });
    this.#noiseBytes += bytes;
    if (this.#noiseBytes <= noiseBytesMax) return;
    throw new RackwatchError(
      "driver/connection-lost",
      `${this.#noiseBytes} bytes without an LLRP message between them: ${reason}`,
      { where: this.where, todo: "Check that the address and the port are those of the reader" },
    );
  }
}
