import { join } from "node:path";
import type { SyncText } from "../../config/language/sync.ts";
import type { Clock, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { outgoingFolder } from "../../gateway/down/logs.ts";
import { DoneReader } from "../down/done-reader.ts";
import { InboxBook, keptMessagesMax } from "../down/inbox-book.ts";
import { outgoingName, outgoingNames } from "../down/outgoing.ts";
import { take } from "../down/take.ts";
import { Trust } from "../down/trust.ts";
import type { BundleAnswer } from "./answer-format.ts";

export interface CarriedParts {
  readonly gatewayId: string;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly text: SyncText;
}

/** Messages of central that come on a stick: the same book and the same trust as over a line, so that each is kept once. */
export class CarriedMessages implements Disposable {
  readonly #with: CarriedParts;
  readonly #book: InboxBook;
  readonly #trust: Trust;
  readonly #done: DoneReader;

  constructor(parts: CarriedParts) {
    this.#with = parts;
    this.#book = new InboxBook(parts.dataDir, parts.text);
    this.#trust = new Trust(parts);
    this.#done = new DoneReader(parts.dataDir);
  }

  /** The highest number that the gateway holds; undefined where that cannot be read: then none are asked for, and rows go on. */
  held(): number | undefined {
    try {
      const done = this.#done.read();
      this.#book.forget(done);
      return Math.max(this.#book.held(), done);
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      const { code, message } = error;
      this.#with.log.warn("messages of central are not asked for", { code, message });
      return undefined;
    }
  }

  /**
   * Keeps what an answer tells whose seal was right. What is left out, because the gateway has enough to do or it is not
   * believed, central tells again with its next answer. @throws RackwatchError `store/io`
   */
  take({ signingKey, messages, after, generation, madeAt, files }: BundleAnswer): void {
    const { gatewayId, clock, log, text } = this.#with;
    const names = outgoingNames(this.folder);
    for (const { id, sha256 } of files) {
      const name = outgoingName(id);
      if (names.includes(name)) this.#book.saveSent(name, sha256);
    }
    if (signingKey !== undefined) this.#trust.learn(signingKey);
    if (messages.length === 0) return;
    const done = this.#done.read();
    this.#book.forget(done);
    if (this.#book.count() >= keptMessagesMax) return;
    const inbox = { messages, after, generation, serverTime: madeAt };
    const held = Math.max(this.#book.held(), done);
    const taken = take(inbox, gatewayId, held, this.#trust.keys());
    this.#book.keep(taken.messages, clock.now());
    for (const { number } of taken.messages) log.info("message of central", { number });
    if (taken.refused === undefined) return;
    const reason = text.messageRefused[taken.refused];
    const number = messages.find(
      (it) => it.number > (taken.messages.at(-1)?.number ?? held),
    )?.number;
    log.error("message of central not taken", { number, reason });
  }

  /** Files that the gateway wrote for central and central has not, as far as that can be read. */
  files(): readonly string[] {
    try {
      const sent = this.#book.sent();
      const names = outgoingNames(this.folder);
      for (const name of sent.keys()) if (!names.includes(name)) this.#book.forgetSent(name);
      return names.filter((name) => !sent.has(name));
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      return [];
    }
  }

  /** Folder of these files. */
  get folder(): string {
    return join(this.#with.dataDir, outgoingFolder);
  }

  [Symbol.dispose](): void {
    this.#book[Symbol.dispose]();
  }
}
