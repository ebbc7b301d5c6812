import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { errorSchema } from "../api.ts";
import { configurationViewSchema, restoreBodySchema } from "../configuration-api.ts";
import type { RestoreRefusal } from "../configuration-source.ts";
import { type Refusal, refusals } from "../refusal.ts";
import type { Logins } from "./session.ts";

const refusalOf: Readonly<Record<RestoreRefusal, (serial: number) => Refusal>> = {
  unknown: refusals.unknownConfiguration,
  "on-trial": refusals.configurationOnTrial,
  changed: refusals.configurationChanged,
  same: refusals.sameConfiguration,
};

/** The configurations that ran lately, and the way back to one of them. */
export const configurationRoutes =
  ({ source, accounts }: Pick<Logins, "source" | "accounts">): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      "/api/configurations",
      {
        config: { access: "person" },
        schema: {
          summary: "The last configurations, newest first: who, when, what became of them",
          response: { 200: z.array(configurationViewSchema), 401: errorSchema },
        },
      },
      async () => [...source.configurations.list()],
    );
    app.post(
      "/api/configurations/:serial/restore",
      {
        config: { access: "configuration" },
        schema: {
          summary: "Go back to an earlier configuration: it is tried as a new one",
          params: z.object({ serial: z.coerce.number().int().min(1) }),
          body: restoreBodySchema,
          response: {
            202: z.array(configurationViewSchema),
            ...{ 401: errorSchema, 403: errorSchema, 404: errorSchema, 409: errorSchema },
          },
        },
      },
      async ({ params: { serial }, body: { password, seen }, person, ip }, reply) => {
        await accounts.confirm(person, password, ip);
        const refused = source.configurations.restore(serial, seen, person);
        if (refused !== undefined) throw refusalOf[refused](serial);
        source.audit("config.restore", person, { serial });
        return reply.status(202).send([...source.configurations.list()]);
      },
    );
  };
