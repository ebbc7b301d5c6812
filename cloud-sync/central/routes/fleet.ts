import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { refusalSchema } from "../../protocol.ts";
import { guardReaders, type ReadAccess } from "../access.ts";
import { gatewayRowSchema } from "../api.ts";
import { isStorableText } from "../database/copy-rows.ts";
import type { DatabaseLink } from "../database-link.ts";
import { noGateway } from "../down/down-row.ts";
import { fleetSchema, readFleet } from "../fleet.ts";
import { fleetPageSchema, readFleetPage, searchQuery } from "../fleet-page.ts";
import { readGateways, readGatewaysOf, rowsMax } from "../readings.ts";

const refusals = { "4xx": refusalSchema, "5xx": refusalSchema };
const security = [{ operator: [] }];
const gateway = z.string().max(128);

export const pageQuery = z.object({
  after: z.string().max(512).refine(isStorableText).optional().meta({
    description: "The page behind this one: a gateway's id, or `gateway/device/point`",
  }),
  limit: z.coerce.number().int().min(1).max(rowsMax).default(rowsMax),
});

/** Gateways: all of them in a few numbers, in pages, one. */
export function fleetRoutes(link: DatabaseLink, access: ReadAccess) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    guardReaders(plain, access);
    app.route({
      method: "GET",
      url: "/v1/gateways",
      schema: {
        summary: "All gateways, how fresh they are and how far central is with them",
        security,
        querystring: pageQuery,
        response: { 200: z.array(gatewayRowSchema), ...refusals },
      },
      handler: ({ query }) => link.use(({ database }) => readGateways(database, query)),
    });
    app.route({
      method: "GET",
      url: "/v1/fleet",
      schema: {
        summary: "All gateways in a few numbers",
        security,
        response: { 200: fleetSchema, ...refusals },
      },
      handler: () => link.use(({ database }) => readFleet(database)),
    });
    app.route({
      method: "GET",
      url: "/v1/fleet/gateways",
      schema: {
        summary: "Gateways in pages, found by a part of the name; those that need somebody first",
        security,
        querystring: searchQuery,
        response: { 200: fleetPageSchema, ...refusals },
      },
      handler: ({ query }) => link.use(({ database }) => readFleetPage(database, query)),
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id",
      schema: {
        summary: "One gateway, how fresh it is and how far central is with it",
        security,
        params: z.object({ id: gateway }),
        response: { 200: gatewayRowSchema, ...refusals },
      },
      handler: async ({ params: { id } }) => {
        const [row] = await link.use(({ database }) => readGatewaysOf(database, [id]));
        if (row === undefined) throw noGateway(id);
        return row;
      },
    });
  };
}
