import { catchingUpRowsMin } from "./catch-up.ts";
import type { Queries } from "./database/database.ts";

/** What a receiver allows of backlogs, in rows a second; undefined: as fast as both can. */
export interface Allowance {
  /** Of each gateway. */
  readonly backlogRowsPerSecond?: number | undefined;
  /** Of all together: those that catch up share it. */
  readonly backlogRowsPerSecondOfAll?: number | undefined;
}

/** Who was not heard of for longer is gone, and its share is free. An agent that drains is heard of each 2 s. */
const heardOfS = 150;

/** The least that the protocol has a word for. */
const rowsPerSecondMin = 1;

/**
 * What one gateway may send of its backlog. Shares are dealt out anew with each hello, so that after a minute all of them
 * know how many they are.
 */
export async function backlogRate(
  queries: Queries,
  { backlogRowsPerSecond: each, backlogRowsPerSecondOfAll: all }: Allowance,
): Promise<number | undefined> {
  if (all === undefined) return each;
  const [row] = await queries.query(
    `SELECT count(*)::int AS n FROM gateway
     WHERE backlog >= $1 AND heads_at > now() - make_interval(secs => $2)`,
    [catchingUpRowsMin, heardOfS],
  );
  const share = Math.max(rowsPerSecondMin, all / Math.max(1, Number(row?.["n"] ?? 1)));
  return each === undefined ? share : Math.min(each, share);
}
