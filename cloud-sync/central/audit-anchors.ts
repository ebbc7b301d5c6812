import { z } from "zod";
import type { Queries } from "./database/database.ts";
import { recordConflict } from "./ledger.ts";

/** Anchors in one answer: one a batch of events, so some months of a busy gateway. */
export const anchorsMax = 10_000;

/** Where a gateway's audit trail ended when central heard of it. */
export const anchorRowSchema = z.object({
  epoch: z.string(),
  seq: z.number(),
  hash: z.string(),
  /** Milliseconds since 1970 by central's clock. */
  receivedAt: z.number(),
});
export type AnchorRow = z.infer<typeof anchorRowSchema>;

export interface Anchor {
  readonly seq: number;
  readonly hash: string;
}

/** The first anchor of a number stays: another one is a conflict on record, because a trail is never written anew. */
export async function keepAnchor(
  queries: Queries,
  gateway: string,
  epochNumber: number,
  { seq, hash }: Anchor,
): Promise<void> {
  const [kept] = await queries.query(
    `WITH added AS (
       INSERT INTO audit_anchor (gateway, epoch_number, seq, hash) VALUES ($1, $2, $3, $4)
       ON CONFLICT (gateway, epoch_number, seq) DO NOTHING)
     SELECT hash FROM audit_anchor WHERE gateway = $1 AND epoch_number = $2 AND seq = $3`,
    [gateway, epochNumber, seq, hash],
  );
  const ours = kept?.["hash"];
  if (typeof ours !== "string" || ours === hash) return;
  await recordConflict(queries, { gateway, epochNumber, lane: "audit", seq, ours, theirs: hash });
}

const rowSchema = z.object({
  epoch: z.string(),
  seq: z.coerce.number(),
  hash: z.string(),
  received_at: z.coerce.number(),
});

/** Of the epoch that is asked for, else of the present one; oldest first. */
export async function readAnchors(
  queries: Queries,
  gateway: string,
  epoch?: string,
): Promise<AnchorRow[]> {
  const rows = await queries.query(
    `SELECT e.epoch, a.seq::float8 AS seq, a.hash,
       (extract(epoch FROM a.received_at) * 1000)::float8 AS received_at
     FROM audit_anchor a
     JOIN epoch e ON e.gateway = a.gateway AND e.epoch_number = a.epoch_number
     JOIN gateway g ON g.gateway = a.gateway
     WHERE a.gateway = $1
       AND (CASE WHEN $2::text IS NULL THEN a.epoch_number = g.epoch_number ELSE e.epoch = $2 END)
     ORDER BY a.seq LIMIT ${anchorsMax}`,
    [gateway, epoch ?? null],
  );
  return rows.map((row) => {
    const { received_at: receivedAt, ...rest } = rowSchema.parse(row);
    return { ...rest, receivedAt };
  });
}
