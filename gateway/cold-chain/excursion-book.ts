import type { EpochMs } from "../../drivers/contract.ts";
import type { Follow } from "../follow.ts";
import { dispositionOf, type Excursion, excursionKey, excursionSchema } from "./excursion.ts";

/**
 * Closed excursions that stay at hand, each some kilobytes in the state table. Beyond it those on which somebody
 * decided go first, then the oldest; the log of events keeps all.
 */
export const closedMax = 500;

/** Closed and decided ones are at hand for this long. */
const keptMs = 366 * 86_400_000;

/** What an event of kind `excursion` says happened. */
export type ExcursionDo = "opened" | "updated" | "closed" | "disposed" | "withdrawn";

/** The excursions at hand, and what of them is to be stored. */
export class ExcursionBook {
  readonly #all = new Map<string, Excursion>();
  readonly #unreadable: string[] = [];
  #state = new Map<string, unknown>();
  #events: Follow["events"][number][] = [];

  /** @param saved What the store kept under `excursionKeyPrefix`. */
  constructor(saved: ReadonlyMap<string, unknown>) {
    for (const [key, value] of saved) {
      const parsed = excursionSchema.safeParse(value);
      if (parsed.success) this.#all.set(parsed.data.id, parsed.data);
      else this.#unreadable.push(key);
    }
  }

  /** Keys of what could not be read: it stays where it is, for the log. */
  get unreadable(): readonly string[] {
    return this.#unreadable;
  }

  get(id: string): Excursion | undefined {
    return this.#all.get(id);
  }

  list(): readonly Excursion[] {
    return [...this.#all.values()];
  }

  /** @param what Undefined: saved without an event. */
  put(excursion: Excursion, what?: ExcursionDo): void {
    this.#all.set(excursion.id, excursion);
    this.#state.set(excursionKey(excursion.id), excursion);
    if (what === undefined) return;
    const { last, kinetic, settled, ...told } = excursion;
    this.#events.push({ kind: "excursion", body: { do: what, excursion: told } });
  }

  /** @param event Whether people were told of it. */
  withdraw(excursion: Excursion, event: boolean): void {
    this.#forget(excursion.id);
    if (!event) return;
    const { id, rule } = excursion;
    this.#events.push({ kind: "excursion", body: { do: "withdrawn", excursion: { id, rule } } });
  }

  /** What changed since the last time. */
  collect(now: EpochMs): Follow {
    if (this.#state.size > 0) this.#prune(now);
    const follow = { events: this.#events, state: this.#state };
    this.#events = [];
    this.#state = new Map();
    return follow;
  }

  #prune(now: EpochMs): void {
    const closed = this.list().filter(({ state }) => state === "closed");
    const order = closed.sort(
      (left, right) =>
        Number(isDecided(right)) - Number(isDecided(left)) || endOf(left) - endOf(right),
    );
    const over = closed.length - closedMax;
    for (const [index, excursion] of order.entries()) {
      const old = isDecided(excursion) && endOf(excursion) < now - keptMs;
      if (index < over || old) this.#forget(excursion.id);
    }
  }

  #forget(id: string): void {
    this.#all.delete(id);
    this.#state.set(excursionKey(id), undefined);
  }
}

function isDecided(excursion: Excursion): boolean {
  const disposition = dispositionOf(excursion);
  return disposition === "released" || disposition === "discarded";
}

function endOf({ end, start }: Excursion): EpochMs {
  return end ?? start;
}
