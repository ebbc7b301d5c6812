import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { AlarmAction } from "../../alarms/alarm.ts";
import { alarmFiguresSchema } from "../../figures/summary.ts";
import { alarmViewSchema, errorSchema } from "../api.ts";
import type { Permission } from "../duties.ts";
import { refusals } from "../refusal.ts";
import {
  bulkSchema,
  commentSchema,
  reasonSchema,
  serviceSchema,
  shelveSchema,
} from "../response-api.ts";
import type { PanelSource } from "../source.ts";

const params = z.object({ id: z.string() });
const answers = {
  200: alarmViewSchema,
  401: errorSchema,
  403: errorSchema,
  404: errorSchema,
  409: errorSchema,
};
const daysSchema = z.object({ days: z.coerce.number().int().min(1).max(366).default(7) });

interface Act<Body extends z.ZodType> {
  readonly verb: string;
  readonly summary: string;
  readonly access: Permission;
  readonly body: Body;
  readonly action: (body: z.infer<Body>, by: string) => AlarmAction;
}

/** What a person does with an alarm or a rule, one name each. */
export const alarmRoutes =
  (source: PanelSource): FastifyPluginAsyncZod =>
  async (app) => {
    const { response } = source;
    function route<Body extends z.ZodType>({ verb, summary, access, body, action }: Act<Body>) {
      app.post(
        `/api/alarms/:id/${verb}`,
        { config: { access }, schema: { summary, params, body, response: answers } },
        async (request) => {
          const given = body.parse(request.body);
          return response.act(request.params.id, action(given, request.person));
        },
      );
    }
    route({
      verb: "reset",
      summary: "Reset a latched alarm that is back to normal and acknowledged",
      access: "reset",
      body: commentSchema.nullish(),
      action: (body, by) => ({ do: "reset", by, comment: body?.comment }),
    });
    route({
      verb: "shelve",
      summary: "Put an alarm aside for some minutes, or until it returns",
      access: "shelve",
      body: shelveSchema,
      action: ({ reason, minutes }, by) => ({
        do: "shelve",
        by,
        reason,
        forMs: minutes === undefined ? undefined : Math.round(minutes * 60_000),
      }),
    });
    route({
      verb: "unshelve",
      summary: "End a shelf; an alarm that is still active calls again",
      access: "shelve",
      body: z.null().or(z.strictObject({})).optional(),
      action: (_, by) => ({ do: "unshelve", by }),
    });
    route({
      verb: "suppress",
      summary: "Suppress an alarm by hand",
      access: "suppress",
      body: reasonSchema,
      action: ({ reason }, by) => ({ do: "suppress", by, reason }),
    });
    route({
      verb: "unsuppress",
      summary: "End a suppression",
      access: "suppress",
      body: z.null().or(z.strictObject({})).optional(),
      action: (_, by) => ({ do: "unsuppress", by }),
    });
    route({
      verb: "out-of-service",
      summary: "Take an alarm out of service, for maintenance or calibration",
      access: "service",
      body: serviceSchema,
      action: ({ reason, until }, by) => ({ do: "out-of-service", by, reason, until }),
    });
    route({
      verb: "return-to-service",
      summary: "Bring an alarm back into service",
      access: "service",
      body: z.null().or(z.strictObject({})).optional(),
      action: (_, by) => ({ do: "return-to-service", by }),
    });
    app.post(
      "/api/alarms/acknowledge",
      {
        config: { access: "acknowledge" },
        schema: {
          summary: "Acknowledge several alarms; critical ones are acknowledged one by one",
          body: bulkSchema,
          response: { ...answers, 200: z.array(alarmViewSchema) },
        },
      },
      async ({ body, person }) => {
        const { ids, comment } = body;
        const critical = source
          .alarms()
          .find(({ id, priority }) => priority === "critical" && ids.includes(id));
        if (critical !== undefined) throw refusals.bulkCritical(critical.id);
        return ids.map((id) => response.act(id, { do: "acknowledge", by: person, comment }));
      },
    );
    app.get(
      "/api/alarms/figures",
      {
        config: { access: "open" },
        schema: {
          summary: "How well the alarm system serves people (ISA-18.2)",
          querystring: daysSchema,
          response: { 200: alarmFiguresSchema },
        },
      },
      async ({ query }) => response.figures(query.days),
    );
  };
