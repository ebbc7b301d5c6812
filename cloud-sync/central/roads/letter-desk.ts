import type { Clock, Log } from "../../../drivers/contract.ts";
import type { SealKeys } from "../../identity/seal.ts";
import type { Refusal } from "../../protocol.ts";
import type { Inbox } from "../../protocol-down.ts";
import {
  type Envelope,
  parsedJson,
  purposes,
  readEnvelope,
  writeEnvelope,
} from "../../uplinks/message-envelope.ts";
import { idAgeMsMax, timeOfMessageId } from "../../uplinks/message-id.ts";
import type { Counters } from "../counters.ts";
import type { DatabaseLink } from "../database-link.ts";
import { sealKeysOf } from "../identity/seal-keys.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import { busyRetryMs } from "../pressure.ts";
import { type LetterKind, letterKinds, type Reception } from "../reception.ts";
import { RefusalError, refusalOf } from "../refusals.ts";
import { checkVersion } from "../routes/receiver.ts";
import { RecentIds } from "./recent-ids.ts";
import { type RefusedReason, RoadNotices } from "./road-notices.ts";
import { WorkSlots } from "./work-slots.ts";

/** Of an answer with messages of central: what brokers let through that are set up for batches. One message goes in any case. */
const inboxBytesMax = 131_072;

/** Longest request that is taken: the greatest `messageBytesMax` of a road and its topic. */
export const letterBytesMax = 262_144 + 4_096;

/** What came over a broker: nobody knows yet from whom. */
export interface SealedLetter {
  readonly gateway: string;
  readonly kind: string;
  readonly id: string;
  readonly envelope: Uint8Array;
  /** For the log and the record of who spoke: `mqtt broker:1883`. */
  readonly origin: string;
}

export interface DeskOptions {
  readonly link: DatabaseLink;
  readonly reception: Reception;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly log: Log;
  /** Seals what goes to gateways that have a certificate in place of a token. */
  readonly signer?: SigningKey | undefined;
}

/** One letter whose seal is right, and how the answer is sealed. */
interface Opened extends SealedLetter {
  readonly keys: SealKeys;
  readonly body: unknown;
}

/** One that is to be answered. */
interface Taken extends Opened {
  /** Since it was made, by its own account. */
  readonly ageMs: number;
}

type Send = (answer: Uint8Array) => void;

/** Takes letters that came over brokers: whose seal is right, who is not too late, and what was not here before. */
export class LetterDesk {
  readonly #with: DeskOptions;
  readonly #slots = new WorkSlots();
  readonly #recent = new RecentIds(idAgeMsMax * 2);
  readonly #ended = new AbortController();
  readonly notices: RoadNotices;
  #answered = 0;

  constructor(options: DeskOptions) {
    this.#with = options;
    this.notices = new RoadNotices(options.log);
  }

  /** Letters that were answered since the start. */
  get answered(): number {
    return this.#answered;
  }

  /** Resolves when the letter is in work, so that the broker keeps what there is no room for. */
  take(letter: SealedLetter, send: Send): Promise<void> {
    return this.#slots.start(() =>
      this.#work(letter, send).catch((error: unknown) => {
        const { refusal, unexpected } = refusalOf(error);
        this.#with.counters.refused(refusal.code);
        if (!unexpected) return;
        const { gateway, kind } = letter;
        this.#with.log.error("letter failed", { gateway, kind, reason: String(error) });
      }),
    );
  }

  refused(reason: RefusedReason, source: string): void {
    this.notices.refused(reason, source, this.#with.clock.monotonicMs());
  }

  /** Whoever waits for messages goes home. */
  close(): void {
    this.#ended.abort();
  }

  async #work(letter: SealedLetter, send: Send): Promise<void> {
    const envelope = readEnvelope(letter.envelope);
    const time = timeOfMessageId(letter.id);
    if (envelope === undefined || time === undefined) {
      return this.refused("malformed", letter.gateway);
    }
    const opened = await this.#open(letter, envelope, send);
    if (opened === undefined) return;
    const { clock } = this.#with;
    const { keys, id } = opened;
    if (Math.abs(clock.now() - time) > idAgeMsMax) {
      this.refused("stale", letter.gateway);
      const message = "made too long ago by central's clock, or ahead of it";
      const refusal: Refusal = { code: "stale", message, serverTime: clock.now() };
      return this.#answer(keys, id, 400, refusal, send);
    }
    if (!this.#recent.add(`${letter.gateway} ${id}`, clock.monotonicMs())) {
      return this.refused("replayed", letter.gateway);
    }
    const replying = this.#reply(
      { ...opened, ageMs: Math.max(0, clock.now() - time) },
      envelope,
      send,
    );
    // Whoever waits for messages takes no place from those who bring rows.
    if (letter.kind === "inbox") replying.catch(() => undefined);
    else await replying;
  }

  /** Undefined: not from who it says. */
  async #open(
    letter: SealedLetter,
    { seal, body }: Envelope,
    send: Send,
  ): Promise<Opened | undefined> {
    const { gateway, kind, id } = letter;
    const { link, signer } = this.#with;
    const keys = await link.use(({ database }) => sealKeysOf(database, gateway, signer));
    const isRight =
      keys !== undefined &&
      seal !== undefined &&
      keys.verify(purposes.request(kind, id), body, seal);
    if (isRight) return { ...letter, keys, body: parsedJson(body) };
    this.refused(keys === undefined ? "unknown-gateway" : "wrong-seal", gateway);
    // Unsealed, for nobody knows who asked: an agent takes it for a hint only.
    const refusal = { code: "unauthorized", message: "no such gateway, or not its seal" };
    send(
      writeEnvelope({
        seal: undefined,
        status: 401,
        body: Buffer.from(JSON.stringify(refusal)),
      }),
    );
    return undefined;
  }

  async #reply(opened: Taken, envelope: Envelope, send: Send): Promise<void> {
    const { keys, id, gateway } = opened;
    try {
      using place = opened.kind === "inbox" ? noPlace : this.#slots.claim(gateway);
      if (place === undefined) {
        const message = "requests of this gateway are being worked on";
        throw new RefusalError(429, { code: "busy", message, retryAfterMs: busyRetryMs });
      }
      const result = await this.#result(opened);
      // Who waited for messages may have been revoked meanwhile.
      const isStill = opened.kind !== "inbox" || (await this.#open(opened, envelope, send));
      if (isStill) this.#answer(keys, id, 200, result, send);
    } catch (error) {
      const { status, refusal, unexpected } = refusalOf(error);
      this.#with.counters.refused(refusal.code);
      if (unexpected) {
        this.#with.log.error("request failed", { gateway, reason: String(error) });
      }
      this.#answer(keys, id, status, refusal, send);
    }
  }

  async #result({ kind, gateway, body, origin, ageMs }: Taken): Promise<object> {
    const { reception } = this.#with;
    if (body === undefined) {
      throw new RefusalError(400, { code: "bad-request", message: "the body is no JSON" });
    }
    if (isLetterKind(kind)) {
      checkVersion(body, true);
      return reception.take(kind, { gateway, body, origin: { address: origin, ageMs } });
    }
    if (kind === "inbox") return cut(await reception.inbox(gateway, body, this.#ended.signal));
    throw new RefusalError(404, { code: "not-found", message: `central takes no ${kind}` });
  }

  #answer(keys: SealKeys, id: string, status: number, body: object, send: Send): void {
    const bytes = Buffer.from(JSON.stringify(body));
    const seal = keys.seal(purposes.answer(id, status), bytes);
    this.#answered += 1;
    send(writeEnvelope({ seal, status, body: bytes }));
  }
}

const noPlace: Disposable = { [Symbol.dispose]: () => undefined };

function isLetterKind(kind: string): kind is LetterKind {
  return letterKinds.some((it) => it === kind);
}

/** As many messages as fit an answer: the others come with the next one. */
function cut(inbox: Inbox): Inbox {
  const messages = [...inbox.messages];
  const size = () => messages.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  while (messages.length > 1 && size() > inboxBytesMax) messages.pop();
  return { ...inbox, messages };
}
