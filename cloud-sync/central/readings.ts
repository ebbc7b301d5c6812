import { z } from "zod";
import { alarmStates } from "../../gateway/alarms/alarm.ts";
import { type AlarmQuestion, openSince } from "./alarms-of-central.ts";
import {
  type AlarmRow,
  type GatewayRow,
  type GatewayState,
  type LatestRow,
  latestRowSchema,
  type SampleRow,
} from "./api.ts";
import { catchingUpRowsMin } from "./catch-up.ts";
import type { Queries, Row } from "./database/database.ts";
import { firstMonth } from "./database/spans.ts";
import { gatewayName } from "./gateway-name.ts";
import { countMax } from "./records.ts";
import { qualities } from "./sample-rows.ts";

/** Rows of one answer: a day of one point every 10 s fits. */
export const samplesMax = 10_000;

/** Gateways, points and alarms of one answer: beyond it a screen asks for the next page or narrows its question. */
export const rowsMax = 10_000;

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const number = z
  .number()
  .nullish()
  .transform((value) => value ?? undefined);

const gatewaySchema = z.object({
  gateway: z.string(),
  name: text,
  epoch: text,
  last_contact_at: number,
  last_sample_at: number,
  events: z.number(),
  samples: z.number(),
  alarms: z.number(),
  points: z.number(),
  silent_since: number,
  stopped_since: number,
  snapshot_at: number,
  lacking: z.number(),
  drained_per_second: number,
  rejects: z.number(),
  gaps: z.number(),
  conflicts: z.number(),
});

const counted = (table: string) =>
  `(SELECT count(*) FROM (SELECT FROM ${table} r WHERE r.gateway = g.gateway LIMIT ${countMax}) AS counted)::int AS ${table}s`;

const lacking = (lane: string, mark: string) =>
  `greatest(0, coalesce(g.head_${lane}, 0) - coalesce(${mark}.seq, 0))`;

const milliseconds = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

/** A page of a list that is sorted by its key: rows behind `after`. */
export interface KeyPage {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

const gatewaysSql = `SELECT g.gateway, ${gatewayName} AS name, e.epoch, ${milliseconds("g.last_contact_at")} AS last_contact_at,
       ${milliseconds("g.last_sample_at")} AS last_sample_at,
       coalesce(me.seq, 0)::float8 AS events, coalesce(ms.seq, 0)::float8 AS samples,
       (SELECT count(*) FROM alarm a WHERE a.gateway = g.gateway AND a.state <> 'normal')::int AS alarms,
       ${openSince("central/silent")} AS silent_since, ${openSince("central/stopped")} AS stopped_since,
       (SELECT count(*) FROM latest l WHERE l.gateway = g.gateway)::int AS points,
       ${milliseconds("g.snapshot_at")} AS snapshot_at, g.drained_per_second,
       (${lacking("events", "me")} + ${lacking("samples", "ms")})::float8 AS lacking,
       ${counted("reject")}, ${counted("gap")}, ${counted("conflict")}
     FROM gateway g
     LEFT JOIN epoch e ON e.gateway = g.gateway AND e.epoch_number = g.epoch_number
     LEFT JOIN mark me ON me.gateway = g.gateway AND me.epoch_number = g.epoch_number AND me.lane = 'events'
     LEFT JOIN mark ms ON ms.gateway = g.gateway AND ms.epoch_number = g.epoch_number AND ms.lane = 'samples'`;

export async function readGateways(queries: Queries, page: KeyPage = {}): Promise<GatewayRow[]> {
  const rows = await queries.query(
    `${gatewaysSql} WHERE g.gateway > $1 ORDER BY g.gateway LIMIT $2`,
    [page.after ?? "", Math.min(page.limit ?? rowsMax, rowsMax)],
  );
  return rows.map(gatewayRow);
}

/** These gateways, by id. */
export async function readGatewaysOf(
  queries: Queries,
  ids: readonly string[],
): Promise<GatewayRow[]> {
  const rows = await queries.query(
    `${gatewaysSql} WHERE g.gateway = ANY($1::text[]) ORDER BY g.gateway`,
    [ids],
  );
  return rows.map(gatewayRow);
}

function gatewayRow(row: Row): GatewayRow {
  const it = gatewaySchema.parse(row);
  return {
    id: it.gateway,
    ...present({
      name: it.name,
      epoch: it.epoch,
      lastContactAt: it.last_contact_at,
      lastSampleAt: it.last_sample_at,
      since: it.silent_since ?? it.stopped_since,
      snapshotAt: it.snapshot_at,
      backlog: backlogOf(it),
    }),
    records: { rejects: it.rejects, gaps: it.gaps, conflicts: it.conflicts },
    marks: { events: it.events, samples: it.samples },
    activeAlarms: it.alarms + [it.silent_since, it.stopped_since].filter(isPresent).length,
    state: stateOf(it),
    points: it.points,
  };
}

function backlogOf({ lacking, drained_per_second: rate }: z.infer<typeof gatewaySchema>) {
  if (lacking < catchingUpRowsMin) return undefined;
  return rate === undefined
    ? { rows: lacking }
    : { rows: lacking, remainingMs: Math.round((lacking / rate) * 1_000) };
}

function stateOf(it: z.infer<typeof gatewaySchema>): GatewayState {
  if (it.last_contact_at === undefined) return "never";
  if (it.silent_since !== undefined) return "silent";
  return it.stopped_since === undefined ? "reporting" : "stopped";
}

const pointSchema = z.object({ unit: text, name: text, location: text });

const valueColumns = (of: string) =>
  ["quality", "kind", "value", "text_value", "reason"].map((name) => `${of}.${name}`).join(", ");

/** `after` as `gateway/device/point`: ids of gateways have no slash. */
export async function readLatest(
  queries: Queries,
  gateway?: string,
  page: KeyPage = {},
): Promise<LatestRow[]> {
  const [, afterGateway = "", afterPoint = ""] = /^([^/]*)\/(.*)$/s.exec(page.after ?? "") ?? [];
  const rows = await queries.query(
    `SELECT l.gateway, l.point, ${milliseconds("l.sampled_at")} AS at, ${valueColumns("l")},
       p.unit, p.name, p.location
     FROM latest l LEFT JOIN point p ON p.gateway = l.gateway AND p.point = l.point
     WHERE ${gateway === undefined ? "$1::text IS NULL" : "l.gateway = $1"} AND (l.gateway, l.point) > ($2, $3)
     ORDER BY l.gateway, l.point LIMIT $4`,
    [gateway ?? null, afterGateway, afterPoint, Math.min(page.limit ?? rowsMax, rowsMax)],
  );
  return rows.map((row) => ({ ...valueRow(row), ...present(pointSchema.parse(row)) }));
}

export interface SampleQuestion {
  readonly gateway: string;
  readonly point: string;
  readonly from: number;
  readonly to: number;
  /** Where the previous page ended. */
  readonly after?: Position;
  readonly limit: number;
}

export interface Position {
  readonly sampledAt: number;
  readonly epoch: string;
  readonly seq: number;
}

/** Oldest first; pages are continued by position, so that rows which arrive meanwhile shift nothing. */
export async function readSamples(queries: Queries, ask: SampleQuestion): Promise<SampleRow[]> {
  const { after } = ask;
  const rows = await queries.query(
    `SELECT s.gateway, s.point, ${milliseconds("s.sampled_at")} AS at, ${valueColumns("s")},
       e.epoch, s.seq::float8 AS seq
     FROM sample s JOIN epoch e ON e.gateway = s.gateway AND e.epoch_number = s.epoch_number
     WHERE s.gateway = $1 AND s.point = $2 AND s.sampled_at >= to_timestamp($3::float8 / 1000) AND s.sampled_at <= to_timestamp($4::float8 / 1000)
       AND ($5::timestamptz IS NULL OR (s.sampled_at, s.epoch_number, s.seq) >
         ($5::timestamptz, (SELECT epoch_number FROM epoch WHERE gateway = $1 AND epoch = $6), $7::bigint))
     ORDER BY s.sampled_at, s.epoch_number, s.seq LIMIT $8`,
    [
      ask.gateway,
      ask.point,
      ask.from,
      ask.to,
      after === undefined ? null : iso(after.sampledAt),
      after?.epoch ?? null,
      after?.seq ?? null,
      Math.min(ask.limit, samplesMax),
    ],
  );
  return rows.map((row) => ({
    ...valueRow(row),
    ...z.object({ epoch: z.string(), seq: z.number() }).parse(row),
  }));
}

const iso = (epochMs: number) => new Date(epochMs).toISOString();

const alarmSchema = z.object({
  gateway: z.string(),
  gateway_name: text,
  alarm: z.string(),
  rule: z.string(),
  state: z.enum(alarmStates),
  priority: z.enum(["low", "medium", "high", "critical"]),
  message: z.string(),
  since: z.number(),
  acknowledged_by: text,
  comment: text,
  point: text,
  unit: text,
  point_name: text,
  value: latestRowSchema.shape.value.nullable().transform((value) => value ?? undefined),
});

/** Alarms that are not back to normal and acknowledged; `all`: also those. */
export async function readAlarms(queries: Queries, ask: AlarmQuestion): Promise<AlarmRow[]> {
  const rows = await queries.query(
    `SELECT a.gateway, ${gatewayName} AS gateway_name, a.alarm, a.rule, a.state, a.priority, a.message,
       ${milliseconds("a.since")} AS since, a.acknowledged_by, a.comment, a.point, a.value,
       p.unit, p.name AS point_name
     FROM alarm a LEFT JOIN point p ON p.gateway = a.gateway AND p.point = a.point
     LEFT JOIN gateway g ON g.gateway = a.gateway
     WHERE ($1::text IS NULL OR a.gateway = $1) AND ($2::boolean OR a.state <> 'normal')
     ORDER BY array_position(ARRAY['critical', 'high', 'medium', 'low'], a.priority), a.since DESC
     LIMIT $3`,
    [ask.gateway ?? null, ask.all, Math.min(ask.limit ?? rowsMax, rowsMax)],
  );
  return rows.map((row) => {
    const {
      gateway_name: called,
      acknowledged_by: acknowledgedBy,
      point_name: pointName,
      comment,
      point,
      unit,
      value,
      ...rest
    } = alarmSchema.parse(row);
    return {
      ...rest,
      ...present({ gatewayName: called, acknowledgedBy, comment, point, pointName, unit, value }),
    };
  });
}

const valueRowSchema = z.object({
  gateway: z.string(),
  point: z.string(),
  at: z.number(),
  quality: z.int().min(0).max(2),
  kind: z.enum(["n", "b", "t"]).nullable(),
  value: z.number().nullable(),
  text_value: z.string().nullable(),
  reason: text,
});

function valueRow(row: Row) {
  const it = valueRowSchema.parse(row);
  return {
    gateway: it.gateway,
    point: it.point,
    sampledAt: it.at,
    quality: qualities[it.quality] ?? ("bad" as const),
    ...present({ value: readValue(it), reason: it.reason }),
    ...(isStrangeTime(it.at) && { strangeTime: true as const }),
  };
}

/** Not before gateways existed, and not after clocks of this century end. */
function isStrangeTime(at: number): boolean {
  return at < firstMonth || at >= Date.UTC(2100, 0, 1);
}

function readValue({ kind, value, text_value }: z.infer<typeof valueRowSchema>) {
  if (kind === null) return undefined;
  if (kind === "t") return text_value ?? undefined;
  if (kind === "b") return value === 1;
  return value ?? undefined;
}

/** Only the keys that have a value. */
function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  for (const key in fields) {
    const value = fields[key];
    if (isPresent(value)) kept[key] = value;
  }
  return kept;
}

function isPresent<V>(value: V): value is Exclude<V, undefined> {
  return value !== undefined;
}
