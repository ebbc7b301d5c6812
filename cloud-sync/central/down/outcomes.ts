import { z } from "zod";
import { type Sections, sectionsSchema } from "../../../config/managed-sections.ts";
import {
  type ConfigurationEvent,
  commandEventSchema,
  configurationEventSchema,
  type RevisionEvent,
  revisionEventSchema,
} from "../../../gateway/down/outcome.ts";
import type { Queries } from "../database/database.ts";
import type { EventRow } from "../event-rows.ts";
import { namesOf, ownOf, replaced } from "./composition.ts";
import { type DownRow, type Due, lockDown } from "./down-row.ts";
import { settle } from "./messages.ts";
import { difference } from "./section-text.ts";

export interface Origin {
  readonly gateway: string;
  readonly epochNumber: number;
}

/**
 * What events say became of revisions and commands, in the transaction that stores them: a batch that comes twice says
 * it once. Events come in order; of an older epoch none come any more.
 */
export async function keepOutcomes(
  queries: Queries,
  of: Origin,
  events: readonly Pick<EventRow, "seq" | "kind" | "at" | "body">[],
): Promise<void> {
  for (const { seq, kind, at, body } of events) {
    if (kind === "revision") {
      const said = revisionEventSchema.safeParse(body);
      if (said.success) await keepRevision(queries, { ...of, seq, at }, said.data);
    } else if (kind === "configuration") {
      const said = configurationEventSchema.safeParse(body);
      if (said.success) await keepPart(queries, of.gateway, said.data);
    } else if (kind === "command") {
      const said = commandEventSchema.safeParse(body);
      if (said.success) await keepCommand(queries, of.gateway, at, said.data);
    }
  }
}

interface Told extends Origin {
  readonly seq: number;
  readonly at: number;
}

const sentSchema = z.object({
  base: z.string().nullable(),
  sections: sectionsSchema,
  given: sectionsSchema,
  of_group: z.string().nullable(),
  author: z.string(),
  comment: z.string().nullable(),
});
type Sent = z.infer<typeof sentSchema>;

async function keepRevision(queries: Queries, told: Told, said: RevisionEvent): Promise<void> {
  const { gateway } = told;
  const down = await lockDown(queries, gateway);
  const sent =
    said.revision === undefined
      ? undefined
      : await markRevision(queries, told, said, said.revision);
  if (said.revision === undefined) await recordLocal(queries, told, said, down);
  const missed = said.revision === undefined ? await missedOfGroup(queries, gateway) : undefined;
  if (said.revision !== undefined && said.outcome !== "applied") {
    await settle(queries, gateway, [said.revision]);
  }
  const running = runningAfter(down, said, sent);
  if (running === "same") return;
  const confirmed =
    said.outcome === "confirmed" && sent !== undefined ? sent.given : down.confirmed;
  const own = ownAfter(down, said, running);
  await queries.query(
    `UPDATE down SET running = $2::jsonb, running_digest = $3, running_serial = $4, running_source = $5,
       running_author = $6, running_at = to_timestamp($7::float8 / 1000), running_epoch_number = $8,
       running_seq = $9, own = $10::jsonb, confirmed = $11::jsonb, due = coalesce($12::jsonb, due)
     WHERE gateway = $1`,
    [
      ...[
        gateway,
        running === undefined ? null : JSON.stringify(running),
        said.digest,
        said.serial,
      ],
      ...[said.source, said.author, told.at, told.epochNumber, told.seq],
      ...[JSON.stringify(own), JSON.stringify(confirmed), dueAfter(said, sent) ?? dueOf(missed)],
    ],
  );
  if (running === undefined) {
    await joinParts(queries, gateway, {
      ...down,
      running: null,
      running_digest: said.digest,
      confirmed,
    });
  }
}

/** One of several parts of what runs; with the last of them it is known. */
async function keepPart(
  queries: Queries,
  gateway: string,
  { digest, part, parts, text }: ConfigurationEvent,
): Promise<void> {
  await queries.query("DELETE FROM told_part WHERE gateway = $1 AND digest <> $2", [
    gateway,
    digest,
  ]);
  if (text === undefined) return;
  await queries.query(
    `INSERT INTO told_part (gateway, digest, part, parts, text) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (gateway, digest, part) DO UPDATE SET parts = excluded.parts, text = excluded.text`,
    [gateway, digest, part, parts, text],
  );
  await joinParts(queries, gateway, await lockDown(queries, gateway));
}

/** The outcome whose sections these are may come before them or after them. */
async function joinParts(queries: Queries, gateway: string, down: DownRow): Promise<void> {
  const rows = await queries.query(
    "SELECT parts, text FROM told_part WHERE gateway = $1 AND digest = $2 ORDER BY part",
    [gateway, down.running_digest],
  );
  if (down.running !== null || rows.length === 0 || rows.length !== rows[0]?.["parts"]) return;
  const told = sectionsIn(rows.map(({ text }) => String(text)).join(""));
  if (told === undefined) return;
  const own = ownOf(ownOf(told, down.confirmed), down.given);
  await queries.query("UPDATE down SET running = $2::jsonb, own = $3::jsonb WHERE gateway = $1", [
    ...[gateway, JSON.stringify(told), JSON.stringify(own)],
  ]);
  await queries.query("DELETE FROM told_part WHERE gateway = $1", [gateway]);
}

function sectionsIn(text: string): Sections | undefined {
  try {
    return sectionsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function markRevision(
  queries: Queries,
  { gateway, epochNumber, seq, at }: Told,
  { outcome, reason }: RevisionEvent,
  revision: number,
): Promise<Sent | undefined> {
  const [row] = await queries.query(
    `UPDATE revision SET outcome = $3, reason = $4, outcome_at = to_timestamp($5::float8 / 1000),
       epoch_number = $6, seq = $7 WHERE gateway = $1 AND revision = $2
     RETURNING base, sections, given, of_group, author, comment`,
    [gateway, revision, outcome, reason ?? null, at, epochNumber, seq],
  );
  return row === undefined ? undefined : sentSchema.parse(row);
}

async function recordLocal(
  queries: Queries,
  { gateway, epochNumber, seq, at }: Told,
  { serial, source, author, outcome, reason, sections }: RevisionEvent,
  { running }: DownRow,
): Promise<void> {
  const changed = sections === undefined || running === null ? null : difference(running, sections);
  await queries.query(
    `INSERT INTO local_revision
       (gateway, epoch_number, seq, serial, at, source, author, outcome, reason, difference)
     VALUES ($1, $2, $3, $4, to_timestamp($5::float8 / 1000), $6, $7, $8, $9, $10)
     ON CONFLICT (gateway, epoch_number, seq) DO NOTHING`,
    [gateway, epochNumber, seq, serial, at, source, author, outcome, reason ?? null, changed],
  );
}

/** What runs now; undefined: something that central does not know. */
function runningAfter(
  { running, running_digest: digest }: DownRow,
  said: RevisionEvent,
  sent: Sent | undefined,
): Sections | undefined | "same" {
  if (said.sections !== undefined) return said.sections;
  if (said.outcome === "applied") return "same";
  if (said.outcome === "confirmed" && sent !== undefined && running !== null) {
    return replaced(running, sent.sections);
  }
  return said.digest === digest ? (running ?? undefined) : undefined;
}

/**
 * Of a revision that runs the own entries are known since it was desired. Else they are those that run and that no group
 * gave: neither the revision that ran before, nor the one that was sent and may not have been taken.
 */
function ownAfter(
  { own, given, confirmed }: DownRow,
  { outcome, source, sections }: RevisionEvent,
  running: Sections | undefined,
): Sections {
  const isTaken = source === "central" && outcome === "confirmed";
  if (running === undefined || (isTaken && sections === undefined)) return own;
  return ownOf(ownOf(running, confirmed), given);
}

/** A group's revision met a change at the gateway: it is put together again with it, since own entries win. */
function dueAfter({ outcome, sections, digest }: RevisionEvent, sent: Sent | undefined) {
  if (outcome !== "refused" || sections === undefined || sent === undefined) return null;
  // What it met does not run yet: it is put together again with what is told then, see `missedOfGroup`.
  return sent.base === null || sent.base === digest ? null : dueOf(sent);
}

/** The newest revision, when it is a group's and a change at the gateway kept it from being taken. */
async function missedOfGroup(queries: Queries, gateway: string): Promise<Sent | undefined> {
  const [row] = await queries.query(
    `SELECT base, sections, given, of_group, author, comment, outcome, reason FROM revision
     WHERE gateway = $1 ORDER BY revision DESC LIMIT 1`,
    [gateway],
  );
  const isMissed =
    row?.["outcome"] === "refused" && /^config\/conflict/.test(String(row["reason"]));
  return isMissed ? sentSchema.parse(row) : undefined;
}

function dueOf(sent: Sent | undefined): string | null {
  if (sent === undefined || sent.of_group === null) return null;
  const { of_group: group, author, comment } = sent;
  const due: Due = {
    ...{ group, author, sections: [...namesOf(sent.sections)] },
    ...(comment === null ? {} : { comment }),
  };
  return JSON.stringify(due);
}

async function keepCommand(
  queries: Queries,
  gateway: string,
  at: number,
  { id, outcome, reason }: z.infer<typeof commandEventSchema>,
): Promise<void> {
  const [row] = await queries.query(
    `UPDATE command SET outcome = $3, reason = $4, outcome_at = to_timestamp($5::float8 / 1000)
     WHERE gateway = $1 AND id = $2 AND outcome IS NULL RETURNING number`,
    [gateway, id, outcome, reason ?? null, at],
  );
  if (row !== undefined) await settle(queries, gateway, [Number(row["number"])]);
}
