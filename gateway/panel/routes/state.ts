import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import {
  alarmViewSchema,
  errorSchema,
  gatewayViewSchema,
  noticeViewSchema,
  outputViewSchema,
  pointViewSchema,
  sampleViewSchema,
} from "../api.ts";
import { samplesDefault, samplesMax } from "../limits.ts";
import { refusals } from "../refusal.ts";
import type { PanelSource } from "../source.ts";
import { syncDetailSchema } from "../sync-api.ts";

const dayMs = 86_400_000;

/** Milliseconds since 1970, or an ISO 8601 time such as `2026-11-22T08:00:00Z`. */
const instantSchema = z.string().transform((text, context) => {
  const ms = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue({ code: "custom", message: "milliseconds since 1970 or an ISO 8601 time" });
  return z.NEVER;
});

const windowSchema = z.object({
  from: instantSchema.optional().meta({ description: "Default: a day before `to`" }),
  to: instantSchema.optional().meta({ description: "Default: now" }),
  limit: z.coerce.number().int().min(1).max(samplesMax).default(samplesDefault),
});

/** What the gateway knows, open to whoever reaches the panel: a wall display logs nobody in. */
export const stateRoutes =
  (source: PanelSource): FastifyPluginAsyncZod =>
  async (app) => {
    const config = { access: "open" } as const;
    app.get(
      "/api/gateway",
      { config, schema: { summary: "The gateway", response: { 200: gatewayViewSchema } } },
      async () => source.gateway(),
    );
    app.get(
      "/api/points",
      { config, schema: { summary: "Every point", response: { 200: z.array(pointViewSchema) } } },
      async () => [...source.points()],
    );
    app.get(
      "/api/points/:device/:point/samples",
      {
        config,
        schema: {
          summary: "Samples of one point, oldest first",
          params: z.object({ device: z.string(), point: z.string() }),
          querystring: windowSchema,
          response: { 200: z.array(sampleViewSchema), 404: errorSchema },
        },
      },
      async ({ params, query }) => {
        const key = `${params.device}/${params.point}` as const;
        if (!source.points().some((point) => point.key === key)) throw refusals.unknownPoint(key);
        const to = query.to ?? source.gateway().now;
        return [...source.history(key, query.from ?? to - dayMs, to, query.limit)];
      },
    );
    app.get(
      "/api/alarms",
      { config, schema: { summary: "Every alarm", response: { 200: z.array(alarmViewSchema) } } },
      async () => [...source.alarms()],
    );
    app.get(
      "/api/outputs",
      { config, schema: { summary: "Every output", response: { 200: z.array(outputViewSchema) } } },
      async () => [...source.outputs()],
    );
    app.get(
      "/api/sync",
      {
        config,
        schema: {
          summary: "How far central is, why not further, and what the store can take",
          response: { 200: syncDetailSchema },
        },
      },
      async () => source.syncDetail(),
    );
    app.get(
      "/api/notices",
      {
        config,
        schema: { summary: "What is wrong here", response: { 200: z.array(noticeViewSchema) } },
      },
      async () => [...source.notices()],
    );
  };
