import type { Connection } from "../../connect.ts";
import type { DriverContext } from "../../contract.ts";
import { RackwatchError } from "../../errors.ts";
import { FramedWire } from "../../framing/framed-wire.ts";
import type { ReaderEvent, ReaderLink, ReaderSettings } from "../protocol.ts";
import { powerIndex, radioCapabilities } from "./capabilities.ts";
import {
  antennaRequest,
  eventConfig,
  keepaliveConfig,
  regulatoryRequest,
  roSpec,
  roSpecId,
  type Transmitter,
} from "./commands.ts";
import { Conversation } from "./conversation.ts";
import { long } from "./encode.ts";
import { type LlrpEvent, readNotification } from "./event.ts";
import { eventsOf } from "./events-of.ts";
import { createMessageFramer } from "./frame.ts";
import type { Message } from "./message.ts";

/** How long a reader may take to say whether it accepts us: it is the first thing that it does. */
const greetingMs = 5_000;

/** How often a reader shows that it lives when no tag does: a tag that left an empty field is missed that much later. */
const keepaliveMs = 2_000;

/** Signs of life that may be missing before the link counts as dead: a half-open connection tells nothing else. */
const keepalivesMissedMax = 3;

const deadMs = keepalivesMissedMax * keepaliveMs;

/** An inventory that ends by itself is started again, but not faster than this. */
const rearmMs = 1_000;

/** How long a reader may take to let us go. */
const farewellMs = 700;

/** A message that is not whole after this much silence never will be. */
const idleMs = 3_000;

/**
 * Greets the reader, sets it up and starts its inventory.
 * @throws RackwatchError `driver/refused` when another client has it or it does not take the settings,
 * `driver/timeout`, `driver/connection-lost`; the signal's reason.
 */
export async function openLink(
  connection: Connection,
  settings: ReaderSettings,
  context: DriverContext,
  signal: AbortSignal,
): Promise<ReaderLink> {
  const { clock, log } = context;
  const wire = new FramedWire(connection, createMessageFramer(), clock, { idleMs });
  const talk = new Conversation(wire, clock, log, connection.address);
  const link = new LlrpLink(wire, talk, context, signal);
  let isGreeted = false;
  try {
    await greet(talk, connection.address, signal);
    isGreeted = true;
    if (settings.region !== undefined)
      log.warn("llrp region unused", { region: settings.region, why: "the reader holds its own" });
    await setUp(talk, settings, context, signal);
  } catch (error) {
    // Who was not let in has nothing to take back.
    await (isGreeted ? link : wire)[Symbol.asyncDispose]();
    throw error;
  }
  return link;
}

async function greet(talk: Conversation, where: string, signal: AbortSignal): Promise<void> {
  const greeting = await talk.until((it) => attemptOf(it) !== undefined, greetingMs, signal);
  const attempt = greeting === undefined ? undefined : attemptOf(greeting);
  if (attempt === undefined)
    throw new RackwatchError("driver/timeout", "No LLRP reader greets there", {
      where,
      todo: "Check that the address is a reader's, and that LLRP is switched on in it",
    });
  if (attempt.code === 0) return;
  throw new RackwatchError(
    "driver/refused",
    `The reader refuses the connection: ${attempt.status}`,
    {
      where,
      todo: "Stop the other program that uses the reader; after a cut it may take a minute until the reader notices",
    },
  );
}

function attemptOf(
  message: Message,
): Extract<LlrpEvent, { event: "ConnectionAttemptEvent" }> | undefined {
  for (const event of llrpEventsOf(message)) {
    if (event.event === "ConnectionAttemptEvent") return event;
  }
  return undefined;
}

function llrpEventsOf({ name, parameters }: Message): readonly LlrpEvent[] {
  if (name !== "READER_EVENT_NOTIFICATION") return [];
  const notification = readNotification(parameters);
  return typeof notification === "string" ? [] : notification.events;
}

async function setUp(
  talk: Conversation,
  settings: ReaderSettings,
  { log }: DriverContext,
  signal: AbortSignal,
): Promise<void> {
  await talk.ask(signal, "SET_READER_CONFIG", ...keepaliveConfig(keepaliveMs));
  await orElse(talk.ask(signal, "SET_READER_CONFIG", ...eventConfig()), (error) =>
    log.warn("llrp events refused", { reason: error.message }),
  );
  const transmitter = await transmitterFor(talk, settings, signal);
  await talk.ask(signal, "DELETE_ROSPEC", long(0));
  const spec = (withTagCrc: boolean) => roSpec(settings, { transmitter, withTagCrc });
  await orElse(talk.ask(signal, "ADD_ROSPEC", spec(true)), async () => {
    await talk.ask(signal, "ADD_ROSPEC", spec(false));
    log.info("llrp tag crc unavailable");
  });
  await talk.ask(signal, "ENABLE_ROSPEC", long(roSpecId));
  await talk.ask(signal, "START_ROSPEC", long(roSpecId));
  await talk.send("GET_READER_CONFIG", antennaRequest());
}

/** Goes on in another way when the reader refused. */
async function orElse(
  asked: Promise<Message>,
  otherwise: (error: RackwatchError) => Promise<void> | void,
): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof RackwatchError) || error.code !== "driver/refused") throw error;
    await otherwise(error);
  }
}

async function transmitterFor(
  talk: Conversation,
  { powerDbm }: ReaderSettings,
  signal: AbortSignal,
): Promise<Transmitter | undefined> {
  if (powerDbm === undefined) return undefined;
  const answer = await talk.ask(signal, "GET_READER_CAPABILITIES", regulatoryRequest());
  const radio = radioCapabilities(answer.parameters);
  const index = radio === undefined ? undefined : powerIndex(radio, powerDbm);
  if (radio !== undefined && index !== undefined) {
    const { hopTableId, channelIndex } = radio;
    return { hopTableId, channelIndex, powerIndex: index };
  }
  const lowest = Math.min(...(radio?.powers.map(({ dbm }) => dbm) ?? []));
  throw new RackwatchError(
    "driver/refused",
    `The reader cannot send with ${powerDbm} dBm or less`,
    {
      todo: Number.isFinite(lowest)
        ? `Set power to ${lowest} or more`
        : "Leave out power: the reader names no steps",
    },
  );
}

class LlrpLink implements ReaderLink {
  readonly #wire: FramedWire;
  readonly #talk: Conversation;
  readonly #context: DriverContext;
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  #rearmAtMs: number | undefined;
  #armedMs = Number.NEGATIVE_INFINITY;

  constructor(wire: FramedWire, talk: Conversation, context: DriverContext, signal: AbortSignal) {
    this.#wire = wire;
    this.#talk = talk;
    this.#context = context;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
  }

  async *events(): AsyncGenerator<readonly ReaderEvent[], void, undefined> {
    while (!this.#signal.aborted) {
      let events: readonly ReaderEvent[];
      try {
        events = await this.#step();
      } catch (error) {
        if (this.#signal.aborted) return;
        throw error;
      }
      if (events.length > 0) yield events;
    }
  }

  async #step(): Promise<readonly ReaderEvent[]> {
    const messages = await this.#next();
    const nowMs = this.#context.clock.now();
    const events = messages.flatMap((message) => eventsOf(message, nowMs));
    for (const message of messages) this.#note(message);
    await this.#rearm();
    return events;
  }

  async #next(): Promise<readonly Message[]> {
    const { clock } = this.#context;
    const deadAtMs = this.#talk.heardMs + deadMs;
    const wakeMs = Math.min(deadAtMs, this.#rearmAtMs ?? deadAtMs);
    const messages = await this.#talk.next(Math.max(0, wakeMs - clock.monotonicMs()), this.#signal);
    const silenceMs = clock.monotonicMs() - this.#talk.heardMs;
    if (messages.length > 0 || silenceMs < deadMs) return messages;
    throw this.#lost(`The reader has been silent for ${keepalivesMissedMax} signs of life`);
  }

  /** What a message asks of the link itself. */
  #note(message: Message): void {
    for (const event of llrpEventsOf(message)) {
      if (event.event === "ConnectionCloseEvent")
        throw this.#lost("The reader has closed the connection");
      const isOver = event.event === "ROSpecEvent" && event.status !== "started";
      if (isOver && event.roSpecId === roSpecId)
        this.#rearmAtMs ??= Math.max(this.#context.clock.monotonicMs(), this.#armedMs + rearmMs);
    }
  }

  async #rearm(): Promise<void> {
    const nowMs = this.#context.clock.monotonicMs();
    if (this.#rearmAtMs === undefined || nowMs < this.#rearmAtMs) return;
    this.#rearmAtMs = undefined;
    this.#armedMs = nowMs;
    await this.#talk.send("START_ROSPEC", long(roSpecId));
  }

  #lost(message: string): RackwatchError {
    return new RackwatchError("driver/connection-lost", message, {
      where: this.#talk.where,
      todo: "Check the reader's power and network cable",
    });
  }

  /** Lets the reader free its only place for a client; a reader that does not answer is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    try {
      await this.#talk.send("DELETE_ROSPEC", long(roSpecId));
      await this.#talk.send("CLOSE_CONNECTION");
      await this.#talk.until(
        ({ name }) => name === "CLOSE_CONNECTION_RESPONSE",
        farewellMs,
        new AbortController().signal,
      );
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
    } finally {
      await this.#wire[Symbol.asyncDispose]();
    }
  }
}
