import type { Clock, Log, MonotonicMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { ensureBiViews } from "./bi/ensure.ts";
import type { Database } from "./database/database.ts";
import { migrate } from "./database/migrations.ts";
import { Partitions } from "./database/partitions.ts";
import type { Tables } from "./outcome.ts";

/** Time between two attempts to reach a database that is gone; agents are told to wait as long. */
export const databaseRetryMs = 2_000;

/** Time between two looks at a database that answers: makes the next month's partition, notices an outage at rest. */
const databaseCheckMs = 15_000;

/**
 * A database that says nothing for longer hangs, as an embedded one may after its disk was full: agents are told to wait, and the
 * watchdog, which sees that the loop stands still, starts central again.
 */
export const databaseAnswerMsMax = 30_000;

export interface Ready extends Tables {
  readonly generation: string;
}

/** Opens the database when it can be reached, keeps it migrated, and says once when it goes and when it is back. */
export class DatabaseLink implements AsyncDisposable {
  readonly #open: () => Promise<Database>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #database: Database | undefined;
  #ready: Ready | undefined;
  #down: string | undefined;
  #hangs = false;
  #steppedAt: MonotonicMs | undefined;
  #first: ((ready: Ready) => Promise<void>) | undefined;
  #loop: Promise<void> | undefined;

  constructor(open: () => Promise<Database>, clock: Clock, log: Log) {
    this.#open = open;
    this.#clock = clock;
    this.#log = log;
  }

  get up(): boolean {
    return this.#ready !== undefined && this.#down === undefined;
  }

  /** When the loop last came round, also without a database. */
  get steppedAt(): MonotonicMs | undefined {
    return this.#steppedAt;
  }

  /** @throws RackwatchError `central/database` while it cannot be reached. */
  async use<T>(work: (ready: Ready) => Promise<T>): Promise<T> {
    const ready = this.#ready;
    if (ready === undefined || this.#hangs) throw gone();
    try {
      const result = await work(ready);
      this.#well();
      return result;
    } catch (error) {
      if (error instanceof RackwatchError && error.code === "central/database") this.#unwell(error);
      throw error;
    }
  }

  /** One attempt to reach it. Returns how long to wait for the next. */
  async step(): Promise<number> {
    try {
      const ready = this.#ready ?? (await this.#prepare());
      await this.#answer(ready.database);
      await ready.partitions.prepare([], this.#clock.now());
      this.#ready = ready;
      this.#well();
      return databaseCheckMs;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      // Gateways keep all connections at work: that is no outage.
      if (error.code === "central/busy") return databaseCheckMs;
      this.#unwell(error);
      return databaseRetryMs;
    } finally {
      this.#steppedAt = this.#clock.monotonicMs();
    }
  }

  /** Waits however long it takes, and says so meanwhile. */
  async #answer(database: Database): Promise<void> {
    const answered = new AbortController();
    const late = () => {
      this.#hangs = true;
      this.#unwell(gone());
    };
    this.#clock.sleep(databaseAnswerMsMax, answered.signal).then(late, () => undefined);
    try {
      await database.query("SELECT 1");
    } finally {
      answered.abort();
      this.#hangs = false;
    }
  }

  async #prepare(): Promise<Ready> {
    this.#database ??= await this.#open();
    const database = this.#database;
    const generation = await migrate(database);
    await ensureBiViews(database, this.#log);
    const ready = { database, partitions: new Partitions(database), generation };
    await this.#first?.(ready);
    this.#first = undefined;
    return ready;
  }

  /** Steps until it is disposed of. The first attempt is over when this resolves; `first` runs after one worked. */
  async start(first: (ready: Ready) => Promise<void>): Promise<void> {
    this.#first = first;
    const wait = await this.step();
    this.#loop = this.#run(wait);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#database?.[Symbol.asyncDispose]();
  }

  async #run(firstWaitMs: number): Promise<void> {
    const { signal } = this.#stop;
    let waitMs = firstWaitMs;
    while (!signal.aborted) {
      await this.#clock
        .sleep(this.#down === undefined ? waitMs : databaseRetryMs, signal)
        .catch((error: unknown) => {
          if (!signal.aborted) throw error;
        });
      if (!signal.aborted) waitMs = await this.step();
    }
  }

  #well(): void {
    if (this.#down === undefined) return;
    this.#down = undefined;
    this.#log.info("database is back");
  }

  #unwell(error: RackwatchError): void {
    const reason = error.cause instanceof Error ? error.cause.message : error.message;
    if (this.#down !== undefined) return;
    this.#down = reason;
    const { code, message, where, todo } = error;
    this.#log.error("database is gone", { code, message, where, todo, reason });
  }
}

function gone(): RackwatchError {
  return new RackwatchError("central/database", "the database does not answer");
}
