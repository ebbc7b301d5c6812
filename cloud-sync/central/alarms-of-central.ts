import { z } from "zod";
import { centralAlarmText } from "../../config/language/central-alarms.ts";
import type { Language } from "../../config/language/language.ts";
import { prioritySchema } from "../../config/schema/rule.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import type { AlarmRow } from "./api.ts";
import type { Queries } from "./database/database.ts";
import { gatewayName } from "./gateway-name.ts";
import { type CentralRule, type Contact, centralRules, type Verdicts } from "./silence.ts";

/** Central's own alarms are as urgent as what nobody would hear of meanwhile. */
export const centralPriority = "high";

/** Alarms of one answer or one round; beyond it the rest comes with the next. */
const rowsMax = 10_000;

/** What nobody could be told for so long is old news: it stays on record only. */
const toldWithin = "interval '24 hours'";

const milliseconds = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

const ruleSchema = z.enum(centralRules);
const contactSchema = z.object({
  gateway: z.string(),
  contact_at: z.number().nullable(),
  alive_age_ms: z.number().nullable(),
  carried_age_ms: z.number().nullable(),
  silent_since: z.number().nullable(),
  stopped_since: z.number().nullable(),
});

/** SQL: since when this alarm of gateway `g` is open, in milliseconds since 1970; null: it is not. */
export function openSince(rule: CentralRule): string {
  return `(SELECT ${milliseconds("a.since")} FROM central_alarm a
    WHERE a.gateway = g.gateway AND a.rule = '${rule}' AND a.ended_at IS NULL)`;
}

/** All enrolled gateways with what is open of them. */
export async function readContacts(queries: Queries): Promise<readonly Contact[]> {
  const rows = await queries.query(
    `SELECT g.gateway, ${milliseconds("g.last_contact_at")} AS contact_at, g.alive_age_ms,
       CASE WHEN g.last_contact_at = g.last_bundle_at
         THEN (extract(epoch FROM now() - g.last_contact_at) * 1000)::float8 END AS carried_age_ms,
       ${openSince("central/silent")} AS silent_since, ${openSince("central/stopped")} AS stopped_since
     FROM gateway g`,
  );
  return rows.map((row) => {
    const it = contactSchema.parse(row);
    const since: readonly (readonly [CentralRule, number | null])[] = [
      ["central/silent", it.silent_since],
      ["central/stopped", it.stopped_since],
    ];
    return {
      gateway: it.gateway,
      contactAt: it.contact_at ?? undefined,
      aliveAgeMs: it.alive_age_ms ?? undefined,
      carriedAgeMs: it.carried_age_ms ?? undefined,
      open: new Map(since.flatMap(([rule, at]) => (at === null ? [] : [[rule, at]]))),
    };
  });
}

/** Puts on record what was found; what another receiver recorded meanwhile stays. */
export async function recordVerdicts(queries: Queries, { begin, end }: Verdicts): Promise<void> {
  for (const { gateway, rule, since } of begin) {
    // The silence is kept to the microsecond of the contact: it is compared with it to find the end.
    const start =
      rule === "central/silent" ? "g.last_contact_at" : "to_timestamp($3::float8 / 1000)";
    await queries.query(
      `INSERT INTO central_alarm (gateway, rule, since)
       SELECT g.gateway, $2, ${start} FROM gateway g
       WHERE g.gateway = $1 AND abs(${milliseconds(start)} - $3::float8) < 1
       ON CONFLICT DO NOTHING`,
      [gateway, rule, since],
    );
  }
  for (const { gateway, rule } of end) {
    await queries.query(
      "UPDATE central_alarm SET ended_at = now() WHERE gateway = $1 AND rule = $2 AND ended_at IS NULL",
      [gateway, rule],
    );
  }
}

export interface AlarmQuestion {
  readonly gateway?: string | undefined;
  /** Also those that are over. */
  readonly all: boolean;
  readonly limit?: number | undefined;
}

const centralAlarmSchema = z.object({
  gateway: z.string(),
  name: z.string().nullable(),
  rule: ruleSchema,
  since: z.number(),
  ended: z.boolean(),
});

/** Central's own alarms as rows of the read API. `all`: also the last one of each kind that is over. */
export async function readCentralAlarms(
  queries: Queries,
  ask: AlarmQuestion,
  language: Language,
): Promise<readonly AlarmRow[]> {
  const rows = await queries.query(
    `SELECT o.*, ${gatewayName} AS name FROM (
       SELECT DISTINCT ON (gateway, rule) gateway, rule, ended_at IS NOT NULL AS ended,
         ${milliseconds("CASE WHEN ended_at IS NULL THEN since ELSE ended_at END")} AS since
       FROM central_alarm
       WHERE ($1::text IS NULL OR gateway = $1) AND ($2::boolean OR ended_at IS NULL)
       ORDER BY gateway, rule, begun_at DESC) o
     JOIN gateway g ON g.gateway = o.gateway
     ORDER BY o.ended, o.since DESC, o.gateway, o.rule LIMIT $3`,
    [ask.gateway ?? null, ask.all, Math.min(ask.limit ?? rowsMax, rowsMax)],
  );
  return rows.map((row) => {
    const { gateway, name, rule, since, ended } = centralAlarmSchema.parse(row);
    return {
      gateway,
      ...(name === null ? {} : { gatewayName: name }),
      rule,
      alarm: `${gateway}/${rule}`,
      state: ended ? "normal" : "unacknowledged",
      priority: centralPriority,
      message: centralAlarmText[language][rule],
      since,
    };
  });
}

/** How many gateways are in each state. */
export async function readStates(queries: Queries): Promise<ReadonlyMap<string, number>> {
  const rows = await queries.query(
    `SELECT state, count(*)::int AS gateways FROM (
       SELECT CASE WHEN g.last_contact_at IS NULL THEN 'never'
         WHEN ${openSince("central/silent")} IS NOT NULL THEN 'silent'
         WHEN ${openSince("central/stopped")} IS NOT NULL THEN 'stopped'
         ELSE 'reporting' END AS state FROM gateway g) AS each_one GROUP BY state`,
  );
  return new Map(rows.map((row) => [String(row["state"]), Number(row["gateways"])]));
}

/** Both kinds of alarms in one list: by priority, the newest first; the first `limit` of them. */
export function mostUrgentFirst(rows: readonly AlarmRow[], limit = rowsMax): AlarmRow[] {
  const rank = ({ priority }: AlarmRow) => prioritySchema.options.indexOf(priority);
  return [...rows].sort((a, b) => rank(b) - rank(a) || b.since - a.since).slice(0, limit);
}

/** An alarm whose begin or end the webhook has not taken. */
export interface Untold {
  readonly gateway: string;
  readonly name: string | undefined;
  readonly rule: CentralRule;
  /** As text: to the microsecond, which a number is not. */
  readonly begunAt: string;
  readonly since: EpochMs;
  readonly endedAt: EpochMs | undefined;
  /** Its begin was told: now its end is. */
  readonly toldBegin: boolean;
}

const untoldSchema = z
  .object({
    gateway: z.string(),
    name: z.string().nullable(),
    rule: ruleSchema,
    begun_at: z.string(),
    since: z.number(),
    ended_at: z.number().nullable(),
    told_begin: z.boolean(),
  })
  .transform(
    (it): Untold => ({
      gateway: it.gateway,
      name: it.name ?? undefined,
      rule: it.rule,
      begunAt: it.begun_at,
      since: it.since,
      endedAt: it.ended_at ?? undefined,
      toldBegin: it.told_begin,
    }),
  );

/** What is to be told, oldest first. */
export async function readUntold(queries: Queries, limit: number): Promise<readonly Untold[]> {
  const rows = await queries.query(
    `SELECT a.gateway, coalesce(g.name, g.reported_name) AS name, a.rule, a.begun_at::text AS begun_at,
       ${milliseconds("a.since")} AS since, ${milliseconds("a.ended_at")} AS ended_at,
       a.told_begin_at IS NOT NULL AS told_begin
     FROM central_alarm a JOIN gateway g ON g.gateway = a.gateway
     WHERE (a.told_begin_at IS NULL AND a.begun_at > now() - ${toldWithin})
       OR (a.told_begin_at IS NOT NULL AND a.told_end_at IS NULL AND a.ended_at > now() - ${toldWithin})
     ORDER BY a.begun_at LIMIT $1`,
    [limit],
  );
  return rows.map((row) => untoldSchema.parse(row));
}

export async function recordTold(queries: Queries, told: Untold): Promise<void> {
  const column = told.toldBegin ? "told_end_at" : "told_begin_at";
  await queries.query(
    `UPDATE central_alarm SET ${column} = now()
     WHERE gateway = $1 AND rule = $2 AND begun_at = $3::timestamptz`,
    [told.gateway, told.rule, told.begunAt],
  );
}
