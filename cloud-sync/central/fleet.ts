import { z } from "zod";
import { prioritySchema } from "../../config/schema/rule.ts";
import { gatewayStates } from "./api.ts";
import { catchingUpRowsMin } from "./catch-up.ts";
import type { Queries } from "./database/database.ts";

const count = z.number();

/** All gateways in a few numbers, for a screen or a program that asks every few seconds. */
export const fleetSchema = z.object({
  gateways: count,
  states: z.record(z.enum(gatewayStates), count),
  alarms: z
    .record(prioritySchema, count)
    .meta({ description: "Open alarms of gateways by priority; central's own are told by state" }),
  unacknowledged: count.meta({
    description: "Open alarms that nobody acknowledged, central's own among them",
  }),
  catchingUp: count.meta({ description: "Gateways of which central lacks many rows" }),
  backlogRows: count.meta({ description: "Rows that central lacks, as gateways last said" }),
});
export type Fleet = z.infer<typeof fleetSchema>;

const rowSchema = z.object({
  ...{ gateways: count, never: count, silent: count, stopped: count },
  ...{ catching_up: count, backlog: count },
});
const alarmSchema = z.object({ priority: prioritySchema, alarms: count, waiting: count });

/** One look at the table of gateways and at the open alarms, however many samples and events there are. */
const gatewaysSql = `SELECT count(*)::int AS gateways,
  count(*) FILTER (WHERE g.last_contact_at IS NULL)::int AS never,
  count(*) FILTER (WHERE g.last_contact_at IS NOT NULL AND o.silent)::int AS silent,
  count(*) FILTER (WHERE g.last_contact_at IS NOT NULL AND o.stopped AND NOT o.silent)::int AS stopped,
  count(*) FILTER (WHERE g.backlog >= ${catchingUpRowsMin})::int AS catching_up,
  coalesce(sum(g.backlog), 0)::float8 AS backlog
FROM gateway g LEFT JOIN (
  SELECT gateway, bool_or(rule = 'central/silent') AS silent, bool_or(rule = 'central/stopped') AS stopped
  FROM central_alarm WHERE ended_at IS NULL GROUP BY gateway) o ON o.gateway = g.gateway`;

const alarmsSql = `SELECT priority, count(*)::int AS alarms,
  count(*) FILTER (WHERE state LIKE '%unacknowledged')::int AS waiting
FROM alarm WHERE state <> 'normal' GROUP BY priority`;

export const fleetStatements = [gatewaysSql, alarmsSql] as const;

export async function readFleet(queries: Queries): Promise<Fleet> {
  const [row] = await queries.query(gatewaysSql);
  const it = rowSchema.parse(row);
  const open = (await queries.query(alarmsSql)).map((alarm) => alarmSchema.parse(alarm));
  const of = (priority: string) => open.find((alarm) => alarm.priority === priority)?.alarms ?? 0;
  const { gateways, never, silent, stopped } = it;
  return {
    gateways,
    states: { never, silent, stopped, reporting: gateways - never - silent - stopped },
    alarms: { low: of("low"), medium: of("medium"), high: of("high"), critical: of("critical") },
    unacknowledged: open.reduce((sum, { waiting }) => sum + waiting, silent + stopped),
    catchingUp: it.catching_up,
    backlogRows: it.backlog,
  };
}
