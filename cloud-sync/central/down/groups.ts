import { z } from "zod";
import { type Sections, sectionsSchema } from "../../../config/managed-sections.ts";
import type { Database, Queries } from "../database/database.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import { RefusalError } from "../refusals.ts";
import { namesOf, pick, replaced } from "./composition.ts";
import type { Due } from "./down-row.ts";
import { type Author, composeAgain, type Desired } from "./revisions.ts";
import { difference } from "./section-text.ts";

/** Revisions of a group or a gateway that are shown. */
export const revisionsShownMax = 50;

/** Gateways that are put together again at one go, each in a transaction of its own. */
export const composedAtOnce = 200;

const groupRowSchema = z.object({ sections: sectionsSchema, revision: z.coerce.number() });

async function lockGroup(queries: Queries, name: string) {
  const [row] = await queries.query(
    "SELECT sections FROM gateway_group WHERE name = $1 FOR UPDATE",
    [name],
  );
  if (row === undefined) throw noGroup(name);
  const [newest] = await queries.query(
    "SELECT coalesce(max(revision), 0) AS revision FROM group_revision WHERE name = $1",
    [name],
  );
  return groupRowSchema.parse({ ...row, ...newest });
}

export function noGroup(name: string): RefusalError {
  return new RefusalError(404, { code: "not-found", message: `there is no group ${name}` });
}

/**
 * Makes these gateways the members of a group, which is made when it is missing. Whoever comes or goes is due.
 * @throws RefusalError 404: there is no such gateway; nothing was changed.
 */
export async function setMembers(
  queries: Queries,
  name: string,
  members: readonly string[],
  { by }: Author,
): Promise<void> {
  await queries.query(
    "INSERT INTO gateway_group (name) VALUES ($1) ON CONFLICT (name) DO NOTHING",
    [name],
  );
  const { sections } = await lockGroup(queries, name);
  const list = JSON.stringify([...new Set(members)]);
  const unknown = await queries.query(
    `SELECT m FROM jsonb_array_elements_text($1::jsonb) m
     WHERE NOT EXISTS (SELECT FROM gateway g WHERE g.gateway = m) LIMIT 10`,
    [list],
  );
  if (unknown.length > 0) {
    const names = unknown.map(({ m }) => String(m)).join(", ");
    throw new RefusalError(404, { code: "not-found", message: `no such gateway: ${names}` });
  }
  const gone = await queries.query(
    `DELETE FROM group_member WHERE name = $1
       AND gateway NOT IN (SELECT m FROM jsonb_array_elements_text($2::jsonb) m) RETURNING gateway`,
    [name, list],
  );
  const come = await queries.query(
    `INSERT INTO group_member (gateway, name) SELECT m, $1::text FROM jsonb_array_elements_text($2::jsonb) m
     ON CONFLICT (gateway, name) DO NOTHING RETURNING gateway`,
    [name, list],
  );
  const changed = [...gone, ...come].map(({ gateway }) => String(gateway));
  await markDue(queries, changed, { sections: [...namesOf(sections)], group: name, author: by });
}

/**
 * Desires these sections of all members of a group; an empty one takes back what the group gave. Returns the group's own
 * revision. @throws RefusalError 404; 409: `base` is not the group's newest revision.
 */
export async function desireOfGroup(
  queries: Queries,
  name: string,
  { sections, base, comment }: Desired,
  { by, at }: Author,
): Promise<number> {
  const group = await lockGroup(queries, name);
  if (base !== undefined && base !== String(group.revision)) {
    throw new RefusalError(409, {
      code: "conflict",
      message: `revision ${group.revision} of group ${name} came meanwhile`,
      todo: "look at it, and decide again with base set to it",
    });
  }
  const revision = group.revision + 1;
  const whole = replaced(group.sections, sections);
  await queries.query("UPDATE gateway_group SET sections = $2::jsonb WHERE name = $1", [
    name,
    JSON.stringify(whole),
  ]);
  const changed = difference(pick(group.sections, namesOf(sections)), sections);
  await queries.query(
    `INSERT INTO group_revision (name, revision, issued_at, author, comment, sections, difference)
     VALUES ($1, $2, to_timestamp($3::float8 / 1000), $4, $5, $6::jsonb, $7)`,
    [name, revision, at, by, comment ?? null, JSON.stringify(whole), changed],
  );
  const members = await queries.query("SELECT gateway FROM group_member WHERE name = $1", [name]);
  await markDue(
    queries,
    members.map(({ gateway }) => String(gateway)),
    {
      ...{ sections: [...namesOf(sections)], group: name, author: by },
      ...(comment === undefined ? {} : { comment }),
    },
  );
  return revision;
}

async function markDue(queries: Queries, gateways: readonly string[], due: Due): Promise<void> {
  if (gateways.length === 0 || due.sections.length === 0) return;
  // In one order, so that two groups that are changed at once never wait for each other in a circle.
  await queries.query(
    `INSERT INTO down (gateway, due)
     SELECT m, $2::jsonb FROM jsonb_array_elements_text($1::jsonb) m ORDER BY m
     ON CONFLICT (gateway) DO UPDATE SET due = CASE WHEN down.due IS NULL THEN excluded.due
       ELSE jsonb_set(excluded.due, '{sections}', (down.due->'sections') || (excluded.due->'sections')) END`,
    [JSON.stringify(gateways), JSON.stringify(due)],
  );
}

/**
 * Puts some of the gateways together again that are due and of which is known what runs. Returns how many were looked at: as
 * many as `most` means that there may be more.
 */
export async function composeDue(
  database: Database,
  signer: SigningKey,
  now: number,
  most: number,
): Promise<number> {
  const rows = await database.query(
    `SELECT gateway FROM down WHERE due IS NOT NULL AND running IS NOT NULL
     ORDER BY gateway LIMIT $1`,
    [most],
  );
  for (const { gateway } of rows) {
    await database.transaction((queries) => compose(queries, signer, String(gateway), now));
  }
  return rows.length;
}

/** What cannot be told to one gateway must not keep the others waiting; who decided sees it on the list of the group. */
async function compose(queries: Queries, signer: SigningKey, gateway: string, now: number) {
  try {
    await composeAgain(queries, signer, gateway, now);
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    await queries.query(`UPDATE down SET due = NULL WHERE gateway = $1`, [gateway]);
    await queries.query(
      `INSERT INTO operator_act (gateway, operator, act, detail) VALUES ($1, 'central', 'group not told', $2::jsonb)`,
      [gateway, JSON.stringify({ reason: error.refusal.message })],
    );
  }
}

export const groupSchema = z.object({
  name: z.string(),
  revision: z.number().meta({ description: "0: none yet" }),
  sections: sectionsSchema,
  members: z.array(
    z.object({
      gateway: z.string(),
      state: z.enum(["told", "due", "unknown"]).meta({
        description:
          "`due`: it is being put together; `unknown`: the gateway never said what runs, so it is told once it did",
      }),
    }),
  ),
});

export async function readGroup(
  queries: Queries,
  name: string,
): Promise<z.infer<typeof groupSchema>> {
  const [group] = await queries.query(
    `SELECT g.sections, coalesce(max(r.revision), 0) AS revision FROM gateway_group g
     LEFT JOIN group_revision r ON r.name = g.name WHERE g.name = $1 GROUP BY g.name, g.sections`,
    [name],
  );
  if (group === undefined) throw noGroup(name);
  const members = await queries.query(
    `SELECT m.gateway, CASE WHEN d.due IS NULL THEN 'told' WHEN d.running IS NULL THEN 'unknown' ELSE 'due' END AS state
     FROM group_member m LEFT JOIN down d ON d.gateway = m.gateway WHERE m.name = $1 ORDER BY m.gateway`,
    [name],
  );
  return groupSchema.parse({ name, ...groupRowSchema.parse(group), members });
}

/** Sections of a group as they were in a revision. @throws RefusalError 404 */
export async function groupSections(
  queries: Queries,
  name: string,
  revision: number,
): Promise<Sections> {
  const [row] = await queries.query(
    "SELECT sections FROM group_revision WHERE name = $1 AND revision = $2",
    [name, revision],
  );
  if (row !== undefined) return sectionsSchema.parse(row["sections"]);
  throw new RefusalError(404, {
    code: "not-found",
    message: `group ${name} has no revision ${revision}`,
  });
}
