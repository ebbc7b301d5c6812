import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import { DigestClock, digestKey } from "./digest-clock.ts";
import { type DigestItem, floodMessage } from "./digest-message.ts";
import type { Draft } from "./draft.ts";
import { addTold, addWait, type Escalation, type Wait } from "./escalation.ts";
import type { EscalationBook } from "./escalation-book.ts";
import { Flood, type FloodLimits, floodKey } from "./flood.ts";
import type { MessageWorld } from "./message.ts";
import type { PushWriter } from "./push-writer.ts";
import type { Receivers } from "./receivers.ts";
import type { BootClock } from "./time-mark.ts";

export interface DigestDeskParts extends BootClock {
  readonly limits: FloodLimits & { readonly digestEvery: number };
  readonly book: EscalationBook;
  readonly saved: ReadonlyMap<string, unknown>;
  readonly instant: Instant;
  readonly world: MessageWorld;
  readonly receivers: Receivers;
  readonly writer: PushWriter;
}

/** Knows of floods, and tells in one message what was kept for it, to each receiver. */
export class DigestDesk {
  readonly #parts: DigestDeskParts;
  readonly #flood: Flood;
  readonly #clock: DigestClock;
  #floodDirty = false;
  #count = 0;
  #toNotice = new Set<string>();
  #waitsQuiet = false;
  #mono: MonotonicMs;

  constructor(parts: DigestDeskParts) {
    this.#parts = parts;
    const { limits, saved, instant, book } = parts;
    this.#mono = instant.mono;
    this.#flood = new Flood(limits, parts, saved.get(floodKey), instant);
    this.#clock = new DigestClock(limits.digestEvery, parts, saved.get(digestKey), instant);
    const waits = book.all().flatMap((escalation) => escalation.waits);
    if (waits.some(({ why }) => why === "quiet")) this.#clock.waitQuiet(instant.mono - 60_000);
    if (waits.some(({ why }) => why === "digest")) this.#clock.waitDigest(instant.mono);
  }

  get flooded(): boolean {
    return this.#flood.flooded;
  }

  nextDue(): MonotonicMs | undefined {
    const due = Math.min(
      this.#flood.nextDue() ?? Number.POSITIVE_INFINITY,
      this.#clock.nextDue() ?? Number.POSITIVE_INFINITY,
    );
    return due === Number.POSITIVE_INFINITY ? undefined : due;
  }

  /** Counts new alarms. @returns whether a flood ended. */
  note(starts: number, { mono }: Instant, draft: Draft): boolean {
    this.#mono = mono;
    const changes = this.#flood.note(starts, mono);
    this.#floodDirty ||= starts > 0 || changes.length > 0;
    for (const { to, count } of changes) {
      draft.event({ what: to === "flood" ? "flood-began" : "flood-ended", count });
      if (to === "flood") this.#count = count;
    }
    return changes.some(({ to }) => to === "calm");
  }

  /** Keeps something for the next digest, or for the end of quiet hours. */
  wait(escalation: Escalation, wait: Omit<Wait, "count">): Escalation {
    if (wait.why === "quiet") this.#clock.waitQuiet(this.#mono);
    else {
      this.#clock.waitDigest(this.#mono);
      if (this.flooded && !this.#clock.noticed.has(wait.receiver)) {
        this.#clock.notice(wait.receiver);
        this.#toNotice.add(wait.receiver);
      }
    }
    return addWait(escalation, wait);
  }

  /** Sends what is due. @param calm a flood ended: what it kept goes now. */
  flush(calm: boolean, instant: Instant, draft: Draft): void {
    for (const receiver of this.#toNotice) this.#notice(receiver, true, instant, draft);
    this.#toNotice = new Set();
    if (calm || this.#clock.digestDue(instant.mono)) {
      this.#clock.digested();
      this.#send("digest", instant, draft);
    }
    if (calm && !this.flooded) {
      for (const receiver of this.#clock.noticed) this.#notice(receiver, false, instant, draft);
      this.#clock.forgetNoticed();
    }
    if (this.#clock.quietDue(instant.mono)) {
      this.#waitsQuiet = false;
      this.#send("quiet", instant, draft);
      this.#clock.quietChecked(instant.mono, this.#waitsQuiet);
    }
  }

  save(instant: Instant, draft: Draft): void {
    this.#clock.save(instant, draft);
    if (!this.#floodDirty) return;
    this.#floodDirty = false;
    draft.set(floodKey, this.#flood.saved(instant));
  }

  #notice(receiver: string, begins: boolean, instant: Instant, draft: Draft): void {
    const { writer, world, limits, receivers } = this.#parts;
    if (receivers.reception(receiver, "medium", instant.at) === "quiet") return;
    const flood = begins ? { count: this.#count, everyMs: limits.digestEvery } : undefined;
    const message = floodMessage(flood, world, writer.wording(receiver));
    writer.send({ receiver, kind: "notice", priority: "medium" }, message, instant, draft);
  }

  #send(why: Wait["why"], instant: Instant, draft: Draft): void {
    const { book, writer } = this.#parts;
    const byReceiver = new Map<string, DigestItem[]>();
    for (const escalation of book.all()) {
      if (!escalation.waits.some((wait) => wait.why === why)) continue;
      book.put(this.#gather(escalation, why, instant, byReceiver));
    }
    for (const [receiver, items] of byReceiver) writer.digest(receiver, items, instant, draft);
  }

  /** Moves what one alarm has waiting to the items of its receivers; what must wait on stays. */
  #gather(
    escalation: Escalation,
    why: Wait["why"],
    { at, mono }: Instant,
    byReceiver: Map<string, DigestItem[]>,
  ): Escalation {
    const { subject, returned, stage } = escalation;
    const mine = escalation.waits.filter((wait) => wait.why === why);
    const others = escalation.waits.filter((wait) => wait.why !== why);
    let after: Escalation = { ...escalation, waits: others };
    const told = new Map<string, number>();
    for (const wait of mine) {
      const { receiver, kind, count } = wait;
      const reception = this.#parts.receivers.reception(receiver, subject.priority, at);
      if (reception === "never") continue;
      if (reception === "quiet") {
        after = { ...after, waits: [...after.waits, { ...wait, why: "quiet" }] };
        this.#waitsQuiet = true;
        this.#clock.waitQuiet(mono);
        continue;
      }
      const over = kind === "returned" || kind === "ended";
      told.set(receiver, (told.get(receiver) ?? 0) + (over ? 0 : count));
      if (!over) after = addTold(after, receiver, why === "quiet" ? "single" : "digest");
    }
    for (const [receiver, raised] of told) {
      const items = byReceiver.get(receiver) ?? [];
      items.push({ subject, raised, over: returned || stage === "over" });
      byReceiver.set(receiver, items);
    }
    return after;
  }
}
