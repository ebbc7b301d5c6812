import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Push } from "../../gateway/push/push.ts";
import { rank } from "./digest.ts";
import type { Outlet } from "./outlet.ts";
import { RateWindow } from "./rate-window.ts";

/** Pushes that a limit holds back are gathered for so long, so that a burst makes one digest and not several. */
export const gatherMs = 10_000;

/** A limit that frees its next place within this makes nobody wait long enough for a digest. */
const shortWaitMs = 5_000;

/** A push that failed so often makes room for others: one that the server stumbles over must not block the rest. */
const yieldsAfter = 3;

export interface Waiting {
  readonly push: Push;
  /** Order in which it was queued. */
  readonly order: number;
  attempts: number;
}

/** What waits for one address of one receiver, and how that address fares. */
export interface Queue {
  readonly key: string;
  readonly outlet: Outlet;
  readonly items: Map<string, Waiting>;
  /** In a row. */
  failures: number;
  notBefore: MonotonicMs;
  problem?: { readonly why: string; readonly slow: boolean; readonly since: number };
}

export type Next =
  | { readonly queue: Queue; readonly items: readonly Waiting[] }
  /** Infinity: until something arrives. */
  | { readonly waitMs: number };

/**
 * All queues that share one limit (two receivers in the same group chat), one message under way at a time. Which message
 * leaves next: the most urgent, but never before an earlier one of the same alarm to the same address.
 */
export class Line {
  readonly queues = new Map<string, Queue>();
  readonly robot: string;
  busy = false;
  readonly #outlet: Outlet;
  readonly #window: RateWindow;
  #heldSince: MonotonicMs | undefined;
  #digestAt: MonotonicMs;

  constructor(outlet: Outlet, sent: readonly MonotonicMs[]) {
    this.robot = outlet.robot;
    this.#outlet = outlet;
    this.#window = new RateWindow(outlet.limits, sent);
    // Which of them were digests is not on record: the last counts as one.
    this.#digestAt = Math.max(Number.NEGATIVE_INFINITY, ...sent);
  }

  /** @param blocked whether signed messages must wait */
  next(now: MonotonicMs, blocked: boolean): Next {
    const open = [...this.queues.values()].filter(
      ({ items, outlet }) => items.size > 0 && !(blocked && outlet.signed),
    );
    const ready = open.filter(({ notBefore }) => notBefore <= now);
    const best = bestOf(ready);
    if (best === undefined) {
      this.#heldSince = undefined;
      return { waitMs: Math.min(...open.map(({ notBefore }) => notBefore)) - now };
    }
    const freeAt = this.#window.freeAt(now);
    if (freeAt <= now) return { queue: best.queue, items: [best.item] };
    const waitMs = freeAt - now;
    if (this.#outlet.overflow === "wait") return { waitMs };
    if (this.#heldSince === undefined && waitMs <= shortWaitMs) return { waitMs };
    this.#heldSince ??= now;
    // One digest in a window on top of the limit: 18 + 1 stay below a robot's 20.
    const digestAt = Math.max(this.#heldSince + gatherMs, this.#digestAt + this.#window.longestMs);
    if (digestAt > now) return { waitMs: Math.min(waitMs, digestAt - now) };
    const items = ready.flatMap((queue) => [...queue.items.values()]);
    return items.length > 1 ? { queue: best.queue, items } : { waitMs };
  }

  /** A message leaves now. */
  leaves(now: MonotonicMs, count: number): void {
    this.#window.add(now);
    this.#heldSince = undefined;
    if (count > 1) this.#digestAt = now;
  }
}

interface Pick {
  readonly queue: Queue;
  readonly item: Waiting;
}

function bestOf(queues: readonly Queue[]): Pick | undefined {
  const heads = queues.flatMap((queue) => headsOf(queue).map((item) => ({ queue, item })));
  return heads.reduce<Pick | undefined>(
    (best, it) => (best === undefined || isBefore(it.item, best.item) ? it : best),
    undefined,
  );
}

/** The first of each alarm; what belongs to none stands for itself. */
function headsOf({ items }: Queue): readonly Waiting[] {
  const heads = new Map<string, Waiting>();
  for (const item of items.values()) {
    const thread = item.push.alarm ?? `push ${item.push.id}`;
    const head = heads.get(thread);
    if (head === undefined || item.order < head.order) heads.set(thread, item);
  }
  return [...heads.values()];
}

function isBefore(a: Waiting, b: Waiting): boolean {
  const [aYields, bYields] = [a.attempts >= yieldsAfter, b.attempts >= yieldsAfter];
  if (aYields !== bYields) return bYields;
  if (rank(a.push) !== rank(b.push)) return rank(a.push) < rank(b.push);
  if (a.attempts !== b.attempts && (aYields || bYields)) return a.attempts < b.attempts;
  return a.order < b.order;
}
