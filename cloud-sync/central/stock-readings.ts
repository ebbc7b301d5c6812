import { z } from "zod";
import { type WarningKind, warningKinds } from "../../config/schema/item.ts";
import { parseFindingKey } from "../../gateway/stock/warnings/finding-of-key.ts";
import type { Queries } from "./database/database.ts";
import { gatewayName } from "./gateway-name.ts";
import { type MovementRow, movementRowSchema, type StockRow, stockRowStates } from "./stock-api.ts";

/** Rows of one answer about stock or movements. */
export const stockRowsMax = 1_000;

/** Stock warnings that one page is judged by: ten for each of its lines. */
const warningsMax = 10 * stockRowsMax;

export interface StockQuestion {
  readonly gateway?: string | undefined;
  readonly location?: string | undefined;
  readonly item?: string | undefined;
  /** Only what is warned of. */
  readonly warned?: boolean | undefined;
  /** Gateway, location and item of the last row of the page before. */
  readonly after?: readonly string[] | undefined;
  readonly limit: number;
}

const lineSchema = z.object({
  gateway: z.string(),
  gateway_name: z.string().nullable(),
  location: z.string(),
  item: z.string(),
  name: z.string().nullable(),
  unit: z.string(),
  quantity: z.number(),
  moved_at: z.number().nullable(),
  lots: z.array(z.object({ lot: z.string().nullable(), quantity: z.number() })).nullable(),
});

const milliseconds = (column: string) => `(extract(epoch from ${column}) * 1000)::float8`;

/** Alarms about stock that are active. */
const inForceSql = "a.rule LIKE 'stock:%' AND a.state IN ('unacknowledged', 'acknowledged')";

/** In the order of gateway, location and item. */
export async function readStock(queries: Queries, ask: StockQuestion): Promise<StockRow[]> {
  const [gateway, location, item] = ask.after ?? [];
  const rows = await queries.query(
    `SELECT s.gateway, (SELECT ${gatewayName} FROM gateway g WHERE g.gateway = s.gateway) AS gateway_name,
       location, item, max(name) AS name, max(unit) AS unit,
       sum(quantity)::float8 AS quantity, ${milliseconds("max(moved_at)")} AS moved_at,
       json_agg(json_build_object('lot', nullif(lot, ''), 'quantity', quantity::float8) ORDER BY lot)
         FILTER (WHERE quantity <> 0) AS lots
     FROM stock s
     WHERE ($1::text IS NULL OR gateway = $1) AND ($2::text IS NULL OR location = $2)
       AND ($3::text IS NULL OR item = $3)
       AND ($4::text IS NULL OR (gateway, location, item) > ($4::text, $5::text, $6::text))
       AND (NOT $8::boolean OR EXISTS (SELECT 1 FROM alarm a WHERE a.gateway = s.gateway AND ${inForceSql}
         AND split_part(a.rule, ':', 3) = s.location AND split_part(a.rule, ':', 4) = s.item))
     GROUP BY gateway, location, item ORDER BY gateway, location, item LIMIT $7`,
    [
      ...[ask.gateway ?? null, ask.location ?? null, ask.item ?? null],
      ...[gateway ?? null, location ?? null, item ?? null],
      Math.min(ask.limit, stockRowsMax),
      ask.warned === true,
    ],
  );
  const lines = rows.map((row) => lineSchema.parse(row));
  const warnings = await readWarnings(queries, [...new Set(lines.map((line) => line.gateway))]);
  return lines.map(({ name, gateway_name: called, moved_at: movedAt, lots, ...line }) => {
    const found = warnings.get(placeOf(line.gateway, line.location, line.item));
    const inForce = warningKinds.filter((kind) => found?.has(kind) === true);
    return {
      ...line,
      ...(called === null ? {} : { gatewayName: called }),
      ...(name === null ? {} : { name }),
      ...(movedAt === null ? {} : { movedAt }),
      lots: (lots ?? []).map(({ lot, quantity }) => ({
        ...(lot === null ? {} : { lot }),
        quantity,
      })),
      state: stockRowStates.find((state) => inForce.some((kind) => kind === state)) ?? "ok",
      warnings: inForce,
    };
  });
}

const warningSchema = z.object({ gateway: z.string(), rule: z.string() });

/** Stock warnings in force, by gateway, location and item. */
async function readWarnings(queries: Queries, gateways: readonly string[]) {
  const found = new Map<string, Set<WarningKind>>();
  if (gateways.length === 0) return found;
  const rows = await queries.query(
    `SELECT gateway, rule FROM alarm a WHERE gateway = ANY($1::text[]) AND ${inForceSql}
       LIMIT ${warningsMax}`,
    [gateways],
  );
  for (const row of rows) {
    const { gateway, rule } = warningSchema.parse(row);
    const about = parseFindingKey(rule);
    if (about?.item === undefined) continue;
    const place = placeOf(gateway, about.location, about.item);
    found.set(place, (found.get(place) ?? new Set()).add(about.kind));
  }
  return found;
}

function placeOf(...names: readonly string[]): string {
  return JSON.stringify(names);
}

export interface MovementQuestion {
  readonly gateway?: string | undefined;
  readonly location?: string | undefined;
  readonly item?: string | undefined;
  readonly lot?: string | undefined;
  readonly kind?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Time, gateway and identity of the last row of the page before. */
  readonly before?: { readonly at: number; readonly gateway: string; readonly id: string };
  readonly limit: number;
}

/** Newest first; pages are continued by position, so that movements which arrive meanwhile shift nothing. */
export async function readMovements(
  queries: Queries,
  ask: MovementQuestion,
): Promise<MovementRow[]> {
  const { before, from, to } = ask;
  const rows = await queries.query(
    `SELECT m.gateway, e.epoch, m.seq::float8 AS seq, m.id, m.kind, m.location, m.item, m.lot,
       m.quantity::float8 AS quantity, m.unit, ${milliseconds("m.at")} AS at, m.body
     FROM movement m JOIN epoch e ON e.gateway = m.gateway AND e.epoch_number = m.epoch_number
     WHERE ($1::text IS NULL OR m.gateway = $1) AND ($2::text IS NULL OR m.location = $2)
       AND ($3::text IS NULL OR m.item = $3) AND ($4::text IS NULL OR m.lot = $4)
       AND ($5::text IS NULL OR m.kind = $5)
       AND ($6::timestamptz IS NULL OR m.at >= $6) AND ($7::timestamptz IS NULL OR m.at <= $7)
       AND ($8::timestamptz IS NULL OR (m.at, m.gateway, m.id) < ($8::timestamptz, $9::text, $10::text))
     ORDER BY m.at DESC, m.gateway DESC, m.id DESC LIMIT $11`,
    [
      ...[ask.gateway ?? null, ask.location ?? null, ask.item ?? null, ask.lot ?? null],
      ...[ask.kind ?? null, iso(from), iso(to)],
      ...[iso(before?.at), before?.gateway ?? null, before?.id ?? null],
      Math.min(ask.limit, stockRowsMax),
    ],
  );
  return rows.map(({ lot, ...row }) =>
    movementRowSchema.parse({ ...row, ...(lot === null ? {} : { lot }) }),
  );
}

function iso(epochMs: number | undefined): string | null {
  return epochMs === undefined ? null : new Date(epochMs).toISOString();
}
