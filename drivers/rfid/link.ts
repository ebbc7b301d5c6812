import type { Connection } from "../connect.ts";
import type { DriverContext } from "../contract.ts";
import { FramedWire } from "../framing/framed-wire.ts";
import type { Framer } from "../framing/framer.ts";
import type { ReaderEvent, ReaderLink } from "./protocol.ts";
import { ReaderSilentError, Talk } from "./talk.ts";

/** First wait before a silent or unwilling reader is spoken to again; it doubles up to the second. */
const retryMsMin = 1_000;
const retryMsMax = 10_000;

/** A reader that does not confirm its stop must not hold up the closing of the channel. */
const stopMsMax = 500;

/** Silence after which a begun frame will not be completed: far above a pause of a USB adapter, far below a frame's time limit. */
const idleMs = 50;

/** Why a conversation ended: `again` at once (the module was restarted), `later` when what hinders it may have gone. */
export type Outcome = "again" | "later";

/** How one reader language runs an inventory. */
export interface Conversation {
  /** Sets the reader up, reads, and ends when it has to be set up again. @throws ReaderSilentError */
  run(talk: Talk): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined>;
  /** Tells the reader to stop. Bounded by the link. */
  stop(talk: Talk): Promise<void>;
}

/** How often a fault that lasts is told again, so that it is not taken for over. */
const faultEveryMs = 60_000;

/** Passes everything on, and tells `lasting` again each minute. */
export async function* reminding(
  talk: Talk,
  lasting: readonly ReaderEvent[],
  events: AsyncGenerator<readonly ReaderEvent[], Outcome, undefined>,
): AsyncGenerator<readonly ReaderEvent[], Outcome, undefined> {
  let toldMs = talk.nowMs;
  for (;;) {
    const step = await events.next();
    if (step.done === true) return step.value;
    const isDue = lasting.length > 0 && talk.nowMs - toldMs >= faultEveryMs;
    if (isDue) toldMs = talk.nowMs;
    yield isDue ? [...step.value, ...lasting] : step.value;
  }
}

/** A link over one connection that keeps the conversation going until it is closed. */
export function openLink(
  conversation: Conversation,
  framer: Framer,
  connection: Connection,
  context: DriverContext,
  signal: AbortSignal,
): ReaderLink {
  return new Link(
    conversation,
    new FramedWire(connection, framer, context.clock, { idleMs }),
    context,
    signal,
  );
}

class Link implements ReaderLink {
  readonly #conversation: Conversation;
  readonly #wire: FramedWire;
  readonly #context: DriverContext;
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();

  constructor(
    conversation: Conversation,
    wire: FramedWire,
    context: DriverContext,
    signal: AbortSignal,
  ) {
    this.#conversation = conversation;
    this.#wire = wire;
    this.#context = context;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
  }

  /** @throws RackwatchError `driver/connection-lost`. A silent reader is a `fault` with the reason `timeout`. */
  async *events(): AsyncGenerator<readonly ReaderEvent[], void, undefined> {
    let waitMs = retryMsMin;
    const talk = new Talk(this.#wire, this.#context.clock, this.#signal);
    while (!this.#signal.aborted) {
      let hasWorked = false;
      try {
        const conversation = this.#conversation.run(talk);
        for (;;) {
          const step = await conversation.next();
          if (step.done === true) {
            if (step.value === "later") await talk.sleep(waitMs);
            break;
          }
          hasWorked ||= step.value.some(({ is }) => is === "alive" || is === "read");
          yield step.value;
        }
      } catch (error) {
        if (this.#signal.aborted) return;
        this.#wire.lost.throwIfAborted();
        if (!(error instanceof ReaderSilentError)) throw error;
        yield [{ is: "fault", reason: "timeout" }];
        if (!(await this.#rest(talk, waitMs))) return;
      }
      waitMs = hasWorked ? retryMsMin : Math.min(2 * waitMs, retryMsMax);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    if (!this.#wire.lost.aborted) {
      const { clock } = this.#context;
      const limit = AbortSignal.timeout(stopMsMax);
      // Without a word from the reader either: the port is about to close.
      await this.#conversation.stop(new Talk(this.#wire, clock, limit)).catch(() => undefined);
    }
    await this.#wire[Symbol.asyncDispose]();
  }

  /** Whether to go on afterwards. @throws RackwatchError `driver/connection-lost`. */
  async #rest(talk: Talk, ms: number): Promise<boolean> {
    try {
      await talk.sleep(ms);
      return true;
    } catch (error) {
      if (this.#signal.aborted) return false;
      this.#wire.lost.throwIfAborted();
      throw error;
    }
  }
}
