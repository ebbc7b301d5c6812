import { z } from "zod";
import { genesis } from "../../gateway/store/chain.ts";
import type { Ancestor, Lane } from "../../gateway/store/store.ts";
import { ancestorSchema } from "../protocol.ts";
import type { Queries } from "./database/database.ts";

/** An epoch that a gateway begins, and what it says it shares with epochs before it, newest first. */
export interface Beginning {
  readonly gateway: string;
  readonly epoch: string;
  readonly ancestors: readonly Ancestor[];
  readonly machine?: string | undefined;
  /** The gateway's highest epoch number so far; 0 before the first. */
  readonly current: number;
}

interface Shared {
  readonly parent: number;
  readonly events: number;
  readonly samples: number;
  /** Of the chain after row `events`; null where it is not known. */
  readonly chain: string | null;
}

/**
 * Closes the epochs before and begins this one: behind the last of its rows that central has, whichever epoch that shares
 * them brought it; at 0 without one. Rows that only the others have stay, under their names. Runs under the gateway's
 * lock. Returns the epoch's number.
 */
export async function beginEpoch(queries: Queries, of: Beginning): Promise<number> {
  const { gateway, epoch, current } = of;
  const epochNumber = current + 1;
  const shared = await sharedWith(queries, of);
  await queries.query(
    "UPDATE epoch SET fenced_at = now() WHERE gateway = $1 AND fenced_at IS NULL",
    [gateway],
  );
  await queries.query(
    `INSERT INTO epoch (gateway, epoch_number, epoch, machine, parent, begin_events, begin_samples, begin_chain,
       ancestors)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)`,
    [
      gateway,
      epochNumber,
      epoch,
      of.machine ?? null,
      shared?.parent ?? null,
      shared?.events ?? 0,
      shared?.samples ?? 0,
      shared?.chain ?? null,
      JSON.stringify(of.ancestors),
    ],
  );
  await queries.query("UPDATE gateway SET epoch_number = $2 WHERE gateway = $1", [
    gateway,
    epochNumber,
  ]);
  if (shared === undefined) await clearState(queries, gateway);
  else await continueState(queries, gateway, epochNumber, shared);
  return epochNumber;
}

/** Whether a known epoch came after this one, which central never heard of: its first word comes too late. */
export async function isPast(queries: Queries, gateway: string, epoch: string): Promise<boolean> {
  const rows = await queries.query(
    `SELECT FROM epoch WHERE gateway = $1
     AND ancestors @> jsonb_build_array(jsonb_build_object('epoch', $2::text)) LIMIT 1`,
    [gateway, epoch],
  );
  return rows.length > 0;
}

const relativeRow = z.object({
  epoch: z.string(),
  number: z.number(),
  events: z.number(),
  samples: z.number(),
  ancestors: z.array(ancestorSchema),
});
type Relative = z.infer<typeof relativeRow>;

async function sharedWith(
  queries: Queries,
  { gateway, ancestors }: Beginning,
): Promise<Shared | undefined> {
  if (ancestors.length === 0) return undefined;
  const rows = await queries.query(
    `SELECT e.epoch, e.epoch_number AS number, coalesce(me.seq, 0)::float8 AS events,
       coalesce(ms.seq, 0)::float8 AS samples, e.ancestors
     FROM epoch e
     LEFT JOIN mark me ON me.gateway = e.gateway AND me.epoch_number = e.epoch_number AND me.lane = 'events'
     LEFT JOIN mark ms ON ms.gateway = e.gateway AND ms.epoch_number = e.epoch_number AND ms.lane = 'samples'
     WHERE e.gateway = $1 ORDER BY e.epoch_number`,
    [gateway],
  );
  const known = z.array(relativeRow).parse(rows);
  const reach = (it: Relative, lane: Lane) => Math.min(it[lane], sharedPart(it, ancestors, lane));
  const samples = Math.max(0, ...known.map((it) => reach(it, "samples")));
  const events = Math.max(0, ...known.map((it) => reach(it, "events")));
  const named = new Set(ancestors.map((it) => it.epoch));
  const parent =
    events > 0
      ? known.findLast((it) => reach(it, "events") === events)
      : known.findLast((it) => named.has(it.epoch));
  if (parent === undefined || events + samples === 0) return undefined;
  const chain = (await chainAfter(queries, gateway, parent.number, events)) ?? null;
  return { parent: parent.number, events, samples, chain };
}

/** How many rows a known epoch and a beginning one have in common, by what both say of the epochs before them. */
function sharedPart(known: Relative, ancestors: readonly Ancestor[], lane: Lane): number {
  const own = ancestors.filter((it) => it.epoch === known.epoch).map((it) => it[lane]);
  const common = known.ancestors.flatMap((theirs) =>
    ancestors
      .filter((it) => it.epoch === theirs.epoch)
      .map((it) => Math.min(it[lane], theirs[lane])),
  );
  return Math.max(0, ...own, ...common);
}

/**
 * The chain's hash after an event, also when its row belongs to an epoch from which this one went on. Undefined where a gap
 * hides it.
 */
export async function chainAfter(
  queries: Queries,
  gateway: string,
  epochNumber: number,
  seq: number,
): Promise<string | undefined> {
  if (seq === 0) return genesis;
  // An epoch is always younger than the one that it goes on from, so this walk ends.
  for (let at: number | undefined = epochNumber; at !== undefined; ) {
    const [row] = await queries.query(
      `SELECT e.parent, e.begin_events::float8 AS begin_events, e.begin_chain, v.chain, m.seq::float8 AS mark,
         m.chain AS mark_chain
       FROM epoch e
       LEFT JOIN event v ON v.gateway = e.gateway AND v.epoch_number = e.epoch_number AND v.seq = $3
       LEFT JOIN mark m ON m.gateway = e.gateway AND m.epoch_number = e.epoch_number AND m.lane = 'events'
       WHERE e.gateway = $1 AND e.epoch_number = $2`,
      [gateway, at, seq],
    );
    if (row === undefined) return undefined;
    const begin = Number(row["begin_events"]);
    if (seq === begin) return text(row["begin_chain"]);
    // A rejected event has no row, but the mark knows the chain after it.
    if (seq > begin) return text(row["chain"] ?? (row["mark"] === seq ? row["mark_chain"] : null));
    at = typeof row["parent"] === "number" ? row["parent"] : undefined;
  }
  return undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The gateway's alarms and stock were born anew with its database: it says again at once which ones hold. */
async function clearState(queries: Queries, gateway: string): Promise<void> {
  await queries.query("DELETE FROM alarm WHERE gateway = $1", [gateway]);
  await queries.query("DELETE FROM stock WHERE gateway = $1", [gateway]);
}

/** What central heard only of rows that this epoch does not share is not so any more. */
async function continueState(
  queries: Queries,
  gateway: string,
  epochNumber: number,
  { parent, events, samples, chain }: Shared,
): Promise<void> {
  await queries.query(
    `INSERT INTO mark (gateway, epoch_number, lane, seq, chain)
     VALUES ($1, $2, 'events', $3, $5), ($1, $2, 'samples', $4, NULL)`,
    [gateway, epochNumber, events, samples, chain],
  );
  await queries.query(
    "DELETE FROM alarm WHERE gateway = $1 AND (epoch_number, seq) > ($2::int, $3::bigint)",
    [gateway, parent, events],
  );
}
