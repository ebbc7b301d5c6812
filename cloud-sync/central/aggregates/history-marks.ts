import type { Database } from "../database/database.ts";
import { bucketOf } from "./buckets.ts";

/** Any number but those of other locks: two receivers never mark hours of one gateway at once. */
const historyLock = 7_221_907;

/** Hours that one step looks at: for each a look into the index by some points, milliseconds to a second in all. */
export const historyHours = 168;

/**
 * Marks the hours of samples that were there before their aggregates, a week of one gateway a step. Where it stands is in the
 * database: whoever comes after a restart goes on from there.
 */
export class HistoryMarks {
  readonly #database: Database;
  #isDone = false;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Returns 0 when no gateway is left, or another receiver is at work on it. */
  async step(): Promise<number> {
    if (this.#isDone) return 0;
    const [first] = await this.#database.query(
      "SELECT gateway FROM unmarked_history ORDER BY gateway LIMIT 1",
    );
    if (first === undefined) {
      // Only a migration adds any.
      this.#isDone = true;
      return 0;
    }
    const gateway = String(first["gateway"]);
    return this.#database.transaction(async (queries) => {
      const [lock] = await queries.query(
        "SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS free",
        [historyLock, gateway],
      );
      if (lock?.["free"] !== true) return 0;
      await queries.query(markStep, [gateway]);
      return 1;
    });
  }
}

/** The week that begins with the next sample of any point; none: the gateway is done. $1 gateway. */
const markStep = `WITH points AS MATERIALIZED (SELECT point FROM latest WHERE gateway = $1),
next AS MATERIALIZED (
  SELECT ${bucketOf("hour", "min(s.sampled_at)")} AS hour FROM unmarked_history u CROSS JOIN points p
  CROSS JOIN LATERAL (
    SELECT sampled_at FROM sample WHERE gateway = $1 AND point = p.point AND sampled_at >= u.from_at
    ORDER BY sampled_at LIMIT 1) s
  WHERE u.gateway = $1),
hours AS (
  SELECT h.hour FROM next
  CROSS JOIN generate_series(next.hour, next.hour + interval '${historyHours - 1} hours', interval '1 hour') AS h(hour)
  WHERE EXISTS (SELECT FROM points p CROSS JOIN LATERAL (
    SELECT FROM sample WHERE gateway = $1 AND point = p.point
      AND sampled_at >= h.hour AND sampled_at < h.hour + interval '1 hour' LIMIT 1) s)),
marked AS (
  INSERT INTO dirty_hour (gateway, hour, due_at) SELECT $1::text, h.hour, now() FROM hours h
  WHERE NOT EXISTS (SELECT FROM dirty_hour d WHERE d.gateway = $1 AND d.hour = h.hour)),
moved AS (
  UPDATE unmarked_history u SET from_at = next.hour + interval '${historyHours} hours' FROM next
  WHERE u.gateway = $1 AND next.hour IS NOT NULL)
DELETE FROM unmarked_history u USING next WHERE u.gateway = $1 AND next.hour IS NULL`;
