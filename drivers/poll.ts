import type { Clock, MonotonicMs } from "./contract.ts";

/** Something that is to be read once in every period. */
export interface Poll<T> {
  readonly item: T;
  readonly everyMs: number;
}

export interface Due<T> {
  readonly item: T;
  readonly dueMs: MonotonicMs;
  /** Periods that went by unread because the line was busy. They are coalesced into this one. */
  readonly missed: number;
}

interface Slot<T> {
  readonly item: T;
  readonly everyMs: number;
  /** A point of the slot's fixed grid; all others are whole periods away. */
  readonly gridMs: MonotonicMs;
  dueMs: MonotonicMs;
}

/**
 * Fixed-rate schedule: everything is due at once at the start (first values fast), then on a grid that no delay
 * shifts, each item at its own phase so that reads spread over the period. At most one reading of an item is pending.
 */
export class Schedule<T> {
  readonly #slots: Slot<T>[];

  constructor(polls: readonly Poll<T>[], startMs: MonotonicMs) {
    this.#slots = polls.map((poll, index) => ({
      ...poll,
      gridMs: startMs + (poll.everyMs * (index + 1)) / polls.length,
      dueMs: startMs,
    }));
  }

  /** When the next item is due; undefined when there is none. */
  nextMs(): MonotonicMs | undefined {
    return this.#earliest()?.dueMs;
  }

  /** Takes the item that has been due the longest. O(items). */
  take(nowMs: MonotonicMs): Due<T> | undefined {
    const slot = this.#earliest();
    if (slot === undefined || slot.dueMs > nowMs) return undefined;
    const { dueMs, everyMs } = slot;
    slot.dueMs = after(slot, nowMs);
    const missed = Math.max(0, Math.ceil((slot.dueMs - dueMs) / everyMs - 1.000_001));
    return { item: slot.item, dueMs, missed };
  }

  /** Makes an item due at `untilMs` once; afterwards it is back on its grid. */
  postpone(item: T, untilMs: MonotonicMs): void {
    const slot = this.#slots.find((candidate) => candidate.item === item);
    if (slot !== undefined) slot.dueMs = untilMs;
  }

  #earliest(): Slot<T> | undefined {
    let earliest = this.#slots[0];
    for (const slot of this.#slots) {
      if (earliest === undefined || slot.dueMs < earliest.dueMs) earliest = slot;
    }
    return earliest;
  }
}

/** Yields items as they become due, until the signal is aborted. A slow reader makes periods missed, never queued. */
export async function* poll<T>(
  schedule: Schedule<T>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Due<T>, void, undefined> {
  while (!signal.aborted) {
    const due = schedule.take(clock.monotonicMs());
    if (due !== undefined) {
      yield due;
      continue;
    }
    const nextMs = schedule.nextMs() ?? Number.POSITIVE_INFINITY;
    const waitMs = Math.min(nextMs - clock.monotonicMs(), sleepMsMax);
    try {
      await clock.sleep(Math.max(0, Math.ceil(waitMs)), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

/** A day: timers of Node overflow at 24.8 days and then fire at once. */
const sleepMsMax = 86_400_000;

function after<T>(slot: Slot<T>, nowMs: MonotonicMs): MonotonicMs {
  const periods = Math.floor((nowMs - slot.gridMs) / slot.everyMs) + 1;
  return slot.gridMs + Math.max(0, periods) * slot.everyMs;
}
