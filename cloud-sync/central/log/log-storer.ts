import type { Clock, Log, MonotonicMs } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { DatabaseLink, Ready } from "../database-link.ts";
import { declareGaps } from "../gaps.ts";
import { ingest } from "../ingest.ts";
import type { Outcome } from "../outcome.ts";
import { type Entry, gatewayOf, unpackEntry } from "./entry.ts";
import type { LogMessage, PartitionReader } from "./partition-log.ts";

/** Entries that are read and not yet stored: each is up to 8 MB unpacked. The log keeps the rest. */
export const waitingMax = 16;

/** Between two attempts while the database or the log is gone. */
const retryMs = 2_000;

export interface LogStorerParts {
  readonly open: () => Promise<PartitionReader>;
  readonly link: DatabaseLink;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Stores what the log has, the partitions side by side and each in its order. An entry that comes again, because another
 * reader took over or this one was killed before it said that it was done, changes nothing: the high-water mark moves with
 * the rows, in one transaction, and where the reading went on does not matter.
 */
export class LogStorer {
  readonly #parts: LogStorerParts;
  #steppedAt: MonotonicMs | undefined;
  #stored = 0;
  #refused = 0;

  constructor(parts: LogStorerParts) {
    this.#parts = parts;
  }

  get figures(): { readonly stored: number; readonly refused: number } {
    return { stored: this.#stored, refused: this.#refused };
  }

  /** When an entry or an attempt was last over. */
  get steppedAt(): MonotonicMs | undefined {
    return this.#steppedAt;
  }

  /** Until the signal is aborted; says once when the log is gone. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    let said = false;
    while (!signal.aborted) {
      try {
        await this.#read(signal, () => {
          said = false;
        });
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof RackwatchError)) throw error;
        if (!said) log.error("the log cannot be read", { code: error.code, reason: error.message });
        said = true;
      }
      this.#steppedAt = clock.monotonicMs();
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }

  async #read(signal: AbortSignal, worked: () => void): Promise<void> {
    await using reader = await this.#parts.open();
    const failed = new AbortController();
    const ended = AbortSignal.any([signal, failed.signal]);
    const lanes = new Map<number, Promise<void>>();
    const waiting = new Set<Promise<void>>();
    let failure: unknown;
    for await (const message of reader.messages(ended)) {
      worked();
      const before = lanes.get(message.partition) ?? Promise.resolve();
      const mine = before.then(async () => {
        if (ended.aborted) return;
        await this.#take(message, ended);
      });
      const settled = mine
        .catch((error: unknown) => {
          failure ??= error;
          failed.abort();
        })
        .finally(() => waiting.delete(settled));
      lanes.set(message.partition, settled);
      waiting.add(settled);
      if (waiting.size >= waitingMax) await Promise.race(waiting);
    }
    await Promise.all(waiting);
    if (failure !== undefined) throw failure;
  }

  async #take(message: LogMessage, signal: AbortSignal): Promise<void> {
    const entry = await unpackEntry(message.value);
    if (entry === undefined) {
      this.#refused += 1;
      this.#parts.log.error("no entry of ours in the log, passed over", {
        partition: message.partition,
        bytes: message.value.length,
      });
    } else if (!(await this.#storeWhenUp(entry, signal))) return;
    await message.done();
    this.#steppedAt = this.#parts.clock.monotonicMs();
  }

  /** Waits for a database that is gone, however long: nothing behind it may go before. False: the signal came first. */
  async #storeWhenUp(entry: Entry, signal: AbortSignal): Promise<boolean> {
    const { clock, link } = this.#parts;
    while (!signal.aborted) {
      try {
        await link.use((ready) => this.#store(ready, entry));
        return true;
      } catch (error) {
        if (!(error instanceof RackwatchError)) throw error;
        this.#steppedAt = clock.monotonicMs();
        await clock.sleep(retryMs, signal).catch(() => undefined);
      }
    }
    return false;
  }

  async #store(ready: Ready, entry: Entry): Promise<void> {
    const gateway = gatewayOf(entry);
    if (entry.kind === "barrier") {
      await ready.database.query("UPDATE gateway SET log_barrier = $2 WHERE gateway = $1", [
        gateway,
        entry.epoch,
      ]);
      return;
    }
    const outcome = await this.#outcome(ready, entry);
    if (outcome.kind === "stored") {
      this.#stored += outcome.rows;
      return;
    }
    // What its gateway has still comes again: from now on receivers tell it how far the database is.
    this.#refused += 1;
    const { code, message } = outcome.refusal;
    this.#parts.log.warn("an entry of the log was not stored", { gateway, code, reason: message });
    await ready.database.query(
      "UPDATE gateway SET log_refusals = log_refusals + 1 WHERE gateway = $1",
      [gateway],
    );
  }

  #outcome(ready: Ready, entry: Exclude<Entry, { kind: "barrier" }>): Promise<Outcome> {
    const origin = entry.address === undefined ? {} : { address: entry.address };
    if (entry.kind === "gaps") return declareGaps(ready, entry.gaps, origin);
    return ingest(ready, entry.batch, this.#parts.clock.now(), origin);
  }
}
