import { z } from "zod";
import { type Sections, sectionsSchema } from "../../../config/managed-sections.ts";
import type { Queries, Row } from "../database/database.ts";
import { RefusalError } from "../refusals.ts";
import { revisionsShownMax } from "./groups.ts";

const time = z.number().meta({ description: "Milliseconds since 1970" });

export const revisionRecordSchema = z.object({
  revision: z.number().optional().meta({ description: "Absent: made at the gateway itself" }),
  serial: z.number().optional(),
  source: z.string().meta({ description: "central, file, panel or command" }),
  author: z.string(),
  comment: z.string().optional(),
  group: z.string().optional(),
  base: z.string().optional(),
  at: time,
  state: z
    .enum(["waiting", "fetched", "superseded", "applied", "confirmed", "refused", "rolled-back"])
    .meta({ description: "`superseded`: a newer one came before the gateway had it" }),
  reason: z.string().optional().meta({ description: "Why, in the gateway's words" }),
  outcomeAt: time.optional(),
  difference: z.string().optional().meta({ description: "Lines of YAML with - and +" }),
});
export type RevisionRecord = z.infer<typeof revisionRecordSchema>;

export const configurationSchema = z.object({
  digest: z.string(),
  serial: z.number(),
  source: z.string(),
  author: z.string(),
  at: time,
  sections: sectionsSchema.optional().meta({
    description: "Absent: something runs that the gateway did not tell",
  }),
  own: sectionsSchema.meta({ description: "Without what its groups give" }),
  given: sectionsSchema.meta({ description: "What its groups give" }),
});

export const groupRevisionSchema = z.object({
  revision: z.number(),
  author: z.string(),
  comment: z.string().optional(),
  at: time,
  difference: z.string(),
});

const ms = (column: string) => `(extract(epoch FROM ${column}) * 1000)::float8`;

/** What was changed at a gateway, by central and on the spot, newest first. */
export async function readRevisions(queries: Queries, gateway: string): Promise<RevisionRecord[]> {
  const rows = await queries.query(
    `SELECT * FROM (
       SELECT r.revision::float8 AS revision, NULL::float8 AS serial, 'central' AS source, r.author, r.comment,
         r.of_group AS "group", r.base, ${ms("r.issued_at")} AS at,
         CASE WHEN r.outcome IS NOT NULL THEN r.outcome WHEN r.superseded_by IS NOT NULL THEN 'superseded'
           WHEN r.revision <= d.held THEN 'fetched' ELSE 'waiting' END AS state,
         r.reason, ${ms("r.outcome_at")} AS "outcomeAt", r.difference, r.revision AS rank
       FROM revision r JOIN down d ON d.gateway = r.gateway WHERE r.gateway = $1
       UNION ALL
       SELECT NULL, serial::float8, source, author, NULL, NULL, NULL, ${ms("at")}, outcome, reason,
         ${ms("at")}, difference, seq FROM local_revision WHERE gateway = $1) all_of
     ORDER BY at DESC, rank DESC LIMIT ${revisionsShownMax}`,
    [gateway],
  );
  return rows.map(({ rank: _rank, ...row }) => revisionRecordSchema.parse(withoutNulls(row)));
}

/** Sections as central desired them in a revision. @throws RefusalError 404 */
export async function revisionSections(
  queries: Queries,
  gateway: string,
  revision: number,
): Promise<Sections> {
  const [row] = await queries.query(
    "SELECT sections FROM revision WHERE gateway = $1 AND revision = $2",
    [gateway, revision],
  );
  if (row !== undefined) return sectionsSchema.parse(row["sections"]);
  throw new RefusalError(404, {
    code: "not-found",
    message: `gateway ${gateway} has no revision ${revision} of central`,
    todo: "what was made at the gateway itself is taken back there: rackwatch rollback",
  });
}

/** What runs now, as the gateway last said. @throws RefusalError 404 */
export async function readConfiguration(
  queries: Queries,
  gateway: string,
): Promise<z.infer<typeof configurationSchema>> {
  const [row] = await queries.query(
    `SELECT running_digest AS digest, running_serial::float8 AS serial, running_source AS source,
       running_author AS author, ${ms("running_at")} AS at, running AS sections, own, given
     FROM down WHERE gateway = $1 AND running_digest IS NOT NULL`,
    [gateway],
  );
  if (row !== undefined) return configurationSchema.parse(withoutNulls(row));
  throw new RefusalError(404, {
    code: "not-found",
    message: `gateway ${gateway} never said what runs on it`,
  });
}

export async function readGroupRevisions(
  queries: Queries,
  name: string,
): Promise<z.infer<typeof groupRevisionSchema>[]> {
  const rows = await queries.query(
    `SELECT revision::float8 AS revision, author, comment, ${ms("issued_at")} AS at, difference
     FROM group_revision WHERE name = $1 ORDER BY revision DESC LIMIT ${revisionsShownMax}`,
    [name],
  );
  return rows.map((row) => groupRevisionSchema.parse(withoutNulls(row)));
}

function withoutNulls(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
