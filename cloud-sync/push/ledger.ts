import type { Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { DeliveryBook, Sent } from "./delivery-book.ts";
import { changed, type DeliveryRow, firstRow, type Moment } from "./delivery-row.ts";

/**
 * What is known of each push, in memory and in the book behind it. When the book cannot be written (a full disk), pushes
 * leave nevertheless, and it is written later: a restart before that sends them again.
 */
export class Ledger {
  readonly #book: DeliveryBook;
  readonly #log: Log;
  #epoch = "";
  #rows = new Map<string, DeliveryRow>();
  readonly #dirty = new Set<string>();
  readonly #gone = new Set<string>();
  #problem: string | undefined;

  constructor(book: DeliveryBook, log: Log) {
    this.#book = book;
    this.#log = log;
  }

  get epoch(): string {
    return this.#epoch;
  }

  row(id: string): DeliveryRow | undefined {
    return this.#rows.get(id);
  }

  waits(id: string): boolean {
    return this.#rows.get(id)?.state === "waiting";
  }

  /** Follows the gateway's queue: forgets what left it. Returns what was not known to this process. */
  follow(epoch: string, ids: readonly string[], now: Moment): ReadonlySet<string> {
    const isOther = epoch !== this.#epoch;
    if (isOther) this.#open(epoch);
    const present = new Set(ids);
    for (const id of this.#rows.keys()) {
      if (present.has(id)) continue;
      this.#rows.delete(id);
      this.#dirty.delete(id);
      this.#gone.add(id);
    }
    const fresh = new Set(ids.filter((id) => isOther || !this.#rows.has(id)));
    for (const id of present) {
      this.#gone.delete(id);
      if (this.#rows.has(id)) continue;
      this.#rows.set(id, firstRow(id, now));
      this.#dirty.add(id);
    }
    return fresh;
  }

  change(id: string, now: Moment, change: Parameters<typeof changed>[2]): void {
    const row = this.#rows.get(id);
    // The gateway took it back while it was under way.
    if (row === undefined) return;
    this.#rows.set(id, changed(row, now, change));
    this.#dirty.add(id);
  }

  /** Writes what changed. A failure is said once and tried again with the next change. */
  flush(sent?: Sent): void {
    if (this.#dirty.size === 0 && this.#gone.size === 0 && sent === undefined) return;
    const rows = [...this.#dirty].flatMap((id) => this.#rows.get(id) ?? []);
    this.attempt(() => {
      this.#book.save(this.#epoch, rows, [...this.#gone], sent);
      this.#dirty.clear();
      this.#gone.clear();
    });
  }

  /** Undefined when the book cannot be read or written. */
  attempt<T>(work: () => T): T | undefined {
    try {
      const result = work();
      if (this.#problem !== undefined) this.#log.info("deliveries are kept again");
      this.#problem = undefined;
      return result;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      const { code, message, where, todo } = error;
      if (message !== this.#problem) {
        this.#log.error("deliveries cannot be kept", { code, message, where, todo });
      }
      this.#problem = message;
      return undefined;
    }
  }

  #open(epoch: string): void {
    this.#epoch = epoch;
    this.#dirty.clear();
    this.#gone.clear();
    const rows = this.attempt(() => this.#book.rows(epoch)) ?? [];
    this.#rows = new Map(rows.map((row) => [row.id, row]));
  }
}
