import { downText } from "../../config/language/down.ts";
import type { Clock, Log, MonotonicMs } from "../../drivers/contract.ts";
import type { Brain } from "../brain.ts";
import type { Follow } from "../follow.ts";
import { Revisions, type RevisionsParts } from "../revisions/revisions.ts";
import { doneKey } from "../revisions/told.ts";
import type { ClockQuality } from "../store/store.ts";
import { Commands, type CommandsParts } from "./commands.ts";
import { ageOf } from "./expiry.ts";
import { Inbox } from "./inbox.ts";
import type { Message } from "./message.ts";
import { type Heard, hear, type SignedRow } from "./said.ts";

/** How often the agent's file is looked at: an operator waits for a lamp. */
const lookEveryMs = 1_000;

/** How long a message waits for those before it, which the agent never writes later: a disk may be slow. */
export const holeMsMax = 30_000;

/** How long after a start a revision waits for channels that say nothing: one that is dead holds up nobody for longer. */
export const hearingMsMax = 15_000;

/** State: the epoch of the database under which messages were done last. */
const epochKey = "down/epoch";

export interface DownDeskParts
  extends Omit<CommandsParts, "readState" | "now">,
    Omit<RevisionsParts, "commit" | "readState" | "config"> {
  readonly clock: Clock;
  readonly log: Log;
  readonly clockQuality: () => ClockQuality;
  /** Resolves when every channel of the start said something: before, nobody knows what a revision breaks. */
  readonly heard: Promise<void>;
  readonly now: () => Pick<Brain, "config" | "intake" | "outputs">;
  readonly store: {
    readState(prefix: string): ReadonlyMap<string, unknown>;
    readonly outbox: { readonly epoch: string };
  };
}

/** What central says to this gateway: believed, in order, each once; and every other change of its configuration. */
export class DownDesk implements Disposable {
  readonly #parts: DownDeskParts;
  readonly #inbox: Inbox;
  readonly #commands: Commands;
  readonly #revisions: Revisions;
  readonly #seenAt = new Map<number, MonotonicMs>();
  readonly #startedAt: MonotonicMs;
  #done: number;
  #isHeard = false;
  #waitsFor = "";

  /** To be made when the gateway runs: what was left open before a restart is told now. */
  constructor(parts: DownDeskParts) {
    this.#parts = parts;
    this.#startedAt = parts.clock.monotonicMs();
    void parts.heard.then(() => {
      this.#isHeard = true;
    });
    const readState = (prefix: string) => parts.store.readState(prefix);
    const done = () => {
      const number = readState(doneKey).get(doneKey);
      return typeof number === "number" ? number : 0;
    };
    this.#done = done();
    const commit = (follow: Follow) => parts.now().intake.follow(() => this.#marked(follow));
    this.#inbox = new Inbox(parts.dataDir);
    this.#revisions = new Revisions({
      ...parts,
      config: () => parts.now().config,
      ...{ commit, readState },
    });
    // What a run before left open may have been one of them.
    this.#done = Math.max(this.#done, done());
    this.#commands = new Commands({ ...parts, readState });
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    while (!signal.aborted) {
      await this.step().catch((error: unknown) => log.error("step failed", { err: error }));
      await clock.sleep(lookEveryMs, signal).catch(() => undefined);
    }
  }

  async step(): Promise<void> {
    await this.#revisions.step();
    const rows = this.#inbox.read(this.#done);
    if (rows.length === 0) return;
    const trust = this.#inbox.trust();
    for (const row of rows) {
      this.#note(row);
      if (this.#isTooEarly(row)) return this.#wait(this.#text.waitsHole(this.#done + 1));
      const heard = hear(row, this.#parts.now().config.gateway.id, trust);
      if (!heard.ok && heard.why === "unknown-key") return this.#wait(this.#text.waitsKey);
      const isRevision = heard.ok && heard.message.body.kind === "revision";
      // The author of the second has to see what became of the first.
      if (isRevision && (this.#revisions.isBusy || this.#isHearing())) return;
      await this.#carryOut(row, heard);
      this.#done = row.number;
      this.#seenAt.delete(row.number);
      this.#waitsFor = "";
    }
  }

  #isHearing(): boolean {
    const mono = this.#parts.clock.monotonicMs();
    return !this.#isHeard && mono - this.#startedAt < hearingMsMax;
  }

  [Symbol.dispose](): void {
    this.#inbox[Symbol.dispose]();
  }

  async #carryOut(row: SignedRow, heard: Heard): Promise<void> {
    if (!heard.ok) return this.#refuse(row, heard);
    const { message } = heard;
    const { body } = message;
    const age = this.#ageOf(row, message);
    if (body.kind === "revision") {
      if (age === "good") return this.#revisions.take(message, body);
      return this.#revisions.refuse(message, body.revision, this.#ageText(age));
    }
    const done = this.#doneState(row.number);
    if (age === "good" || this.#commands.isCutOff(body)) {
      return this.#commands.take(message, body, done);
    }
    const outcome = age === "expired" ? "expired" : "refused";
    this.#commands.end(message, body, { outcome, reason: this.#ageText(age) }, done);
  }

  /** What nobody proves to have said. It counts as done: the messages behind it must not wait for ever. */
  #refuse({ number }: SignedRow, heard: Extract<Heard, { readonly ok: false }>): void {
    if (heard.why === "unknown-key") return;
    const { forged, unreadable, otherGateway, otherNumber } = this.#text;
    const reasons = {
      ...{ forged, unreadable },
      ...{ "other-gateway": otherGateway, "other-number": otherNumber },
    };
    const reason = reasons[heard.why];
    this.#parts.log.warn("message refused", { number, why: heard.why });
    // So that central learns what became of what it did say under this number; who said it is not believed.
    const isOurs = heard.why === "forged" || heard.why === "unreadable";
    const said = isOurs ? heard.said?.body : undefined;
    const from = { number, by: "?" };
    const state = this.#doneState(number);
    if (said?.kind === "revision") {
      this.#revisions.refuse(from, said.revision, reason);
    } else if (said?.kind === "command") {
      this.#commands.end(from, said, { outcome: "refused", reason }, state);
    } else {
      const body = { action: "message-refused", number, reason };
      this.#parts.now().intake.follow(() => ({ events: [{ kind: "audit", body }], state }));
    }
  }

  #ageOf(row: SignedRow, message: Message) {
    const { clock, clockQuality } = this.#parts;
    const [now, mono] = [clock.now(), clock.monotonicMs()];
    const here = mono - (this.#seenAt.get(row.number) ?? mono);
    return ageOf(message, now, clockQuality(), Math.max(here, now - row.receivedAt));
  }

  #ageText(age: "expired" | "unset" | "behind"): string {
    const { expired, ageUnknown, clockBehind } = this.#text;
    return { expired, unset: ageUnknown, behind: clockBehind }[age];
  }

  /** A database that was restored or begun anew: what is missing was done before, and central does not send it again. */
  #isNewStore(): boolean {
    const { store } = this.#parts;
    return store.readState(epochKey).get(epochKey) !== store.outbox.epoch;
  }

  /** Central may have settled what is missing; whoever waits for it for ever does nothing any more. */
  #isTooEarly({ number, follows }: SignedRow): boolean {
    if (follows !== undefined && follows <= this.#done) return false;
    const mono = this.#parts.clock.monotonicMs();
    const waitedMs = mono - (this.#seenAt.get(number) ?? mono);
    return number > this.#done + 1 && waitedMs < holeMsMax && !this.#isNewStore();
  }

  /** What is told of an older message takes nothing back. */
  #marked({ events, state }: Follow): Follow {
    const number = state.get(doneKey);
    if (typeof number !== "number") return { events, state };
    const done = this.#doneState(Math.max(number, this.#done));
    return { events, state: new Map([...state, ...done]) };
  }

  #doneState(number: number): ReadonlyMap<string, unknown> {
    return new Map<string, unknown>([
      [doneKey, number],
      [epochKey, this.#parts.store.outbox.epoch],
    ]);
  }

  #note({ number }: SignedRow): void {
    if (!this.#seenAt.has(number)) this.#seenAt.set(number, this.#parts.clock.monotonicMs());
  }

  #wait(why: string): void {
    if (why === this.#waitsFor) return;
    this.#waitsFor = why;
    this.#parts.log.warn("messages of central wait", { why, todo: this.#text.waitsTodo });
  }

  get #text() {
    return downText[this.#parts.now().config.gateway.language];
  }
}
