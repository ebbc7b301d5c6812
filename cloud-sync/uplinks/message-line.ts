import { z } from "zod";
import type { SyncText } from "../../config/language/sync.ts";
import type { Clock } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { SealKeys } from "../identity/seal.ts";
import { refusalSchema, requestDeadlineMs } from "../protocol.ts";
import type { BrokerCertificateSource } from "./broker-certificate.ts";
import { brokerFailure } from "./broker-failure.ts";
import { parsedJson, purposes, readEnvelope, writeEnvelope } from "./message-envelope.ts";
import { newMessageId } from "./message-id.ts";
import { UplinkError } from "./uplink.ts";

/** Requests that wait for their answers: the agent asks one thing at a time, and one more for messages. */
export const questionsMax = 4;

/** What claims not to know our key may come from anybody: so long the sealed answer may still come. */
const hintMs = 2_000;

/**
 * A receiver of central that ended takes with it what the broker had handed to it. Who waits for an answer asks again: rows after a
 * second and by lot within some more, for another receiver may be at work on them; questions that wait at central by lot within
 * the time that they take anyway, for ten thousand gateways wait there at once.
 */
const againMs = { first: 1_000, rows: 4_000, waiting: 20_000 } as const;

/** So often one question is asked again: anybody may say on a broker that receivers came and went. */
const againMax = 4;

/** A session with a broker by which letters leave. What comes back is told to whoever opened it. */
export interface Carrier {
  /** Rejects when the broker is gone or does not confirm. That it took a letter says nothing of central. */
  send(kind: string, id: string, envelope: Uint8Array): Promise<void>;
  /** Aborted with the reason when the session is over. */
  readonly lost: AbortSignal;
  close(): Promise<void>;
}

export type OpenCarrier = (
  heard: (id: string, envelope: Uint8Array) => void,
  signal: AbortSignal,
  /** A receiver of central came or went. */
  stirred: () => void,
) => Promise<Carrier>;

export interface LineOptions {
  readonly open: OpenCarrier;
  readonly keys: SealKeys;
  readonly clock: Clock;
  readonly text: SyncText;
  /** For people: which broker, which topics. */
  readonly where: string;
  /** What the broker is shown, to say what is wrong with it. */
  readonly certificate?: BrokerCertificateSource | undefined;
  /** A test shortens it. */
  readonly deadlineMs?: number;
  /** 0 <= random < 1; a test draws its own lot. */
  readonly random?: () => number;
}

export interface LineAnswer {
  readonly status: number;
  /** Parsed JSON; undefined when it was none. */
  readonly body: unknown;
}

const answeredAtSchema = z.object({ serverTime: z.number() });

interface Pending {
  readonly answered: (answer: LineAnswer) => void;
  readonly refused: () => void;
  readonly stirred: () => void;
}

/**
 * Questions and answers over a broker. The connection is made when it is needed and kept; one that is gone is made again by
 * the next question, so that the agent's waits are the only ones. Answers count by their seal alone.
 */
export class MessageLine implements AsyncDisposable {
  readonly #with: LineOptions;
  readonly #pending = new Map<string, Pending>();
  readonly #closed = new AbortController();
  #opening: Promise<Carrier> | undefined;
  /** Central's time less the monotonic clock. */
  #offsetMs: number;

  constructor(options: LineOptions) {
    this.#with = options;
    this.#offsetMs = options.clock.now() - options.clock.monotonicMs();
  }

  /**
   * @param body JSON
   * @param longerMs central was asked to wait for so long before it answers
   * @throws UplinkError when there was no answer that counts
   */
  async ask(
    kind: string,
    body: Uint8Array,
    signal: AbortSignal,
    longerMs = 0,
  ): Promise<LineAnswer> {
    const first = await this.#answered(kind, body, signal, longerMs);
    const told = answeredAtSchema.safeParse(first.body).data;
    // Ids say when they were made by central's clock: an old one is no sign of life.
    if (told !== undefined) this.#offsetMs = told.serverTime - this.#with.clock.monotonicMs();
    const refusal = first.status === 400 ? refusalSchema.safeParse(first.body).data : undefined;
    if (refusal?.code !== "stale" || told === undefined) return first;
    // This machine's clock is wrong, or was.
    return this.#answered(kind, body, signal, longerMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { where } = this.#with;
    this.#closed.abort(
      new RackwatchError("driver/connection-lost", "the line is closed", { where }),
    );
    await this.#drop();
  }

  async #answered(kind: string, body: Uint8Array, signal: AbortSignal, longerMs: number) {
    for (let turn = 0; turn <= againMax; turn += 1) {
      const answer = await this.#once(kind, body, signal, longerMs);
      if (answer !== undefined) return answer;
    }
    const { text, where } = this.#with;
    const { message, todo } = text.noAnswer(where);
    throw new UplinkError("sync/unreachable", message, { where, todo });
  }

  /** Undefined: it is to be asked again. */
  async #once(kind: string, body: Uint8Array, signal: AbortSignal, longerMs: number) {
    const { text, where, deadlineMs = requestDeadlineMs } = this.#with;
    const deadline = AbortSignal.timeout(deadlineMs + longerMs);
    const limit = AbortSignal.any([signal, deadline, this.#closed.signal]);
    const { message, todo } = text.noAnswer(where);
    if (this.#pending.size >= questionsMax) {
      throw new UplinkError("sync/busy", message, { where, todo, retryAfterMs: 1_000 });
    }
    try {
      return await this.#exchange(kind, body, limit, longerMs > 0);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RackwatchError) {
        await this.#drop();
        throw brokerFailure(error, where, text, this.#with.certificate);
      }
      if (!limit.aborted && !(error instanceof DOMException)) throw error;
      throw new UplinkError("sync/unreachable", message, { where, todo });
    }
  }

  async #exchange(
    kind: string,
    body: Uint8Array,
    limit: AbortSignal,
    waits: boolean,
  ): Promise<LineAnswer | undefined> {
    const { clock, keys, text, where, random = Math.random } = this.#with;
    const id = newMessageId(clock.monotonicMs() + this.#offsetMs);
    const outcome = Promise.withResolvers<LineAnswer | undefined>();
    // Whoever does not wait any more is told nothing.
    outcome.promise.catch(() => undefined);
    const fail = (reason: unknown) => outcome.reject(reason);
    const ended = () => fail(limit.reason);
    limit.addEventListener("abort", ended, { once: true });
    let hint: NodeJS.Timeout | undefined;
    const refused = () => {
      const says = text.sealRefused(where);
      const fields = { where, todo: says.todo, status: 401 };
      hint ??= setTimeout(fail, hintMs, new UplinkError("sync/unauthorized", says.message, fields));
    };
    let again: NodeJS.Timeout | undefined;
    const stirred = () => {
      const spreadMs = waits ? againMs.waiting : againMs.rows;
      again ??= setTimeout(outcome.resolve, againMs.first + random() * spreadMs, undefined);
    };
    this.#pending.set(id, { answered: outcome.resolve, refused, stirred });
    let lose: (() => void) | undefined;
    let carrier: Carrier | undefined;
    try {
      limit.throwIfAborted();
      carrier = await Promise.race([this.#carrier(), outcome.promise.then(never)]);
      const { lost } = carrier;
      lose = () => fail(lost.reason);
      lost.addEventListener("abort", lose, { once: true });
      const seal = keys.seal(purposes.request(kind, id), body);
      carrier.send(kind, id, writeEnvelope({ seal, status: undefined, body })).catch(fail);
      return await outcome.promise;
    } finally {
      clearTimeout(hint);
      clearTimeout(again);
      this.#pending.delete(id);
      limit.removeEventListener("abort", ended);
      if (lose !== undefined) carrier?.lost.removeEventListener("abort", lose);
    }
  }

  /** For whoever asks next as well: one who does not wait any more ends it for nobody. */
  async #carrier(): Promise<Carrier> {
    const { open, deadlineMs = requestDeadlineMs } = this.#with;
    const limit = AbortSignal.any([this.#closed.signal, AbortSignal.timeout(deadlineMs)]);
    this.#opening ??= open(
      (id, envelope) => this.#hear(id, envelope),
      limit,
      () => this.#stir(),
    ).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    const opening = this.#opening;
    const carrier = await opening;
    if (!carrier.lost.aborted) return carrier;
    if (this.#opening === opening) this.#opening = undefined;
    return this.#carrier();
  }

  /** The session that failed somebody is not asked again. */
  async #drop(): Promise<void> {
    const opening = this.#opening;
    this.#opening = undefined;
    const carrier = await opening?.catch(() => undefined);
    await carrier?.close();
  }

  #stir(): void {
    for (const { stirred } of this.#pending.values()) stirred();
  }

  #hear(id: string, bytes: Uint8Array): void {
    const pending = this.#pending.get(id);
    const envelope = pending && readEnvelope(bytes);
    if (pending === undefined || envelope?.status === undefined) return;
    const { seal, status, body } = envelope;
    if (seal === undefined) {
      if (status === 401) pending.refused();
      return;
    }
    if (!this.#with.keys.verify(purposes.answer(id, status), body, seal)) return;
    pending.answered({ status, body: parsedJson(body) });
  }
}

/** Nothing is answered before it was asked: this promise only ever rejects. */
function never(): never {
  throw new Error("answered before it was asked");
}
