import type { Clock, Log, MonotonicMs } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { FramedWire } from "../framing/framed-wire.ts";
import type { Framed } from "../framing/framer.ts";
import { Bell } from "./bell.ts";
import type {
  ScaleCommand,
  ScaleMessage,
  ScaleProtocol,
  ScaleProtocolOptions,
  ScaleReading,
  ScaleReply,
} from "./protocol.ts";

/** Commands that wait for their turn: more than people press buttons. Beyond it a command is refused. */
export const turnsMax = 8;

/** Longest rest after timeouts in a row, in timeouts: a scale that is slower than that needs a longer timeout. */
const restTimeoutsMax = 4;

export interface ConversationParts {
  readonly wire: FramedWire;
  readonly protocol: ScaleProtocol;
  readonly options: ScaleProtocolOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** A weighing that nobody asked for: what a stream consists of. */
  readonly heard: (reading: ScaleReading) => void;
}

type Accepts<T> = (message: ScaleMessage) => T | undefined;

/**
 * What is said on one wire. One question is under way at a time, and after one that was not answered in time there is
 * a rest of at least as long: the answers of most scales do not say which question they belong to.
 */
export class Conversation {
  readonly #parts: ConversationParts;
  readonly #signal: AbortSignal;
  readonly #bell = new Bell();
  #expected: ((message: ScaleMessage) => boolean) | undefined;
  #turns = 0;
  #last: Promise<unknown> = Promise.resolve();
  #silences = 0;
  #restUntilMs: MonotonicMs = Number.NEGATIVE_INFINITY;
  #readingMs: MonotonicMs;
  #noticeMs: MonotonicMs = Number.NEGATIVE_INFINITY;
  #foreignMs: MonotonicMs = Number.NEGATIVE_INFINITY;
  #noise = { ms: Number.NEGATIVE_INFINITY, reason: "" };

  /** `signal` ends every wait. */
  constructor(parts: ConversationParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
    this.#readingMs = parts.clock.monotonicMs();
  }

  /** When the last weighing came; the time of construction before the first. */
  get readingMs(): MonotonicMs {
    return this.#readingMs;
  }

  /** When the scale last said something that is neither weighing nor answer, as after power-up. */
  get noticeMs(): MonotonicMs {
    return this.#noticeMs;
  }

  /** How long no question may be asked. */
  get restMs(): number {
    return Math.max(0, this.#restUntilMs - this.#parts.clock.monotonicMs());
  }

  /** Hears all that is said, until the signal is aborted or the wire is lost. */
  async listen(): Promise<void> {
    const { wire } = this.#parts;
    try {
      for await (const batch of wire.frames(this.#signal)) {
        for (const framed of batch) this.#hear(framed);
      }
    } catch (error) {
      if (!wire.lost.aborted) throw error;
    }
  }

  /** Says something that is not answered. @throws RackwatchError `driver/connection-lost`. */
  async tell(command: ScaleCommand): Promise<void> {
    const bytes = this.#parts.protocol.command(command);
    if (bytes !== undefined) await this.#parts.wire.write(bytes);
  }

  /** Throws away what is on its way; after `ms` of it the wire is taken to be quiet. */
  async quieten(ms: number): Promise<void> {
    await this.tell("stop");
    await new Bell().wait(ms, this.#parts.clock, this.#signal);
    await this.#parts.wire.discard();
  }

  /**
   * Asks for one weighing; undefined when none came in time.
   * @throws RackwatchError `driver/connection-lost`.
   */
  async ask(command: "poll" | "stable", timeoutMs: number): Promise<ScaleReading | undefined> {
    return this.#inTurn(async () => {
      await this.#parts.wire.discard();
      return this.#exchange(command, timeoutMs, (message) => weighingOf(message));
    });
  }

  /**
   * Zero, tare, clear-tare. A language without answers to them confirms nothing: that is taken for a yes.
   * @throws RackwatchError `driver/timeout`, `driver/unavailable`, `driver/connection-lost`.
   */
  async order(command: ScaleCommand, timeoutMs: number): Promise<ScaleReply> {
    const confirmed = { kind: "reply", command, ok: true } as const;
    if (this.#parts.protocol.answer(command, true) === undefined) {
      await this.tell(command);
      return confirmed;
    }
    const reply = await this.#inTurn(async () => {
      await new Bell().wait(this.restMs, this.#parts.clock, this.#signal);
      return this.#exchange(command, timeoutMs, (message) => replyOf(message, command));
    });
    if (reply !== undefined) return reply;
    this.#parts.wire.lost.throwIfAborted();
    if (this.#signal.aborted)
      throw new RackwatchError("driver/unavailable", "The channel was closed meanwhile");
    throw new RackwatchError("driver/timeout", "The scale did not answer the command", {
      todo: "Look at the scale whether the command had its effect, then check its cable",
    });
  }

  /** Why no weighing came since then. */
  problem(sinceMs: MonotonicMs): string {
    if (this.#foreignMs >= sinceMs && this.#foreignMs >= this.#noise.ms) return "not-understood";
    if (this.#noise.ms >= sinceMs) return this.#noise.reason;
    return this.#parts.wire.receivedMs >= sinceMs ? "bad-frame" : "timeout";
  }

  #hear(framed: Framed): void {
    const { protocol, options, clock, log, heard } = this.#parts;
    const nowMs = clock.monotonicMs();
    if (!framed.ok) {
      const reason = framed.reason === "checksum" ? framed.reason : "bad-frame";
      this.#noise = { ms: nowMs, reason };
      return;
    }
    const message = protocol.parse(framed.bytes, options);
    if (message.kind === "bad") this.#foreignMs = nowMs;
    if (message.kind === "reading") this.#readingMs = nowMs;
    if (message.kind === "notice") {
      this.#noticeMs = nowMs;
      log.debug("scale said", { text: message.text });
    }
    if (this.#expected?.(message) === true) return;
    if (message.kind === "reading") heard(message);
  }

  async #exchange<T>(
    command: ScaleCommand,
    timeoutMs: number,
    accepts: Accepts<T>,
  ): Promise<T | undefined> {
    const { clock } = this.#parts;
    let answer: T | undefined;
    this.#expected = (message) => {
      if (answer !== undefined) return false;
      answer = accepts(message);
      if (answer !== undefined) this.#bell.ring();
      return answer !== undefined;
    };
    try {
      await this.tell(command);
      await this.#bell.wait(timeoutMs, clock, this.#signal);
    } finally {
      this.#expected = undefined;
    }
    this.#silences = answer === undefined ? this.#silences + 1 : 0;
    const timeouts = Math.min(restTimeoutsMax, 2 ** (this.#silences - 1));
    if (answer === undefined) this.#restUntilMs = clock.monotonicMs() + timeouts * timeoutMs;
    return answer;
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#turns >= turnsMax)
      throw new RackwatchError("driver/unavailable", "Too many commands wait for the scale", {
        todo: "Wait until the scale has done what it was told",
      });
    this.#turns += 1;
    const done = this.#last.then(work).finally(() => {
      this.#turns -= 1;
    });
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** Some scales answer a request that they cannot fulfil in the way of a command. */
function weighingOf(message: ScaleMessage): ScaleReading | undefined {
  if (message.kind === "reading") return message;
  if (message.kind !== "reply" || message.ok || isOther(message.command)) return undefined;
  const { reason } = message;
  return { kind: "reading", status: "error", ...(reason === undefined ? {} : { code: reason }) };
}

function isOther(command: ScaleReply["command"]): boolean {
  return command === "zero" || command === "tare" || command === "clear-tare";
}

/** A scale that does not know a command says so with an error that names no command. */
function replyOf(message: ScaleMessage, command: ScaleCommand): ScaleReply | undefined {
  if (message.kind === "reply")
    return message.command === command || (message.command === "other" && !message.ok)
      ? message
      : undefined;
  if (message.kind !== "reading" || message.status !== "error") return undefined;
  return { kind: "reply", command, ok: false, reason: message.code ?? "error" };
}
