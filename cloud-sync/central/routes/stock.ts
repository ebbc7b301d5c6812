import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { refusalSchema } from "../../protocol.ts";
import { guardReaders, type ReadAccess } from "../access.ts";
import { isStorableTime } from "../database/copy-rows.ts";
import type { DatabaseLink } from "../database-link.ts";
import { RefusalError } from "../refusals.ts";
import { movementPageSchema, stockPageSchema } from "../stock-api.ts";
import { readMovements, readStock, stockRowsMax } from "../stock-readings.ts";

const refusals = { "4xx": refusalSchema, "5xx": refusalSchema };
const security = [{ operator: [] }];
const name = z.string().max(200).optional();
const time = z.coerce
  .number()
  .refine(isStorableTime)
  .optional()
  .meta({ description: "Milliseconds since 1970" });
const position = z
  .string()
  .max(2_000)
  .optional()
  .meta({ description: "`next` of the page before" });
const limit = z.coerce.number().int().min(1).max(stockRowsMax);

const stockQuery = z.object({
  ...{ gateway: name, location: name, item: name, after: position },
  warned: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "true: only what is warned of" }),
  limit: limit.default(stockRowsMax),
});

const movementsQuery = z.object({
  ...{ gateway: name, location: name, item: name, lot: name, kind: name },
  ...{ from: time, to: time, before: position },
  limit: limit.default(200),
});

const afterSchema = z.tuple([z.string(), z.string(), z.string()]);
const beforeSchema = z.tuple([z.number().refine(isStorableTime), z.string(), z.string()]);

/** Stock and movements of all gateways. */
export function stockRoutes(link: DatabaseLink, access: ReadAccess) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    guardReaders(plain, access);
    app.route({
      method: "GET",
      url: "/v1/stock",
      schema: {
        summary: "What is in stock at every gateway, with its lots and what is warned of",
        security,
        querystring: stockQuery,
        response: { 200: stockPageSchema, ...refusals },
      },
      handler: ({ query: { after, warned, ...query } }) =>
        link.use(async ({ database }) => {
          const from = after === undefined ? undefined : positionOf(after, afterSchema);
          const only = warned === "true";
          const stock = await readStock(database, { ...query, warned: only, after: from });
          const last = stock.at(-1);
          if (last === undefined || stock.length < query.limit) return { stock };
          return { stock, next: textOf([last.gateway, last.location, last.item]) };
        }),
    });
    app.route({
      method: "GET",
      url: "/v1/movements",
      schema: {
        summary: "Movements of every gateway, newest first, in pages",
        security,
        querystring: movementsQuery,
        response: { 200: movementPageSchema, ...refusals },
      },
      handler: ({ query: { before, ...query } }) =>
        link.use(async ({ database }) => {
          const movements = await readMovements(database, { ...query, ...beforeOf(before) });
          const last = movements.at(-1);
          if (last === undefined || movements.length < query.limit) return { movements };
          return { movements, next: textOf([last.at, last.gateway, last.id]) };
        }),
    });
  };
}

function beforeOf(before: string | undefined) {
  if (before === undefined) return {};
  const [at, gateway, id] = positionOf(before, beforeSchema);
  return { before: { at, gateway, id } };
}

/** A position as text for an address. */
function textOf(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

function positionOf<T>(text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(Buffer.from(text, "base64url").toString()));
  } catch {
    throw new RefusalError(400, { code: "bad-request", message: "after, before: not a position" });
  }
}
