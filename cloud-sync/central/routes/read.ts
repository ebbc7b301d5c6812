import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Language } from "../../../config/language/language.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import { refusalSchema } from "../../protocol.ts";
import { guardReaders, type ReadAccess } from "../access.ts";
import type { BucketStep } from "../aggregates/buckets.ts";
import { bucketRowSchema, bucketStepMs, readBuckets, stepThatIs } from "../aggregates/reading.ts";
import { mostUrgentFirst, readCentralAlarms, readStates } from "../alarms-of-central.ts";
import { alarmRowSchema, latestRowSchema, sampleRowSchema } from "../api.ts";
import { anchorRowSchema, readAnchors } from "../audit-anchors.ts";
import type { Counters } from "../counters.ts";
import { isStorableTime } from "../database/copy-rows.ts";
import type { DatabaseLink } from "../database-link.ts";
import {
  type Position,
  readAlarms,
  readLatest,
  readSamples,
  rowsMax,
  samplesMax,
} from "../readings.ts";
import { RefusalError } from "../refusals.ts";
import { readLag } from "../upkeep.ts";
import { pageQuery } from "./fleet.ts";

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
  step: z.enum(["raw", "minute", "hour", "auto"]).default("raw").meta({
    description:
      "raw: each sample. minute, hour: buckets of samples, in UTC, those that overlap the range whole. auto: what shows the range best",
  }),
});

const pageSchema = z.object({
  step: z.enum(["raw", "minute", "hour"]).meta({ description: "What this page is made of" }),
  samples: z.array(sampleRowSchema).meta({ description: "Empty where it is made of buckets" }),
  buckets: z.array(bucketRowSchema).optional(),
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
      url: "/v1/latest",
      schema: {
        summary: "The newest sample of each point",
        security,
        querystring: pageQuery.extend({ gateway: gateway.optional() }),
        response: { 200: z.array(latestRowSchema), ...refusals },
      },
      handler: ({ query: { gateway: of, ...page } }) =>
        link.use(({ database }) => readLatest(database, of, page)),
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
          limit: z.coerce.number().int().min(1).max(rowsMax).optional(),
        }),
        response: { 200: z.array(alarmRowSchema), ...refusals },
      },
      handler: ({ query }) =>
        link.use(async ({ database }) => {
          const { gateway, state, limit } = query;
          const ask = { gateway, limit, all: state === "all" };
          const own = await readCentralAlarms(database, ask, language);
          return mostUrgentFirst([...own, ...(await readAlarms(database, ask))], limit);
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
    app.get("/metrics", { schema: { security } }, async (_request, reply) => {
      const ask = link.use(async ({ database }) => ({
        states: await readStates(database),
        lag: await readLag(database, now()),
      }));
      const said = await ask.catch(unlessGone);
      const text = counters.text(link.up, said?.states, said?.lag);
      return reply.type("text/plain; version=0.0.4").send(text);
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
  const { gateway, point, limit, to = now, from = to - dayMs } = query;
  const step = query.step === "auto" ? await stepThatIs(database, from, to) : query.step;
  const range = { gateway, point, to, limit };
  if (step !== "raw") {
    const begin = query.after === undefined ? from : bucketAfter(query.after, step);
    const buckets = [...(await readBuckets(database, step, { ...range, from: begin }))];
    const last = buckets.at(-1);
    if (last === undefined || buckets.length < limit) return { step, samples: [], buckets };
    return { step, samples: [], buckets, next: `${last.from}_0_${step}` };
  }
  const after = query.after === undefined ? undefined : parsePosition(query.after);
  const samples = await readSamples(database, {
    ...range,
    from,
    ...(after === undefined ? {} : { after }),
  });
  const last = samples.at(-1);
  if (last === undefined || samples.length < limit) return { step, samples };
  return { step, samples, next: `${last.sampledAt}_${last.seq}_${last.epoch}` };
}

/** Where the page after begins. @throws RefusalError for a position of another step */
function bucketAfter(text: string, step: BucketStep): number {
  const { sampledAt, epoch } = parsePosition(text);
  if (epoch === step) return sampledAt + bucketStepMs[step];
  const message = "after: a position of another step";
  throw new RefusalError(400, { code: "bad-request", message });
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
