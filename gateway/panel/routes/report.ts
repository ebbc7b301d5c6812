import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { refusals } from "../refusal.ts";
import type { PanelSource } from "../source.ts";

const time = z.string().max(40).optional();

const queryOfReport = z.object({
  location: z.string().max(100),
  month: time.meta({
    description: "2026-10; days and months are those of the gateway's time zone",
  }),
  from: time.meta({
    description: "2026-10-01, 2026-10-01T08:00 (local) or with a zone; default: yesterday",
  }),
  to: time.meta({ description: "Likewise; a day belongs to the period" }),
});

const types = { csv: "text/csv; charset=utf-8", pdf: "application/pdf" } as const;

/** Reports as files. Each is written by a process of its own, and on the audit trail when it went out whole. */
export const reportRoutes =
  (source: PanelSource): FastifyPluginAsyncZod =>
  async (app) => {
    for (const form of ["csv", "pdf"] as const) {
      app.get(
        `/api/report.${form}`,
        {
          config: { access: "person" },
          // A HEAD of it would have it written for nobody.
          exposeHeadRoute: false,
          schema: {
            summary: "The record of a location and a period, with the hash of what it rests on",
            querystring: queryOfReport,
            produces: [types[form]],
          },
        },
        async ({ query, person: by }, reply) => {
          const stream = await source.report({ ...query, form, by });
          if (stream === undefined) throw refusals.reportBusy();
          const period = query.month ?? query.from ?? "";
          const name = `report-${query.location}-${period}`.replace(/[^\w.-]+/g, "_");
          reply.header("content-disposition", `attachment; filename="${name}.${form}"`);
          return reply.type(types[form]).send(stream);
        },
      );
    }
  };
