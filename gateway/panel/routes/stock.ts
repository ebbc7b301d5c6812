import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { errorSchema } from "../api.ts";
import type { PanelSource } from "../source.ts";
import {
  bookedSchema,
  bookingSchema,
  decisionSchema,
  holdBodySchema,
  itemOutlookSchema,
  itemViewSchema,
  mismatchViewSchema,
  movementPageSchema,
  movementQuerySchema,
  openProposalSchema,
  releaseSchema,
  scannedSchema,
  stockPageSchema,
  stockQuerySchema,
} from "../stock-api.ts";

const refused = { 403: errorSchema, 404: errorSchema, 409: errorSchema };
const done = z.object({ done: z.literal(true) });

/** Stock as it is, what moved, what is to come; and what people book, hold, release and decide. */
export const stockRoutes =
  (source: PanelSource): FastifyPluginAsyncZod =>
  async (app) => {
    const { stock } = source;
    const open = { access: "open" } as const;
    app.get(
      "/api/stock",
      {
        config: open,
        schema: {
          summary: "Stock by item and location, with lots, cover and warnings",
          querystring: stockQuerySchema,
          response: { 200: stockPageSchema },
        },
      },
      async ({ query }) => stock.stock(query),
    );
    app.get(
      "/api/stock/outlook",
      {
        config: open,
        schema: {
          summary: "One item at one location: past days, projection, proposal",
          querystring: z.object({ location: z.string(), item: z.string() }),
          response: { 200: itemOutlookSchema, 404: errorSchema },
        },
      },
      async ({ query }) => stock.outlook(query.location, query.item),
    );
    app.get(
      "/api/stock/movements",
      {
        config: open,
        schema: {
          summary: "The ledger, newest first",
          querystring: movementQuerySchema,
          response: { 200: movementPageSchema },
        },
      },
      async ({ query }) => stock.movements(query),
    );
    app.get(
      "/api/stock/epcis",
      {
        config: open,
        schema: {
          summary: "Movements as one EPCIS 2.0 document (JSON-LD), newest first",
          querystring: movementQuerySchema,
          produces: ["application/ld+json"],
        },
      },
      async ({ query }, reply) =>
        reply.type("application/ld+json").send(JSON.stringify(stock.epcis(query))),
    );
    app.get(
      "/api/stock/mismatches",
      {
        config: open,
        schema: {
          summary: "Where tags, weight and ledger disagree",
          response: { 200: z.array(mismatchViewSchema) },
        },
      },
      async () => [...stock.mismatches()],
    );
    app.get(
      "/api/items",
      {
        config: open,
        schema: {
          summary: "Items, of the configuration and imported",
          response: { 200: z.array(itemViewSchema) },
        },
      },
      async () => [...stock.items()],
    );
    app.get(
      "/api/stock/scanned",
      {
        config: { access: "person" },
        schema: {
          summary: "What a bar code or tag says: item, lot, expiry",
          querystring: z.object({ code: z.string().min(1).max(512) }),
          response: { 200: scannedSchema },
        },
      },
      async ({ query }) => stock.scanned(query.code),
    );
    app.post(
      "/api/stock/bookings",
      {
        config: { access: "stock" },
        schema: {
          summary:
            "Book what came, went, was counted or corrected; the same key again changes nothing",
          body: bookingSchema,
          response: { 200: bookedSchema, ...refused },
        },
      },
      async ({ body, person }) => stock.book(body, person),
    );
    app.post(
      "/api/stock/holds",
      {
        config: { access: "stock" },
        schema: {
          summary: "Put a lot aside until somebody of quality decides",
          body: holdBodySchema,
          response: { 200: done, ...refused },
        },
      },
      async ({ body, person }) => {
        stock.hold(body, person);
        return { done: true } as const;
      },
    );
    app.post(
      "/api/stock/releases",
      {
        config: { access: "dispose" },
        schema: {
          summary: "Decide about a lot that is held",
          body: releaseSchema,
          response: { 200: done, ...refused },
        },
      },
      async ({ body, person }) => {
        stock.release(body, person);
        return { done: true } as const;
      },
    );
    app.get(
      "/api/stock/proposals",
      {
        config: open,
        schema: {
          summary: "Proposed reorder points that wait for a decision",
          response: { 200: z.array(openProposalSchema) },
        },
      },
      async () => [...stock.proposals()],
    );
    app.post(
      "/api/stock/proposals/:id",
      {
        config: { access: "planning" },
        schema: {
          summary: "Approve or reject a proposed reorder point",
          params: z.object({ id: z.string() }),
          body: decisionSchema,
          response: { 200: done, ...refused },
        },
      },
      async ({ params, body, person }) => {
        stock.decide(params.id, body.approve, person, body.comment);
        return { done: true } as const;
      },
    );
  };
