import type { Clock, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Database } from "./database/database.ts";
import { migrate } from "./database/migrations.ts";
import { Partitions } from "./database/partitions.ts";
import type { Tables } from "./ingest.ts";

/** Time between two attempts to reach a database that is gone; agents are told to wait as long. */
export const databaseRetryMs = 2_000;

/** Time between two looks at a database that answers: makes the next month's partition, notices an outage at rest. */
const databaseCheckMs = 60_000;

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

  /** @throws RackwatchError `central/database` while it cannot be reached. */
  async use<T>(work: (ready: Ready) => Promise<T>): Promise<T> {
    const ready = this.#ready;
    if (ready === undefined) throw gone();
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
      this.#database ??= await this.#open();
      const database = this.#database;
      const generation = await migrate(database);
      const partitions = this.#ready?.partitions ?? new Partitions(database);
      await partitions.prepare([], this.#clock.now());
      const ready = { database, partitions, generation };
      await this.#first?.(ready);
      this.#first = undefined;
      this.#ready = ready;
      this.#well();
      return databaseCheckMs;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#unwell(error);
      return databaseRetryMs;
    }
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
