import { setImmediate as nextTurn } from "node:timers/promises";
import type { Connection } from "../connect.ts";
import type { DriverContext, MonotonicMs, Sample, Session } from "../contract.ts";
import { decodeEpc } from "../epc/epc.ts";
import { RackwatchError } from "../errors.ts";
import type {
  ReaderEvent,
  ReaderLink,
  ReaderProtocol,
  ReaderSettings,
  TagRead,
} from "./protocol.ts";
import type { RfidChannel } from "./schema.ts";
import { Field } from "./session-field.ts";
import { silent } from "./session-health.ts";
import { epochMs } from "./smurf.ts";

/** Events that are digested in one turn of the event loop: about a millisecond of work. */
const eventsPerTurn = 256;

/** Pauses between two attempts to set up a reader that does not answer. */
const retryMs = { first: 1_000, longest: 10_000 };

/** A link may wait for that long without a sign of life: in realtime mode 10 s, and as long to the next try. Then nothing is known. */
const lifelessMsMax = 25_000;

/** A TCP connection to a peer that vanished looks open for ever: after so much silence it is made anew. */
const networkSilenceMs = 40_000;

/** How long a reader may take to stop its inventory before its connection is closed all the same. */
const stopMs = 500;

/** How often it is looked whether the link still gives signs of life. */
const lifeCheckMs = 5_000;

const quiet = { is: "alive" } as const;

export interface SessionParts {
  readonly connection: Connection;
  readonly protocol: ReaderProtocol;
  readonly context: DriverContext;
}

/** One open reader: runs its inventory, and tells which tags are where. */
export class RfidSession implements Session {
  readonly #parts: SessionParts;
  readonly #settings: ReaderSettings;
  readonly #field: Field;
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  #link: ReaderLink | undefined;
  #pumping: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;
  #failure: { readonly error: unknown } | undefined;
  #lastLifeMs: MonotonicMs;

  constructor(channel: RfidChannel, parts: SessionParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#settings = readerSettingsOf(channel);
    this.#field = new Field(fieldSettingsOf(channel));
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#lastLifeMs = parts.context.clock.monotonicMs();
  }

  /** @throws RackwatchError `driver/connection-lost` when the port or the reader is gone, `driver/refused`. */
  async *samples(): AsyncGenerator<readonly Sample[], void, undefined> {
    this.#pumping = this.#pump();
    const wake = () => this.#wake();
    this.#signal.addEventListener("abort", wake, { once: true });
    while (!this.#signal.aborted) {
      this.#checkLife();
      const samples = this.#field.take(this.#now());
      if (samples.length > 0) yield samples;
      else if (this.#failure !== undefined) throw this.#failure.error;
      else await this.#sleepUntilDue();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const { connection, context } = this.#parts;
    const limit = new AbortController();
    const late = context.clock.sleep(stopMs, limit.signal).catch(() => undefined);
    await Promise.race([this.#pumping, late]);
    limit.abort();
    await connection.close();
    await this.#pumping;
  }

  #now() {
    const { clock } = this.#parts.context;
    return { monotonicMs: clock.monotonicMs(), now: clock.now() };
  }

  /** Also ends when something was absorbed. */
  async #sleepUntilDue(): Promise<void> {
    const { clock } = this.#parts.context;
    const limitMs = this.#isQuiet ? epochMs : lifeCheckMs;
    const ms = Math.min(this.#field.dueMs - clock.monotonicMs(), limitMs);
    if (ms <= 0) return;
    const nap = new AbortController();
    this.#wake = () => nap.abort();
    await clock.sleep(Math.ceil(ms), nap.signal).catch((error: unknown) => {
      if (!nap.signal.aborted) throw error;
    });
    this.#wake = () => undefined;
    if (this.#isQuiet && this.#link !== undefined) this.#field.absorb([quiet], this.#now());
  }

  /** A 125 kHz reader speaks of tags only: its silence is an empty field. */
  get #isQuiet(): boolean {
    return !this.#parts.protocol.hasRadioSettings;
  }

  /** Keeps a conversation with the reader going until the channel is closed or the connection is lost. */
  async #pump(): Promise<void> {
    let pauseMs = retryMs.first;
    try {
      while (!this.#signal.aborted) {
        const livedMs = await this.#converse();
        if (this.#signal.aborted) return;
        pauseMs = livedMs >= retryMs.longest ? retryMs.first : pauseMs;
        await this.#parts.context.clock.sleep(pauseMs, this.#signal);
        pauseMs = Math.min(pauseMs * 2, retryMs.longest);
      }
    } catch (error) {
      if (!this.#signal.aborted) this.#failure = { error };
      this.#wake();
    }
  }

  /** One conversation; how long it lasted. A reader that does not answer ends it, anything else throws. */
  async #converse(): Promise<number> {
    const { connection, protocol, context } = this.#parts;
    const startMs = context.clock.monotonicMs();
    try {
      this.#link = await protocol.open(connection, this.#settings, context, this.#signal);
      for await (const events of this.#link.events()) {
        await this.#absorb(events);
        if (this.#signal.aborted) break;
      }
    } catch (error) {
      if (this.#signal.aborted) return 0;
      if (!(error instanceof RackwatchError) || error.code !== "driver/timeout") throw error;
      context.log.debug("reader silent", { err: error });
      if (protocol.serial === undefined) throw this.#hungUp(error);
    } finally {
      const link = this.#link;
      this.#link = undefined;
      await link?.[Symbol.asyncDispose]();
    }
    this.#field.fail(silent, this.#now());
    this.#wake();
    return context.clock.monotonicMs() - startMs;
  }

  /** A network reader greets once a connection: who missed it, or an answer, has to begin with a new one. */
  #hungUp(cause: RackwatchError): RackwatchError {
    this.#field.fail(silent, this.#now());
    return lostError(this.#parts.connection, cause);
  }

  async #absorb(events: readonly ReaderEvent[]): Promise<void> {
    for (let from = 0; from < events.length; from += eventsPerTurn) {
      if (from > 0) await nextTurn();
      this.#field.absorb(events.slice(from, from + eventsPerTurn), this.#now());
      this.#wake();
    }
    const isLife = events.some((event) => event.is !== "fault" || event.reason !== silent);
    if (isLife) this.#lastLifeMs = this.#parts.context.clock.monotonicMs();
  }

  /** Whatever the link thinks of bytes that are none of its language: without signs of life nothing is known. */
  #checkLife(): void {
    if (this.#isQuiet || this.#failure !== undefined) return;
    const { connection } = this.#parts;
    const now = this.#now();
    const lifelessMs = now.monotonicMs - this.#lastLifeMs;
    if (lifelessMs < lifelessMsMax) return;
    this.#field.fail(silent, now);
    if (!connection.address.startsWith("tcp:") || lifelessMs < networkSilenceMs) return;
    this.#failure = { error: lostError(connection) };
  }
}

function lostError({ address }: Connection, cause?: RackwatchError): RackwatchError {
  return new RackwatchError(
    "driver/connection-lost",
    cause?.message ?? "The reader has stopped answering",
    {
      where: address,
      todo: cause?.todo ?? "Check the power and the network cable of the reader",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function readerSettingsOf(channel: RfidChannel): ReaderSettings {
  const { region, power, session, q, address, devices } = channel;
  const antennas = Object.values(devices).flatMap((device) => device.antennas ?? []);
  return {
    region,
    powerDbm: power,
    antennas: antennas.toSorted((a, b) => a - b),
    session,
    q,
    address,
  };
}

function fieldSettingsOf({
  presence,
  devices,
}: RfidChannel): ConstructorParameters<typeof Field>[0] {
  return {
    presence: {
      reads: presence.reads,
      withinMs: presence.within,
      holdMs: presence.hold,
      isAdaptive: presence.window === "adaptive",
      minRssi: presence.minRssi,
      margin: presence.marginDb,
    },
    zones: Object.entries(devices).map(([device, { antennas, every }]) => ({
      device,
      antennas,
      everyMs: every,
    })),
    uriOf,
  };
}

function uriOf({ epc, pc }: TagRead): string {
  const word = pc === undefined ? undefined : Number.parseInt(pc, 16);
  return decodeEpc(epc, word).uri;
}
