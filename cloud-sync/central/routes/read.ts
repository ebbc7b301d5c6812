import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Language } from "../../../config/language/language.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import { refusalSchema } from "../../protocol.ts";
import { guardReaders, type ReadAccess } from "../access.ts";
import { mostUrgentFirst, readCentralAlarms, readStates } from "../alarms-of-central.ts";
import { alarmRowSchema, gatewayRowSchema, latestRowSchema, sampleRowSchema } from "../api.ts";
import { anchorRowSchema, readAnchors } from "../audit-anchors.ts";
import type { Counters } from "../counters.ts";
import { isStorableTime } from "../database/copy-rows.ts";
import type { DatabaseLink } from "../database-link.ts";
import {
  type Position,
  readAlarms,
  readGateways,
  readLatest,
  readSamples,
  samplesMax,
} from "../readings.ts";
import { RefusalError } from "../refusals.ts";

const dayMs = 86_400_000;

const refusals = { "4xx": refusalSchema, "5xx": refusalSchema };
const security = [{ operator: [] }];
const gateway = z.string().max(128);
const time = z.coerce
  .number()
  .refine(isStorableTime)
  .meta({ description: "Milliseconds since 1970" });

const positionPattern = /^(-?\d+(?:\.\d+)?)_(\d+)_(.+)$/;

const samplesQuery = z.object({
  gateway,
  point: z.string().max(256),
  from: time.optional().meta({ description: "Default: one day before `to`" }),
  to: time.optional().meta({ description: "Default: now" }),
  after: z
    .string()
    .regex(positionPattern)
    .optional()
    .meta({ description: "`next` of the page before" }),
  limit: z.coerce.number().int().min(1).max(samplesMax).default(1_000),
});

const pageSchema = z.object({
  samples: z.array(sampleRowSchema),
  next: z.string().optional().meta({ description: "Ask again with after=, until it is absent" }),
});

/** What people and their programs read. */
export function readRoutes(
  link: DatabaseLink,
  counters: Counters,
  access: ReadAccess,
  now: () => number,
  language: Language,
) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    guardReaders(plain, access);
    app.route({
      method: "GET",
      url: "/v1/gateways",
      schema: {
        summary: "All gateways, how fresh they are and how far central is with them",
        security,
        response: { 200: z.array(gatewayRowSchema), ...refusals },
      },
      handler: () => link.use(({ database }) => readGateways(database)),
    });
    app.route({
      method: "GET",
      url: "/v1/latest",
      schema: {
        summary: "The newest sample of each point",
        security,
        querystring: z.object({ gateway: gateway.optional() }),
        response: { 200: z.array(latestRowSchema), ...refusals },
      },
      handler: ({ query }) => link.use(({ database }) => readLatest(database, query.gateway)),
    });
    app.route({
      method: "GET",
      url: "/v1/samples",
      schema: {
        summary: "Samples of one point, oldest first, in pages",
        security,
        querystring: samplesQuery,
        response: { 200: pageSchema, ...refusals },
      },
      handler: ({ query }) => link.use(({ database }) => samplesPage(database, query, now())),
    });
    app.route({
      method: "GET",
      url: "/v1/alarms",
      schema: {
        summary:
          "Alarms that someone must look at, the most urgent first; state=all: also the others",
        security,
        querystring: z.object({
          gateway: gateway.optional(),
          state: z.enum(["open", "all"]).default("open"),
        }),
        response: { 200: z.array(alarmRowSchema), ...refusals },
      },
      handler: ({ query }) =>
        link.use(async ({ database }) => {
          const ask = { gateway: query.gateway, all: query.state === "all" };
          const own = await readCentralAlarms(database, ask, language);
          return mostUrgentFirst([...own, ...(await readAlarms(database, ask))]);
        }),
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/audit-anchors",
      schema: {
        summary: "Where the gateway's audit trail ended, each time central heard of it",
        security,
        params: z.object({ id: gateway }),
        querystring: z.object({ epoch: z.string().max(128).optional() }),
        response: { 200: z.array(anchorRowSchema), ...refusals },
      },
      handler: ({ params, query }) =>
        link.use(({ database }) => readAnchors(database, params.id, query.epoch)),
    });
    app.get("/metrics", async (_request, reply) => {
      const states = await link.use(({ database }) => readStates(database)).catch(unlessGone);
      return reply.type("text/plain; version=0.0.4").send(counters.text(link.up, states));
    });
  };
}

/** Figures are told without a database as well. */
function unlessGone(error: unknown): undefined {
  if (!(error instanceof RackwatchError)) throw error;
}

async function samplesPage(
  database: Parameters<typeof readSamples>[0],
  query: z.infer<typeof samplesQuery>,
  now: number,
): Promise<z.infer<typeof pageSchema>> {
  const { point, limit, to = now, from = to - dayMs } = query;
  const samples = await readSamples(database, {
    gateway: query.gateway,
    point,
    from,
    to,
    limit,
    ...(query.after === undefined ? {} : { after: parsePosition(query.after) }),
  });
  const last = samples.at(-1);
  if (last === undefined || samples.length < limit) return { samples };
  return { samples, next: `${last.sampledAt}_${last.seq}_${last.epoch}` };
}

function parsePosition(text: string): Position {
  const [, sampledAt, seq, epoch] = positionPattern.exec(text) ?? [];
  if (
    epoch !== undefined &&
    isStorableTime(Number(sampledAt)) &&
    Number.isSafeInteger(Number(seq))
  ) {
    return { sampledAt: Number(sampledAt), seq: Number(seq), epoch };
  }
  throw new RefusalError(400, { code: "bad-request", message: "after: not a position" });
}
