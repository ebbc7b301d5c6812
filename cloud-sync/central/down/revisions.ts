import { isDeepStrictEqual } from "node:util";
import { type Sections, sectionsSchema } from "../../../config/managed-sections.ts";
import { hears } from "../../../config/receiver-hears.ts";
import type { Queries } from "../database/database.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import { RefusalError } from "../refusals.ts";
import { composed, givenBy, namesOf, ownOf, pick, replaced } from "./composition.ts";
import { type DownRow, lockDown, saveDown } from "./down-row.ts";
import { issue, settle } from "./messages.ts";
import { difference } from "./section-text.ts";

/** Whoever writes at central, and when. */
export interface Author {
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Desired {
  readonly sections: Sections;
  readonly base?: string | undefined;
  readonly comment?: string | undefined;
}

/** What a gateway's groups give it now. */
export async function readGiven(queries: Queries, gateway: string): Promise<Sections> {
  const rows = await queries.query(
    `SELECT g.name, g.sections FROM group_member m JOIN gateway_group g ON g.name = m.name
     WHERE m.gateway = $1`,
    [gateway],
  );
  return givenBy(
    rows.map((row) => ({
      name: String(row["name"]),
      sections: sectionsSchema.parse(row["sections"]),
    })),
  );
}

/**
 * Desires these sections of one gateway, in the caller's transaction: what is not exactly what its groups give becomes
 * its own. Returns the revision. @throws RefusalError 400, 404, 413.
 */
export async function desire(
  queries: Queries,
  signer: SigningKey,
  gateway: string,
  { sections, base, comment }: Desired,
  author: Author,
): Promise<number> {
  const down = await lockDown(queries, gateway);
  const given = await readGiven(queries, gateway);
  const own = ownOf(sections, given);
  const whole = pick(composed(given, own), namesOf(sections));
  return tell(queries, signer, gateway, down, {
    ...{ sections: whole, own: replaced(down.own, own), given, base, comment },
    author,
  });
}

/**
 * Puts a gateway's sections together again after its groups changed. Returns the revision; undefined: there was nothing to
 * do, what shall run runs. What runs must be known: an entry that only the gateway has would be lost.
 */
export async function composeAgain(
  queries: Queries,
  signer: SigningKey,
  gateway: string,
  now: number,
): Promise<number | undefined> {
  const down = await lockDown(queries, gateway);
  const { due, running, own } = down;
  if (due === null || running === null) return undefined;
  const given = await readGiven(queries, gateway);
  const sections = pick(composed(given, own), due.sections);
  const waits = await unsettled(queries, gateway, 0);
  if (waits.length === 0 && isDeepStrictEqual(sections, pick(running, due.sections))) {
    await saveDown(queries, gateway, { own, given });
    return undefined;
  }
  return tell(queries, signer, gateway, down, {
    ...{ sections, own, given, comment: due.comment, group: due.group },
    base: down.running_digest ?? undefined,
    author: { by: due.author, at: now },
  });
}

interface Telling extends Desired {
  readonly own: Sections;
  readonly given: Sections;
  readonly group?: string;
  readonly author: Author;
}

async function tell(
  queries: Queries,
  signer: SigningKey,
  gateway: string,
  down: DownRow,
  { sections, own, given, base, comment, group, author }: Telling,
): Promise<number> {
  const before = down.running ?? {};
  keepsReceivers(before, sections);
  const revision = await issue(queries, signer, down, {
    ...{ gateway, by: author.by, issuedAt: author.at },
    body: (number) => ({
      ...{ kind: "revision", revision: number, sections },
      ...(base === undefined ? {} : { base }),
      ...(comment === undefined ? {} : { comment }),
    }),
  });
  const older = await unsettled(queries, gateway, down.held);
  await settle(
    queries,
    gateway,
    older.filter((number) => number !== revision),
  );
  await queries.query(
    `UPDATE revision SET superseded_by = $2 WHERE gateway = $1 AND superseded_by IS NULL AND outcome IS NULL
       AND revision IN (SELECT n::bigint FROM jsonb_array_elements_text($3::jsonb) n)`,
    [gateway, revision, JSON.stringify(older)],
  );
  await queries.query(
    `INSERT INTO revision (gateway, revision, issued_at, author, comment, of_group, base, sections, given, difference)
     VALUES ($1, $2, to_timestamp($3::float8 / 1000), $4, $5, $6, $7, $8::jsonb, $9::jsonb, $10)`,
    [
      ...[gateway, revision, author.at, author.by, comment ?? null, group ?? null, base ?? null],
      ...[JSON.stringify(sections), JSON.stringify(given)],
      difference(pick(before, namesOf(sections)), sections),
    ],
  );
  await saveDown(queries, gateway, { own, given });
  return revision;
}

/** Revisions whose messages wait for an agent that holds those up to a number. */
async function unsettled(queries: Queries, gateway: string, held: number): Promise<number[]> {
  const rows = await queries.query(
    `SELECT m.number FROM message m JOIN revision r ON r.gateway = m.gateway AND r.revision = m.number
     WHERE m.gateway = $1 AND m.number > $2 AND m.settled_at IS NULL`,
    [gateway, held],
  );
  return rows.map((row) => Number(row["number"]));
}

/** @throws RefusalError 400: nobody would be told of alarms any more. */
function keepsReceivers(before: Sections, { notify }: Sections): void {
  if (notify === undefined || !Object.values(before.notify ?? {}).some(hears)) return;
  if (Object.values(notify).some(hears)) return;
  throw new RefusalError(400, {
    code: "bad-request",
    message: "notify: this would take away the last receiver: nobody would be told of alarms",
    todo: "leave one receiver with a way to reach it, or take it out at the gateway itself",
  });
}
