import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { AuditSearch } from "../../audit/search.ts";
import { errorSchema } from "../api.ts";
import { auditEntriesMax } from "../limits.ts";
import { refusals } from "../refusal.ts";
import {
  auditPageSchema,
  auditSearchSchema,
  auditViewSchema,
  dispositionBodySchema,
  dueViewSchema,
  excursionViewSchema,
  minMaxViewSchema,
  mktViewSchema,
  pushesViewSchema,
  receiverViewSchema,
} from "../response-api.ts";
import type { PanelSource } from "../source.ts";

const auditQuery = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: "Number of the last known entry" }),
  limit: z.coerce.number().int().min(1).max(auditEntriesMax).default(100),
});

/** What follows from alarms: excursions, receivers, tests, calibrations, the audit trail. */
export const responseRoutes =
  (source: PanelSource): FastifyPluginAsyncZod =>
  async (app) => {
    const { response } = source;
    const open = { access: "open" } as const;
    const person = { access: "person" } as const;
    app.get(
      "/api/excursions",
      {
        config: open,
        schema: {
          summary: "Times out of range, open ones first",
          response: { 200: z.array(excursionViewSchema) },
        },
      },
      async () => [...response.excursions()],
    );
    app.post(
      "/api/excursions/:id/disposition",
      {
        config: { access: "dispose" },
        schema: {
          summary: "Sign what becomes of the goods of an excursion",
          params: z.object({ id: z.string() }),
          body: dispositionBodySchema,
          response: {
            200: excursionViewSchema,
            403: errorSchema,
            404: errorSchema,
            409: errorSchema,
          },
        },
      },
      async ({ params, body, person: by }) => response.dispose(params.id, { ...body, by }),
    );
    app.get(
      "/api/receivers",
      {
        config: open,
        schema: {
          summary: "Who is told, how, and whether it works",
          response: { 200: z.array(receiverViewSchema) },
        },
      },
      async () => [...response.receivers()],
    );
    app.post(
      "/api/receivers/:id/test",
      {
        config: { access: "test" },
        schema: {
          summary: "Send a test to each address of a receiver; the result goes on record",
          params: z.object({ id: z.string() }),
          response: { 200: receiverViewSchema, 403: errorSchema, 404: errorSchema },
        },
      },
      async ({ params, person: by }) => {
        if (!response.testReceiver(params.id, by)) throw refusals.unknownReceiver(params.id);
        const found = response.receivers().find(({ id }) => id === params.id);
        if (found === undefined) throw refusals.unknownReceiver(params.id);
        return found;
      },
    );
    app.get(
      "/api/pushes",
      {
        config: person,
        schema: {
          summary: "Messages that wait, and those that could not be delivered",
          response: { 200: pushesViewSchema, 401: errorSchema },
        },
      },
      async () => response.pushes(),
    );
    app.get(
      "/api/due",
      {
        config: open,
        schema: {
          summary: "Tests and calibrations that are due",
          response: { 200: dueViewSchema },
        },
      },
      async () => response.due(),
    );
    app.get(
      "/api/min-max",
      {
        config: open,
        schema: {
          summary: "Lowest and highest value of each watched point since its last reset",
          response: { 200: z.array(minMaxViewSchema) },
        },
      },
      async () => [...response.minMax()],
    );
    app.get(
      "/api/mkt",
      {
        config: open,
        schema: {
          summary: "Mean kinetic temperature of the last hours or days, where a profile limits it",
          response: { 200: z.array(mktViewSchema) },
        },
      },
      async () => [...response.mkt()],
    );
    app.post(
      "/api/min-max/:device/:point/reset",
      {
        config: { access: "acknowledge" },
        schema: {
          summary: "The daily check: put minimum and maximum on record and begin anew",
          params: z.object({ device: z.string(), point: z.string() }),
          response: { 200: z.array(minMaxViewSchema), 403: errorSchema, 404: errorSchema },
        },
      },
      async ({ params, person: by }) => {
        const key = `${params.device}/${params.point}` as const;
        if (!source.points().some((point) => point.key === key)) throw refusals.unknownPoint(key);
        response.resetMinMax(key, by);
        return [...response.minMax()];
      },
    );
    app.get(
      "/api/audit",
      {
        config: person,
        schema: {
          summary: "The audit trail, oldest first",
          querystring: auditQuery,
          response: { 200: z.array(auditViewSchema), 401: errorSchema },
        },
      },
      async ({ query }) => response.audit(query.after, query.limit).map((entry) => ({ ...entry })),
    );
    app.get(
      "/api/audit/search",
      {
        config: person,
        schema: {
          summary: "The newest entries of the audit trail that fit, newest first",
          querystring: auditSearchSchema,
          response: { 200: auditPageSchema, 401: errorSchema },
        },
      },
      async ({ query }) => {
        const { entries, next } = response.searchAudit(withMilliseconds(query));
        return { entries: entries.map((entry) => ({ ...entry })), next };
      },
    );
  };

/** The trail's times have milliseconds, and are compared as text. */
function withMilliseconds({ from, to, ...search }: AuditSearch): AuditSearch {
  const full = (time: string | undefined) => time && new Date(time).toISOString();
  return { ...search, from: full(from), to: full(to) };
}
