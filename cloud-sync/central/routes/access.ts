import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { refusalSchema } from "../../protocol.ts";
import { guardReaders, type ReadAccess } from "../access.ts";
import type { DatabaseLink } from "../database-link.ts";
import { accessRecordSchema, readAccessRecord } from "../identity/access-record.ts";

/** By what a gateway gets in: GET /v1/gateways/{id}/access. */
export function accessRoutes(link: DatabaseLink, access: ReadAccess) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    guardReaders(plain, access);
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/access",
      schema: {
        summary: "Certificates and token of a gateway, and what was revoked; newest first",
        security: [{ operator: [] }],
        params: z.object({ id: z.string().max(128) }),
        response: { 200: accessRecordSchema, "4xx": refusalSchema, "5xx": refusalSchema },
      },
      handler: ({ params: { id } }) => link.use(({ database }) => readAccessRecord(database, id)),
    });
  };
}
