import { drainedPerSecond } from "./catch-up.ts";
import type { Queries } from "./database/database.ts";
import { lockGateway } from "./ledger.ts";

/** How far lanes are: the gateway's own head, or central's mark. */
export interface Heads {
  readonly events: number;
  readonly samples: number;
}

/** What a hello or a snapshot finds of its epoch, with the gateway locked until the transaction ends. */
export interface Known {
  /** Number of the gateway's present epoch; 0 before the first. */
  readonly current: number;
  /** Undefined when this epoch was never heard of. */
  readonly epochNumber: number | undefined;
  readonly marks: Heads;
}

export async function lockEpoch(queries: Queries, gateway: string, epoch: string): Promise<Known> {
  const current = await lockGateway(queries, gateway);
  const rows = await queries.query(
    `SELECT e.epoch_number, m.lane, m.seq::float8 AS seq
     FROM epoch e LEFT JOIN mark m ON m.gateway = e.gateway AND m.epoch_number = e.epoch_number
     WHERE e.gateway = $1 AND e.epoch = $2`,
    [gateway, epoch],
  );
  const mark = (lane: string) => Number(rows.find((row) => row["lane"] === lane)?.["seq"] ?? 0);
  const epochNumber = rows[0]?.["epoch_number"];
  return {
    current,
    epochNumber: typeof epochNumber === "number" ? epochNumber : undefined,
    marks: { events: mark("events"), samples: mark("samples") },
  };
}

/** Keeps how far the gateway has written, and how fast what central lacks of it becomes less. */
export async function recordHeads(
  queries: Queries,
  gateway: string,
  heads: Heads,
  marks: Heads,
): Promise<void> {
  const rows =
    Math.max(0, heads.events - marks.events) + Math.max(0, heads.samples - marks.samples);
  const [row] = await queries.query(
    `SELECT backlog::float8 AS backlog, drained_per_second,
       extract(epoch FROM now() - heads_at)::float8 AS ago_s FROM gateway WHERE gateway = $1`,
    [gateway],
  );
  const before = row?.["backlog"];
  const agoS = row?.["ago_s"];
  const known = row?.["drained_per_second"];
  const rate = drainedPerSecond(
    typeof before === "number" && typeof agoS === "number"
      ? { rows: before, agoS, drainedPerSecond: typeof known === "number" ? known : undefined }
      : undefined,
    rows,
  );
  await queries.query(
    `UPDATE gateway SET head_events = $2, head_samples = $3, heads_at = now(), backlog = $4,
       drained_per_second = $5 WHERE gateway = $1`,
    [gateway, heads.events, heads.samples, rows, rate ?? null],
  );
}
