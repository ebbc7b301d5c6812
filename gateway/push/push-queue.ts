import { z } from "zod";
import { priorityRanks } from "../../config/schema/priority-rank.ts";
import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import { DeadLetters, type DeadPush } from "./dead-letters.ts";
import type { Draft } from "./draft.ts";
import { type Delivery, type Push, pushKey, pushKeyPrefix, pushSchema } from "./push.ts";

/** Waiting pushes, about 1 kB each: enough for a flood of 500 alarms at ten addresses. Beyond it the least important goes. */
export const pushesWaitingMax = 5_000;

/** Critical pushes may fill more than that, but not the disk: beyond this the oldest of them goes. */
export const pushesCriticalMax = 20_000;

/** A push that nobody even tried is given up this long after its time: the agent or the modem is not there. */
export const uncollectedGraceMs = 600_000;

/** A receiver counts as not reached when its pushes failed this often, though they are still being tried. */
const attemptsFailing = 3;

/** State key of the last sequence number: numbers are never given twice, also when all pushes have left. */
const pushSequenceKey = "push-sequence";

const sequenceSchema = z.strictObject({ version: z.literal(1), last: z.int().min(0) });

interface Waiting {
  readonly seq: number;
  readonly push: Push;
  /** When this process first knew it. */
  readonly since: MonotonicMs;
  delivery?: Delivery | undefined;
  /** When its attempts began to fail. */
  failingSince?: EpochMs | undefined;
}

/** What became of a push, for whoever told by it. */
export interface Settled {
  readonly push: Push;
  readonly state: "delivered" | "failing" | "dead";
  readonly problem?: string | undefined;
}

export interface FailingChannel {
  readonly receiver: string;
  readonly channel: Push["channel"];
  readonly since: EpochMs;
  readonly problem: string;
}

/** Of what is least missed first. */
const kindRanks: Readonly<Record<Push["kind"], number>> = {
  digest: 0,
  historic: 1,
  notice: 2,
  reminder: 3,
  ended: 4,
  returned: 5,
  test: 6,
  escalated: 7,
  raised: 8,
};
/** All pushes that wait for their delivery, in the order in which they were made; each under its own state key. */
export class PushQueue {
  readonly #bySeq = new Map<number, Waiting>();
  readonly #seqById = new Map<string, number>();
  readonly #dead: DeadLetters;
  #last = 0;
  #droppedTotal = 0;
  /** Waiting pushes that are not critical. */
  #lesser = 0;

  /** @param saved values by key; those that cannot be read stay where they are, and are never sent. */
  constructor(saved: ReadonlyMap<string, unknown>, instant: Instant) {
    this.#dead = new DeadLetters(saved);
    const sequence = sequenceSchema.safeParse(saved.get(pushSequenceKey));
    this.#last = sequence.success ? sequence.data.last : 0;
    for (const key of [...saved.keys()].sort()) {
      if (!key.startsWith(pushKeyPrefix)) continue;
      const seq = Number(key.slice(pushKeyPrefix.length));
      const push = pushSchema.safeParse(saved.get(key));
      if (Number.isInteger(seq)) this.#last = Math.max(this.#last, seq);
      if (push.success) this.#put({ seq, push: push.data, since: instant.mono });
    }
  }

  /** Queues a push and gives it its id. */
  add(push: Omit<Push, "id" | "version">, instant: Instant, draft: Draft): Push {
    this.#last += 1;
    const id = `${this.#last}-${push.createdAt.toString(36)}`;
    const whole: Push = { version: 1, id, ...push };
    this.#put({ seq: this.#last, push: whole, since: instant.mono });
    draft.set(pushKey(this.#last), whole);
    draft.set(pushSequenceKey, { version: 1, last: this.#last });
    if (this.#bySeq.size > pushesWaitingMax) this.#makeRoom(instant, draft);
    return whole;
  }

  /** Takes what is known of deliveries, also repeatedly. Delivered and dead pushes leave, with an event each. */
  settle(deliveries: readonly Delivery[], instant: Instant, draft: Draft): readonly Settled[] {
    return deliveries.flatMap((delivery): Settled[] => {
      const waiting = this.#waiting(delivery.id);
      if (waiting === undefined) return [];
      const { push } = waiting;
      if (delivery.state !== "waiting") {
        const { state, problem } = delivery;
        this.#remove(waiting, delivery, instant, draft);
        return [{ push, state, problem }];
      }
      const { attempts: before = 0 } = waiting.delivery ?? {};
      waiting.delivery = delivery;
      if (delivery.problem === undefined) waiting.failingSince = undefined;
      else waiting.failingSince ??= delivery.at;
      const failing = delivery.attempts >= attemptsFailing && before < attemptsFailing;
      return failing ? [{ push, state: "failing", problem: delivery.problem }] : [];
    });
  }

  /** Gives up pushes that nobody settled long after their time. */
  expire(instant: Instant, draft: Draft): readonly Settled[] {
    const settled: Settled[] = [];
    for (let due = this.#oldest(); due !== undefined; due = this.#oldest()) {
      const { push, since, delivery } = due;
      if (since + push.ttlMs + uncollectedGraceMs > instant.mono) break;
      const problem = delivery?.problem ?? "nobody delivered it in its time";
      const attempts = delivery?.attempts ?? 0;
      this.#remove(
        due,
        { id: push.id, state: "dead", attempts, at: instant.at, problem },
        instant,
        draft,
      );
      settled.push({ push, state: "dead", problem });
    }
    return settled;
  }

  nextDue(): MonotonicMs | undefined {
    const oldest = this.#oldest();
    return oldest === undefined ? undefined : oldest.since + oldest.push.ttlMs + uncollectedGraceMs;
  }

  /** Oldest first. */
  waiting(): readonly Push[] {
    return [...this.#bySeq.values()].map(({ push }) => push);
  }

  /** Whether a push of this alarm to this receiver may still arrive: it waits, and did not fail too often. */
  mayReach(alarm: string | undefined, receiver: string): boolean {
    return [...this.#bySeq.values()].some(
      ({ push, delivery }) =>
        push.alarm === alarm &&
        push.receiver === receiver &&
        (delivery?.attempts ?? 0) < attemptsFailing,
    );
  }

  /** Channels whose pushes are being tried without success, one entry each. */
  failing(): readonly FailingChannel[] {
    const found = new Map<string, FailingChannel>();
    for (const { push, delivery, failingSince: since } of this.#bySeq.values()) {
      if (since === undefined || delivery?.problem === undefined) continue;
      const { receiver, channel } = push;
      const key = `${receiver}/${channel}`;
      const first = found.get(key);
      if (first !== undefined && first.since <= since) continue;
      found.set(key, { receiver, channel, since, problem: delivery.problem });
    }
    return [...found.values()];
  }

  /** The last ones that were given up, the newest first. */
  dead(): readonly DeadPush[] {
    return this.#dead.list();
  }

  /** Pushes that were dropped since the start, because too many waited. */
  get droppedTotal(): number {
    return this.#droppedTotal;
  }

  get size(): number {
    return this.#bySeq.size;
  }

  #put(waiting: Waiting): void {
    this.#bySeq.set(waiting.seq, waiting);
    if (waiting.push.priority !== "critical") this.#lesser += 1;
    this.#seqById.set(waiting.push.id, waiting.seq);
  }

  #waiting(id: string): Waiting | undefined {
    const seq = this.#seqById.get(id);
    return seq === undefined ? undefined : this.#bySeq.get(seq);
  }

  #oldest(): Waiting | undefined {
    return this.#bySeq.values().next().value;
  }

  #remove({ seq, push }: Waiting, delivery: Delivery, { at }: Instant, draft: Draft): void {
    this.#bySeq.delete(seq);
    this.#seqById.delete(push.id);
    if (push.priority !== "critical") this.#lesser -= 1;
    draft.set(pushKey(seq), undefined);
    const { state, attempts, problem } = delivery;
    const { id, receiver, channel, address, kind, alarm } = push;
    const delayMs = Math.max(0, delivery.at - push.createdAt);
    draft.event({
      what: state,
      push: id,
      receiver,
      channel,
      address,
      kind,
      ...(alarm === undefined ? {} : { alarm }),
      attempts,
      delayMs,
      ...(problem === undefined ? {} : { problem }),
    });
    if (state === "dead") {
      const { priority, short } = push;
      const letter = { id, receiver, channel, address, kind, alarm, priority, short, attempts };
      this.#dead.add({ ...letter, problem: problem ?? "", at }, draft);
    }
  }

  #makeRoom(instant: Instant, draft: Draft): void {
    if (this.#lesser === 0 && this.#bySeq.size <= pushesCriticalMax) return;
    let least: Waiting | undefined;
    for (const waiting of this.#bySeq.values()) {
      if (least === undefined || rankOf(waiting.push) < rankOf(least.push)) least = waiting;
    }
    if (least === undefined) return;
    this.#droppedTotal += 1;
    const attempts = least.delivery?.attempts ?? 0;
    const problem = "dropped: too many pushes wait";
    const { id } = least.push;
    this.#remove(least, { id, state: "dead", attempts, at: instant.at, problem }, instant, draft);
  }
}

function rankOf({ priority, kind }: Push): number {
  return kindRanks[kind] - priorityRanks[priority] * 10;
}
