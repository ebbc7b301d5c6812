import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { refusalSchema } from "../../protocol.ts";
import { guardReaders, type ReadAccess } from "../access.ts";
import type { DatabaseLink } from "../database-link.ts";
import {
  conflictRecordSchema,
  epochRecordSchema,
  gapRecordSchema,
  listings,
  readRecords,
  recordPageMax,
  rejectRecordSchema,
} from "../records.ts";

/** Pages beyond it are not asked by people; a program narrows its question by time of its own. */
const offsetMax = 1_000_000;

const params = z.object({ id: z.string().max(128) });
const querystring = z.object({
  limit: z.coerce.number().int().min(1).max(recordPageMax).default(100),
  offset: z.coerce.number().int().min(0).max(offsetMax).default(0),
});

const pageOf = <T extends z.ZodType>(record: T) =>
  z.object({
    records: z.array(record),
    next: z.number().optional().meta({ description: "Ask again with offset=, until it is absent" }),
  });

const common = (summary: string) => ({
  summary,
  security: [{ operator: [] }],
  params,
  querystring,
});
const refusals = { "4xx": refusalSchema, "5xx": refusalSchema };

/** What is on record of a gateway: rows set aside, rows lost, conflicts, epochs. */
export function recordRoutes(link: DatabaseLink, access: ReadAccess) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    guardReaders(plain, access);
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/rejects",
      schema: {
        ...common("Rows that central set aside, with their content and why; newest first"),
        response: { 200: pageOf(rejectRecordSchema), ...refusals },
      },
      handler: ({ params: { id }, query }) =>
        link.use(({ database }) => readRecords(database, listings.rejects, id, query)),
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/gaps",
      schema: {
        ...common("Rows that will never come, and why; newest first"),
        response: { 200: pageOf(gapRecordSchema), ...refusals },
      },
      handler: ({ params: { id }, query }) =>
        link.use(({ database }) => readRecords(database, listings.gaps, id, query)),
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/conflicts",
      schema: {
        ...common("Two contents, machines or epochs where one must be; newest first"),
        response: { 200: pageOf(conflictRecordSchema), ...refusals },
      },
      handler: ({ params: { id }, query }) =>
        link.use(({ database }) => readRecords(database, listings.conflicts, id, query)),
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/epochs",
      schema: {
        ...common("The databases that the gateway had, and what they share; newest first"),
        response: { 200: pageOf(epochRecordSchema), ...refusals },
      },
      handler: ({ params: { id }, query }) =>
        link.use(({ database }) => readRecords(database, listings.epochs, id, query)),
    });
  };
}
