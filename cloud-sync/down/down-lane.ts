import type { SyncText } from "../../config/language/sync.ts";
import type { Clock, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { backoffMs, slowMs } from "../backoff.ts";
import { type Inbox, inboxWaitMsMax } from "../protocol-down.ts";
import { type Uplink, UplinkError } from "../uplinks/uplink.ts";
import { type InboxBook, keptMessagesMax } from "./inbox-book.ts";
import type { Outgoing } from "./outgoing.ts";
import { take } from "./take.ts";
import type { Trust } from "./trust.ts";

/** An answer without messages that came sooner than this was none that waited: the next question waits instead. */
const quickMs = 1_000;

/** Pause where central does not let anybody wait. */
const unwaitedMs = 10_000;

/** Pause while the gateway has enough to do, or a message is not believed yet: its key may come with the next welcome. */
const laterMs = 5_000;

/** Longest wait after a failure: a command expires in minutes. */
const backoffMsLongest = 60_000;

/** While a question waits, so often it is told that all is well. */
const tickMs = 10_000;

export interface DownLaneOptions {
  readonly gatewayId: string;
  readonly uplink: Uplink;
  readonly book: InboxBook;
  readonly trust: Trust;
  readonly outgoing: Outgoing;
  /** How far the gateway is. */
  readonly done: () => number;
  readonly clock: Clock;
  readonly log: Log;
  readonly text: SyncText;
  /** 0 <= random < 1 */
  readonly random: () => number;
  /** Whether the gateway was enrolled anew since the last call: whoever was refused then tries again. */
  readonly enrolledAnew?: () => boolean;
}

/** Fetches what central tells the gateway over one road, and takes files the other way. */
export class DownLane {
  readonly #with: DownLaneOptions;
  #failures = 0;
  #said: string | undefined;

  constructor(options: DownLaneOptions) {
    this.#with = options;
  }

  /** One question at most. Returns how long to wait before the next; never throws for what goes wrong outside. */
  async step(signal: AbortSignal): Promise<number> {
    try {
      const waitMs = await this.#work(signal);
      this.#failures = 0;
      return waitMs;
    } catch (error) {
      if (signal.aborted) return 0;
      if (!(error instanceof RackwatchError)) throw error;
      return this.#recover(error);
    }
  }

  /** Steps until the signal is aborted; `ticked` is called at least every `tickMs`. */
  async run(signal: AbortSignal, ticked: () => void = () => undefined): Promise<void> {
    while (!signal.aborted) {
      let waitMs = await this.#ticking(this.step(signal), ticked);
      while (waitMs > 0 && !signal.aborted) {
        await this.#pause(Math.min(waitMs, tickMs), signal);
        waitMs = this.#with.enrolledAnew?.() === true ? 0 : waitMs - tickMs;
        ticked();
      }
    }
  }

  /** A question ends by itself; whoever waits for it is not stuck. */
  async #ticking<T>(work: Promise<T>, ticked: () => void): Promise<T> {
    const ended = new AbortController();
    const tick = async () => {
      while (!ended.signal.aborted) {
        ticked();
        await this.#pause(tickMs, ended.signal);
      }
    };
    const ticking = tick();
    try {
      return await work;
    } finally {
      ended.abort();
      await ticking;
    }
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    await this.#with.clock.sleep(ms, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #work(signal: AbortSignal): Promise<number> {
    const { uplink, book, outgoing, clock } = this.#with;
    const done = this.#with.done();
    book.forget(done);
    await outgoing.step(uplink, signal);
    if (uplink.inbox === undefined) return inboxWaitMsMax;
    // A gateway that is stopped does nothing; what waits at central expires there.
    if (book.count() >= keptMessagesMax) return laterMs;
    const asked = clock.monotonicMs();
    const inbox = await uplink.inbox(Math.max(book.held(), done), inboxWaitMsMax, signal);
    const isTaken = this.#take(inbox, done);
    if (!isTaken) return laterMs;
    if (inbox.messages.length > 0) return 0;
    return clock.monotonicMs() - asked < quickMs ? unwaitedMs : 0;
  }

  /** Whether there is nothing that was not believed. */
  #take(inbox: Inbox, done: number): boolean {
    const { book, gatewayId, trust, clock, log, text } = this.#with;
    const { messages, refused } = take(inbox, gatewayId, Math.max(book.held(), done), trust.keys());
    book.keep(messages, clock.now());
    for (const { number } of messages) log.info("message of central", { number });
    if (refused === undefined) {
      this.#said = undefined;
      return true;
    }
    const number = inbox.messages[messages.length]?.number;
    this.#say("message of central not taken", { number, reason: text.messageRefused[refused] });
    return false;
  }

  #recover(error: RackwatchError): number {
    this.#failures += 1;
    const random = this.#with.random();
    const { code, message, todo } = error;
    const asked = error instanceof UplinkError ? (error.retryAfterMs ?? 0) : 0;
    const isOlder = error instanceof UplinkError && error.refusal === "not-found";
    // Rows take the same road, and say what is wrong with it.
    if (code === "store/io")
      this.#say("messages of central cannot be kept", { code, message, todo });
    else this.#with.log.debug("no messages of central", { code, message });
    const needsPerson = isOlder || code === "sync/unauthorized" || code === "sync/not-central";
    if (needsPerson) return slowMs(random);
    return Math.max(asked, backoffMs(this.#failures, random, backoffMsLongest));
  }

  #say(event: string, fields: Readonly<Record<string, unknown>>): void {
    const said = JSON.stringify(fields);
    if (said !== this.#said) this.#with.log.error(event, fields);
    this.#said = said;
  }
}
