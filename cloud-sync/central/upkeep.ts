import type { Clock, Log, MonotonicMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { HistoryMarks } from "./aggregates/history-marks.ts";
import { AggregateWorker } from "./aggregates/worker.ts";
import type { Counters, Lag } from "./counters.ts";
import type { Database, Queries } from "./database/database.ts";
import { Retention, type RetentionParts } from "./database/retention.ts";
import type { DatabaseLink } from "./database-link.ts";

/** Between two looks for hours that are due. */
const idleMs = 1_000;

/** Partitions end at midnight at most: an hour late is soon enough. */
const retentionMs = 3_600_000;

export interface UpkeepParts {
  readonly link: DatabaseLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  readonly keepMs: RetentionParts["keepMs"];
}

/** Of `now`, milliseconds since 1970. */
export async function readLag(queries: Queries, now: number): Promise<Lag> {
  const [row] = await queries.query(
    `SELECT (SELECT count(*) FROM dirty_hour)::float8 AS hours,
       extract(epoch FROM $1::timestamptz - (SELECT min(due_at) FROM dirty_hour))::float8 AS seconds`,
    [new Date(now).toISOString()],
  );
  return { hours: Number(row?.["hours"]), seconds: Math.max(0, Number(row?.["seconds"] ?? 0)) };
}

/** Keeps aggregates up to date and drops what is over its time. Each receiver does; they share the work without talking. */
export class Upkeep {
  readonly #parts: UpkeepParts;
  #of:
    | {
        readonly database: Database;
        readonly worker: AggregateWorker;
        readonly retention: Retention;
        readonly history: HistoryMarks;
      }
    | undefined;
  #retainedAt: MonotonicMs | undefined;

  constructor(parts: UpkeepParts) {
    this.#parts = parts;
  }

  /** Returns how many marks of hours were worked on or made; 0: nothing is left to do. */
  async step(): Promise<number> {
    const { link, clock, log, counters } = this.#parts;
    try {
      return await link.use(async ({ database }) => {
        const { worker, retention, history } = this.#workersOf(database);
        const now = clock.monotonicMs();
        if (this.#retainedAt === undefined || now - this.#retainedAt >= retentionMs) {
          this.#retainedAt = now;
          await retention.step(clock.now());
          counters.strangeRows = retention.strangeRows;
        }
        const worked = await worker.step(clock.now());
        // Only when nothing is due: what is marked anew then waits for nobody, and nobody for it.
        return worked > 0 ? worked : history.step();
      });
    } catch (error) {
      // Of an outage the link has told already. Anything else is a fault, and must not end the receiver.
      if (!(error instanceof RackwatchError)) {
        log.error("upkeep of the tables failed", { reason: String(error) });
      }
      return 0;
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if ((await this.step()) > 0) continue;
      await this.#parts.clock.sleep(idleMs, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  #workersOf(database: Database) {
    if (this.#of?.database === database) return this.#of;
    const { log, keepMs } = this.#parts;
    const worker = new AggregateWorker(database, log);
    const retention = new Retention({ database, worker, log, keepMs });
    this.#of = { database, worker, retention, history: new HistoryMarks(database) };
    return this.#of;
  }
}
