import { zstdDecompressSync } from "node:zlib";
import { type ZodType, z } from "zod";
import type { SyncText } from "../../config/language/sync.ts";
import type { Clock } from "../../drivers/contract.ts";
import {
  type Ack,
  ackSchema,
  batchBytesMax,
  type GapDeclaration,
  type Hello,
  type Marks,
  type Noticed,
  noticedSchema,
  type Welcome,
  welcomeSchema,
} from "../protocol.ts";
import { type Inbox, inboxSchema } from "../protocol-down.ts";
import { refusalError } from "./http-refusal.ts";
import { parsedJson } from "./message-envelope.ts";
import type { LineAnswer } from "./message-line.ts";
import { MessageSize } from "./message-size.ts";
import { type Parcel, type Uplink, UplinkError } from "./uplink.ts";

/** Bytes of an envelope beside its body: seal, status, and what a topic and its packet need. */
export const envelopeBytesMax = 1_024;

export interface LetterOptions {
  readonly ask: (
    kind: string,
    body: Uint8Array,
    signal: AbortSignal,
    longerMs?: number,
  ) => Promise<LineAnswer>;
  readonly clock: Clock;
  readonly text: SyncText;
  readonly where: string;
  /** Bytes of one message that the broker lets through. */
  readonly messageBytesMax: number;
}

const spanSchema = z.object({ firstSeq: z.number(), lastSeq: z.number() });

/** Central behind a broker: the same letters and answers as over HTTP, cut to what fits a message. */
export class LetterUplink implements Uplink {
  readonly #with: LetterOptions;
  readonly #size: MessageSize;

  constructor(options: LetterOptions) {
    this.#with = options;
    this.#size = new MessageSize(options.messageBytesMax);
  }

  async hello(hello: Hello, signal: AbortSignal): Promise<Welcome> {
    const welcome = await this.#ask(welcomeSchema, "hello", jsonBytes(hello), signal);
    const { limits } = welcome;
    const bytesMax = Math.min(limits.bytesMax, this.#with.messageBytesMax - envelopeBytesMax);
    return { ...welcome, limits: { ...limits, bytesMax } };
  }

  /** A central that reads from brokers knows what a hello is. */
  async marks(): Promise<Marks> {
    const { text, where } = this.#with;
    const { message, todo } = text.notCentral(where);
    throw new UplinkError("sync/not-central", message, { where, todo });
  }

  async push({ body }: Parcel, signal: AbortSignal): Promise<Ack> {
    const bytes = unpacked(body);
    const span = spanSchema.safeParse(parsedJson(bytes)).data;
    // A row by itself goes in any case: what was learnt of sizes may be wrong, and it cannot be cut.
    const single = span !== undefined && span.firstSeq === span.lastSeq;
    const { messageBytesMax, clock } = this.#with;
    const bytesMax = single ? messageBytesMax : this.#size.bytesMax(clock.monotonicMs());
    if (bytes.length + envelopeBytesMax > bytesMax) throw this.#tooLarge();
    return this.#ask(ackSchema, "batches", bytes, signal, { isSingle: single });
  }

  declare(gaps: GapDeclaration, signal: AbortSignal): Promise<Ack> {
    return this.#ask(ackSchema, "gaps", jsonBytes(gaps), signal);
  }

  async snapshot({ body }: Parcel, signal: AbortSignal): Promise<Noticed> {
    const bytes = unpacked(body);
    if (bytes.length + envelopeBytesMax > this.#size.bytesMax(this.#with.clock.monotonicMs())) {
      throw this.#tooLarge();
    }
    return this.#ask(noticedSchema, "snapshot", bytes, signal);
  }

  inbox(after: number, waitMs: number, signal: AbortSignal): Promise<Inbox> {
    return this.#ask(inboxSchema, "inbox", jsonBytes({ after, waitMs }), signal, {
      longerMs: waitMs,
    });
  }

  async #ask<T>(
    schema: ZodType<T>,
    kind: string,
    body: Uint8Array,
    signal: AbortSignal,
    { longerMs = 0, isSingle = false }: { longerMs?: number; isSingle?: boolean } = {},
  ): Promise<T> {
    const { text, where, clock } = this.#with;
    const bytes = body.length + envelopeBytesMax;
    const answer = await this.#with.ask(kind, body, signal, longerMs).catch((error: unknown) => {
      if (!(error instanceof UplinkError) || error.code !== "sync/unreachable") throw error;
      const how = { isSilent: error.cause === undefined, isSingle };
      throw this.#size.failed(bytes, clock.monotonicMs(), how) ? this.#tooLarge() : error;
    });
    this.#size.answered(bytes);
    if (answer.status !== 200) {
      throw refusalError({ ...answer, retryAfterMs: undefined }, where, text);
    }
    const reply = schema.safeParse(answer.body);
    if (reply.success) return reply.data;
    const { message, todo } = text.notCentral(where);
    throw new UplinkError("sync/not-central", message, { where, todo });
  }

  #tooLarge(): UplinkError {
    const { text, where } = this.#with;
    const { message, todo } = text.tooLarge(where);
    return new UplinkError("sync/too-large", message, { where, todo });
  }
}

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

/** What the agent packed itself. */
export function unpacked(body: Uint8Array): Uint8Array {
  return zstdDecompressSync(body, { maxOutputLength: batchBytesMax });
}
