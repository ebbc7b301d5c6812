import { z } from "zod";
import { type Sections, sectionsSchema } from "../../../config/managed-sections.ts";
import type { Queries } from "../database/database.ts";
import { RefusalError } from "../refusals.ts";

/** What has to be put together again for a gateway, and who caused it. */
export const dueSchema = z.object({
  sections: z.array(z.string()),
  group: z.string(),
  author: z.string(),
  comment: z.string().optional(),
});
export type Due = z.infer<typeof dueSchema>;

const rowSchema = z.object({
  last_number: z.coerce.number(),
  held: z.coerce.number(),
  own: sectionsSchema,
  given: sectionsSchema,
  confirmed: sectionsSchema,
  running: sectionsSchema.nullable(),
  running_digest: z.string().nullable(),
  running_epoch_number: z.number().nullable(),
  running_seq: z.coerce.number().nullable(),
  due: dueSchema.nullable(),
});

/** What central knows of what it told a gateway; see the table. */
export type DownRow = z.infer<typeof rowSchema>;

/**
 * The row of a gateway, made when it is missing, locked until the transaction ends: messages of one gateway are numbered
 * one after another, those of two do not wait for each other.
 * @throws RefusalError 404: no such gateway.
 */
export async function lockDown(queries: Queries, gateway: string): Promise<DownRow> {
  await queries.query(
    `INSERT INTO down (gateway) SELECT gateway FROM gateway WHERE gateway = $1
     ON CONFLICT (gateway) DO NOTHING`,
    [gateway],
  );
  const [row] = await queries.query(
    `SELECT last_number, held, own, given, confirmed, running, running_digest, running_epoch_number, running_seq, due
     FROM down WHERE gateway = $1 FOR UPDATE`,
    [gateway],
  );
  if (row === undefined) throw noGateway(gateway);
  return rowSchema.parse(row);
}

export function noGateway(gateway: string): RefusalError {
  return new RefusalError(404, { code: "not-found", message: `there is no gateway ${gateway}` });
}

/** Saves sections that this row knows under these names. */
export async function saveDown(
  queries: Queries,
  gateway: string,
  { own, given }: Pick<DownRow, "own" | "given">,
): Promise<void> {
  await queries.query(
    "UPDATE down SET own = $2::jsonb, given = $3::jsonb, due = NULL WHERE gateway = $1",
    [gateway, JSON.stringify(own), JSON.stringify(given)],
  );
}

/** What runs on a gateway, as it last said; undefined: it did not. */
export async function readRunning(
  queries: Queries,
  gateway: string,
): Promise<Sections | undefined> {
  const [row] = await queries.query("SELECT running FROM down WHERE gateway = $1", [gateway]);
  return rowSchema.pick({ running: true }).optional().parse(row)?.running ?? undefined;
}
