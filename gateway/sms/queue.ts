import { smsText } from "../../config/language/sms.ts";
import { priorityRanks } from "../../config/schema/priority-rank.ts";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Delivery, Push } from "../push/push.ts";
import type { Instant } from "../rules/rule.ts";
import { oneSegment } from "./encoding.ts";

/** Pause before a number is tried again: doubled with each failure, spread by a fifth. */
export const retryMs = { first: 5_000, longest: 300_000 };

const hourMs = 3_600_000;

export interface SmsQueueParts {
  /** Messages in any hour, digests included; a tenth of it is kept for digests. */
  readonly perHourMax: number;
  /** Least time between two digests to one number, unless one tells of a critical alarm. */
  readonly digestEveryMs: number;
  readonly numberOf: (push: Push) => string | undefined;
  /** 0 to 1, for the spread. */
  readonly random: () => number;
}

/** One message to one number, and the pushes that it delivers. */
export interface Parcel {
  readonly number: string;
  readonly text: string;
  readonly ids: readonly string[];
}

export type ParcelOutcome =
  | { readonly is: "delivered" }
  | { readonly is: "failed"; readonly problem: string; readonly mayHaveLeft: boolean }
  /** No other try would do better. */
  | { readonly is: "refused"; readonly problem: string };

interface Item {
  readonly push: Push;
  readonly number: string;
  readonly firstAt: MonotonicMs;
  delivery: Delivery;
}

interface Line {
  failures: number;
  retryAt: MonotonicMs;
  digestAt: MonotonicMs;
}

const never = Number.NEGATIVE_INFINITY;

/**
 * Which push leaves next: the most urgent first, each number with its own back-off, so that a phone that is off delays
 * nobody else. When the hour's limit comes near, all that waits for a number becomes one digest. What was tried is
 * forgotten by a restart, which sends again rather than not at all.
 */
export class SmsQueue {
  readonly #parts: SmsQueueParts;
  readonly #items = new Map<string, Item>();
  readonly #lines = new Map<string, Line>();
  #sentAt: MonotonicMs[] = [];
  #changed = new Map<string, Delivery>();

  constructor(parts: SmsQueueParts) {
    this.#parts = parts;
  }

  /** All pushes that are queued now: what is missing was settled elsewhere. Gives up those whose time is over. */
  take(pushes: readonly Push[], instant: Instant): void {
    const ids = new Set<string>();
    for (const push of pushes) {
      if (push.channel !== "sms") continue;
      ids.add(push.id);
      if (!this.#items.has(push.id)) this.#add(push, instant);
    }
    for (const id of this.#items.keys()) {
      if (!ids.has(id)) this.#items.delete(id);
    }
    for (const item of this.#waiting()) {
      if (instant.mono < item.firstAt + item.push.ttlMs) continue;
      const text = smsText[item.push.language];
      const problem = text.expired(item.delivery.problem ?? text.neverTried);
      this.#settle(item, { state: "dead", problem, at: instant.at });
    }
  }

  next(mono: MonotonicMs): Parcel | undefined {
    const { perHourMax, digestEveryMs } = this.#parts;
    this.#sentAt = this.#sentAt.filter((at) => at > mono - hourMs);
    if (this.#sentAt.length >= perHourMax) return undefined;
    const due = this.#waiting()
      .filter(({ number }) => this.#line(number).retryAt <= mono)
      .sort(byUrgency);
    const singlesMax = Math.max(1, perHourMax - Math.ceil(perHourMax / 10));
    if (this.#sentAt.length < singlesMax) {
      const [first] = due;
      return first === undefined ? undefined : parcelOf([first]);
    }
    const item = due.find(({ number, push }) => {
      return push.priority === "critical" || this.#line(number).digestAt + digestEveryMs <= mono;
    });
    if (item === undefined) return undefined;
    return parcelOf(due.filter(({ number }) => number === item.number));
  }

  /** When a number may be tried again; undefined: nothing waits for that. */
  nextDue(mono: MonotonicMs): MonotonicMs | undefined {
    const times = this.#waiting().map(({ number }) => this.#line(number).retryAt);
    const later = times.filter((at) => at > mono);
    return later.length === 0 ? undefined : Math.min(...later);
  }

  settle(parcel: Parcel, outcome: ParcelOutcome, { at, mono }: Instant): void {
    const line = this.#line(parcel.number);
    if (outcome.is === "delivered" || (outcome.is === "failed" && outcome.mayHaveLeft)) {
      this.#sentAt.push(mono);
      if (parcel.ids.length > 1) line.digestAt = mono;
    }
    if (outcome.is === "failed") {
      const pauseMs = Math.min(retryMs.first * 2 ** line.failures, retryMs.longest);
      line.failures += 1;
      line.retryAt = mono + pauseMs * (0.8 + 0.4 * this.#parts.random());
    } else {
      line.failures = 0;
      line.retryAt = never;
    }
    for (const id of parcel.ids) {
      const item = this.#items.get(id);
      if (item === undefined) continue;
      const attempts = item.delivery.attempts + 1;
      if (outcome.is === "delivered") this.#settle(item, { state: "delivered", attempts, at });
      else {
        const state = outcome.is === "refused" ? "dead" : "waiting";
        this.#settle(item, { state, attempts, at, problem: outcome.problem });
      }
    }
  }

  /** What became of every push that is still queued. */
  deliveries(): readonly Delivery[] {
    return [...this.#items.values()].map(({ delivery }) => delivery);
  }

  /** What changed since the last call. */
  changes(): readonly Delivery[] {
    const changed = [...this.#changed.values()];
    this.#changed = new Map();
    return changed;
  }

  #add(push: Push, { at, mono }: Instant): void {
    const number = this.#parts.numberOf(push);
    const delivery: Delivery = { id: push.id, state: "waiting", attempts: 0, at };
    const item = { push, number: number ?? "", firstAt: mono, delivery };
    this.#items.set(push.id, item);
    if (number === undefined) {
      this.#settle(item, { state: "dead", problem: smsText[push.language].noNumber, at });
    }
  }

  #settle(item: Item, change: Partial<Delivery>): void {
    const { problem: _, ...known } = item.delivery;
    item.delivery = { ...known, ...change };
    this.#changed.set(item.push.id, item.delivery);
  }

  #waiting(): Item[] {
    return [...this.#items.values()].filter(({ delivery }) => delivery.state === "waiting");
  }

  #line(number: string): Line {
    let line = this.#lines.get(number);
    if (line === undefined) {
      line = { failures: 0, retryAt: never, digestAt: never };
      this.#lines.set(number, line);
    }
    return line;
  }
}

/** @param items of one number, the most urgent first, at least one. */
function parcelOf(items: readonly Item[]): Parcel | undefined {
  const [first] = items;
  if (first === undefined) return undefined;
  const { push, number } = first;
  const ids = items.map((item) => item.push.id);
  if (items.length === 1) return { number, ids, text: oneSegment(push.short) };
  const text = smsText[push.language].digest(items.length, push.priority, push.short);
  return { number, ids, text: oneSegment(text) };
}

function byUrgency(a: Item, b: Item): number {
  return (
    priorityRanks[a.push.priority] - priorityRanks[b.push.priority] ||
    a.push.createdAt - b.push.createdAt
  );
}
