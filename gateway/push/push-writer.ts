import type { Language } from "../../config/language/language.ts";
import type { Instant } from "../rules/rule.ts";
import { type DigestItem, digestMessage, highestPriority } from "./digest-message.ts";
import type { Draft } from "./draft.ts";
import {
  alarmMessage,
  type Message,
  type MessageWorld,
  type Occasion,
  type Subject,
  Wording,
  withLink,
} from "./message.ts";
import type { Push } from "./push.ts";
import type { PushQueue } from "./push-queue.ts";
import type { Receivers } from "./receivers.ts";

/** More messages than this for one receiver from one instant go as one; critical ones never do. */
const groupedOver = 3;

/** One thing to say of one alarm to one receiver. */
export interface Letter {
  readonly receiver: string;
  readonly subject: Subject;
  readonly occasion: Occasion;
  /** Step of the ladder, from 1; absent where none fired. */
  readonly step?: number | undefined;
}

export interface PushWriterParts {
  readonly world: MessageWorld;
  readonly receivers: Receivers;
  readonly queue: PushQueue;
  readonly ttlMs: number;
  /** Signed address under which this receiver may acknowledge; undefined: no link. */
  readonly link: (subject: Subject, receiver: string, instant: Instant) => string | undefined;
}

type Sending = Pick<Push, "receiver" | "kind" | "priority"> & {
  readonly alarm?: string | undefined;
  readonly link?: string | undefined;
};

/** Makes messages of letters, and of each message one push for each address of its receiver. */
export class PushWriter {
  readonly #parts: PushWriterParts;
  /** Made when first needed: formatters of a language that nobody reads would only take memory. */
  readonly #words = new Map<Language, Wording>();

  #lastMessage:
    | (Pick<Letter, "subject" | "occasion"> & {
        readonly words: Wording;
        readonly message: Message;
      })
    | undefined;

  constructor(parts: PushWriterParts) {
    this.#parts = parts;
  }

  /** All letters of one instant: singly, or as one where a receiver would get too many at once. */
  post(letters: readonly Letter[], instant: Instant, draft: Draft): void {
    const lesser = new Map<string, Letter[]>();
    this.#log(letters, draft);
    for (const letter of letters) {
      if (letter.subject.priority === "critical") this.#single(letter, instant, draft);
      else lesser.set(letter.receiver, [...(lesser.get(letter.receiver) ?? []), letter]);
    }
    for (const [receiver, group] of lesser) {
      if (group.length > groupedOver) {
        const items = group.map(({ subject, occasion }) => {
          const over = occasion.kind === "returned" || occasion.kind === "ended";
          return { subject, over, raised: over ? 0 : 1 };
        });
        this.digest(receiver, items, instant, draft);
      } else {
        for (const letter of group) this.#single(letter, instant, draft);
      }
    }
  }

  digest(receiver: string, items: readonly DigestItem[], instant: Instant, draft: Draft): void {
    const priority = highestPriority(items);
    const message = digestMessage(items, this.#parts.world, this.wording(receiver));
    this.send({ receiver, kind: "digest", priority }, message, instant, draft);
    const alarms = items.length;
    draft.event({ what: "told", kind: "digest", receivers: [receiver], alarms, priority });
  }

  /** One push for each address. @returns how many. */
  send(sending: Sending, message: Message, { at, mono }: Instant, draft: Draft): readonly Push[] {
    const { receivers, queue, ttlMs } = this.#parts;
    const { receiver, kind, priority, alarm, link } = sending;
    const { title, text, short, fields } = message;
    return receivers.addresses(receiver).map(({ channel, address }) =>
      queue.add(
        {
          receiver,
          channel,
          address,
          kind,
          ...(alarm === undefined ? {} : { alarm }),
          priority,
          language: receivers.languageOf(receiver),
          short,
          title,
          text,
          fields: { ...fields, kind },
          ...(link === undefined ? {} : { link }),
          createdAt: at,
          ttlMs,
        },
        { at, mono },
        draft,
      ),
    );
  }

  get world(): MessageWorld {
    return this.#parts.world;
  }

  wording(receiver: string): Wording {
    const { receivers, world } = this.#parts;
    const language = receivers.languageOf(receiver);
    const known = this.#words.get(language);
    if (known !== undefined) return known;
    const words = new Wording(language, world.timezone);
    this.#words.set(language, words);
    return words;
  }

  #single(letter: Letter, instant: Instant, draft: Draft): void {
    const { receiver, subject, occasion } = letter;
    const { link: linkOf } = this.#parts;
    const { kind } = occasion;
    const wanted =
      kind === "raised" || (kind === "escalated" && occasion.acknowledgedBy === undefined);
    const link = wanted ? linkOf(subject, receiver, instant) : undefined;
    const words = this.wording(receiver);
    const plain = this.#message(letter, words);
    const message = link === undefined ? plain : withLink(plain, link, words);
    const { id: alarm, priority } = subject;
    this.send({ receiver, kind, priority, alarm, link }, message, instant, draft);
  }

  /** The last one again where several receivers of one language are told the same. */
  #message({ subject, occasion }: Letter, words: Wording): Message {
    const last = this.#lastMessage;
    const same = last?.subject === subject && last.occasion === occasion && last.words === words;
    if (same) return last.message;
    const message = alarmMessage(subject, occasion, this.#parts.world, words);
    this.#lastMessage = { subject, occasion, words, message };
    return message;
  }

  /** Who is told of what: one line for all receivers of an alarm. */
  #log(letters: readonly Letter[], draft: Draft): void {
    const lines = new Map<string, Letter[]>();
    for (const letter of letters) {
      const key = `${letter.occasion.kind} ${letter.subject.id}`;
      lines.set(key, [...(lines.get(key) ?? []), letter]);
    }
    for (const [first, ...others] of lines.values()) {
      if (first === undefined) continue;
      const { subject, occasion, step } = first;
      const receivers = [first, ...others].map(({ receiver }) => receiver);
      const at = step === undefined ? {} : { step };
      const { id: alarm, priority } = subject;
      draft.event({ what: "told", kind: occasion.kind, alarm, priority, receivers, ...at });
    }
  }
}
