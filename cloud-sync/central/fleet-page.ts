import { z } from "zod";
import { gatewayRowSchema } from "./api.ts";
import { isStorableText } from "./database/copy-rows.ts";
import type { Queries } from "./database/database.ts";
import { gatewayName } from "./gateway-name.ts";
import { readAccessOfAll } from "./identity/certificates.ts";
import { quietAfterMs } from "./quiet.ts";
import { readGatewaysOf } from "./readings.ts";

/** Gateways of one page: what a person looks through before typing a part of the name instead. */
const pageRowsMax = 200;

/** Beyond it nobody turns pages. */
const skippedRowsMax = 100_000;

/** Characters that somebody types to find a gateway. */
const searchCharsMax = 120;

export const searchQuery = z.object({
  search: z
    .string()
    .max(searchCharsMax)
    .refine(isStorableText)
    .default("")
    .meta({ description: "Words that all stand in the gateway's name or id" }),
  skip: z.coerce.number().int().min(0).max(skippedRowsMax).default(0),
  limit: z.coerce.number().int().min(1).max(pageRowsMax).default(50),
});
export type Search = z.infer<typeof searchQuery>;

/** Beside the rows of a page. */
export const found = z.number().meta({ description: "How many there are on all pages" });

export const fleetPageSchema = z.object({ found, gateways: z.array(gatewayRowSchema) });

/** True where each of the words in `$1` stands in the name or the id. */
const matchesSql = `NOT EXISTS (SELECT FROM jsonb_array_elements_text($1::jsonb) AS word
  WHERE position(word IN lower(g.gateway || ' ' || coalesce(${gatewayName}, ''))) = 0)`;

/** One look at the gateways and the open alarms, however many samples and events there are. */
const byNeedSql = `SELECT g.gateway FROM gateway g LEFT JOIN (
    SELECT gateway, max(urgency) AS urgency FROM (
      SELECT gateway, array_position(ARRAY['low', 'medium', 'high', 'critical'], priority) AS urgency
        FROM alarm WHERE state <> 'normal'
      UNION ALL SELECT gateway, 3 FROM central_alarm WHERE ended_at IS NULL) AS open_alarm
    GROUP BY gateway) o ON o.gateway = g.gateway
  WHERE ${matchesSql}
  ORDER BY coalesce(o.urgency, 0) DESC, (g.last_contact_at < now() - interval '${quietAfterMs} milliseconds') DESC NULLS LAST,
    lower(coalesce(${gatewayName}, g.gateway)), g.gateway LIMIT $2 OFFSET $3`;

/** Whose certificate ends soonest, then whom nothing lets in, then tokens; whoever was shut out at the end. */
const byEndSql = `SELECT g.gateway FROM gateway g LEFT JOIN (
    SELECT gateway, max(not_after) AS not_after FROM certificate WHERE revoked_at IS NULL GROUP BY gateway
  ) c ON c.gateway = g.gateway
  WHERE ${matchesSql}
  ORDER BY g.revoked_at IS NOT NULL, c.not_after NULLS LAST, g.token_hash IS NOT NULL, g.gateway
  LIMIT $2 OFFSET $3`;

const countSql = `SELECT count(*)::int AS found FROM gateway g WHERE ${matchesSql}`;

/** Gateways that need somebody first: by their most urgent open alarm, then the quiet ones, then by name. */
export async function readFleetPage(
  queries: Queries,
  search: Search,
): Promise<z.infer<typeof fleetPageSchema>> {
  const { ids, count } = await pageOf(queries, byNeedSql, search);
  return {
    found: count,
    gateways: inOrder(ids, await readGatewaysOf(queries, ids), ({ id }) => id),
  };
}

/** What gateways may speak by, those first whose certificate ends soonest. */
export async function readAccessPage(queries: Queries, search: Search) {
  const { ids, count } = await pageOf(queries, byEndSql, search);
  const rows = await readAccessOfAll(queries, ids);
  return { found: count, identities: inOrder(ids, rows, ({ gateway }) => gateway) };
}

async function pageOf(queries: Queries, sql: string, { search, skip, limit }: Search) {
  const words = JSON.stringify(
    search
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== ""),
  );
  const rows = await queries.query(sql, [words, limit, skip]);
  const [counted] = await queries.query(countSql, [words]);
  return {
    ids: rows.map(({ gateway }) => String(gateway)),
    count: z.object({ found: z.number() }).parse(counted).found,
  };
}

function inOrder<Row>(
  ids: readonly string[],
  rows: readonly Row[],
  idOf: (row: Row) => string,
): Row[] {
  return ids.flatMap((id) => rows.filter((row) => idOf(row) === id));
}
