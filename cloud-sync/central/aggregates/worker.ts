import { z } from "zod";
import type { Log } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { Database } from "../database/database.ts";
import { Partitions } from "../database/partitions.ts";
import { hourMs } from "./marks.ts";
import { type DirtyHours, postpone, recompute } from "./recompute.ts";

/** Marks that one step looks for. */
const marksMax = 240;

/** Hours of one gateway in one transaction: it holds one connection, and what it reads fits into memory. */
const hoursMax = 12;

/** What fails is tried again after so long: its samples stay until then, and readers look at them. */
const againMs = hourMs;

const dirtySchema = z.object({ gateway: z.string(), hours: z.array(z.number()) });

/** Which marks; `from` and `until` in milliseconds since 1970, `until` not included. */
interface Range {
  readonly from: number;
  readonly until: number;
}

/** Brings the buckets up to date. Each receiver has one; they share the work without talking. */
export class AggregateWorker {
  readonly #database: Database;
  readonly #log: Log | undefined;
  readonly #partitions: readonly Partitions[];

  /** @param log is told of hours that fail; they hold up no others. */
  constructor(database: Database, log?: Log) {
    this.#database = database;
    this.#log = log;
    const families = ["sample_minute", "sample_hour"] as const;
    this.#partitions = families.map((family) => new Partitions(database, family));
  }

  /** Works on hours that are due. Returns how many marks were taken. */
  async step(now: number): Promise<number> {
    return this.#work(await this.#dirty("due_at <= $1", [new Date(now).toISOString()]), now);
  }

  /** Works on all marks of a time, due or not. False: some are left, that somebody else holds. */
  async drain({ from, until }: Range, now: number): Promise<boolean> {
    const range = [new Date(from).toISOString(), new Date(until).toISOString()];
    for (;;) {
      const dirty = await this.#dirty("hour >= $1 AND hour < $2", range);
      if (dirty.length === 0) return true;
      if ((await this.#work(dirty, now)) === 0) return false;
    }
  }

  async #dirty(which: string, values: readonly string[]): Promise<readonly DirtyHours[]> {
    const rows = await this.#database.query(
      `SELECT gateway, json_agg(DISTINCT (extract(epoch FROM hour) * 1000)::float8) AS hours
       FROM (SELECT gateway, hour FROM dirty_hour WHERE ${which} ORDER BY due_at LIMIT ${marksMax}) AS due
       GROUP BY gateway`,
      values,
    );
    return rows.map((row) => dirtySchema.parse(row));
  }

  async #work(dirty: readonly DirtyHours[], now: number): Promise<number> {
    let taken = 0;
    for (const { gateway, hours } of dirty) {
      for (let at = 0; at < hours.length; at += hoursMax) {
        const some = hours.slice(at, at + hoursMax);
        const rows = some.map((sampledAt) => ({ sampledAt }));
        for (const partitions of this.#partitions) await partitions.prepare(rows, now);
        taken += await this.#recompute({ gateway, hours: some }, now);
      }
    }
    return taken;
  }

  /** @throws RackwatchError `central/database` of an outage only. */
  async #recompute(dirty: DirtyHours, now: number): Promise<number> {
    try {
      return await recompute(this.#database, dirty);
    } catch (error) {
      if (error instanceof RackwatchError) throw error;
      this.#log?.error("aggregates failed", { gateway: dirty.gateway, reason: String(error) });
      await postpone(this.#database, dirty, now + againMs);
      return 0;
    }
  }
}
