import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import {
  acknowledgeSchema,
  alarmViewSchema,
  errorSchema,
  outputViewSchema,
  silenceSchema,
} from "../api.ts";
import { refusals } from "../refusal.ts";
import type { PanelSource } from "../source.ts";

/** What a person does. */
export const actionRoutes =
  (source: PanelSource): FastifyPluginAsyncZod =>
  async (app) => {
    app.post(
      "/api/alarms/:id/acknowledge",
      {
        config: { access: "acknowledge" },
        schema: {
          summary: "Acknowledge an alarm",
          params: z.object({ id: z.string() }),
          body: acknowledgeSchema.nullish(),
          response: { 200: alarmViewSchema, 401: errorSchema, 404: errorSchema, 409: errorSchema },
        },
      },
      ({ params, body, person }) => source.acknowledge(params.id, person, body?.comment),
    );
    app.post(
      "/api/outputs/:device/:point/test",
      {
        config: { access: "test" },
        schema: {
          summary: "Drive an output for a moment",
          params: z.object({ device: z.string(), point: z.string() }),
          response: { 200: outputViewSchema, 401: errorSchema, 404: errorSchema, 502: errorSchema },
        },
      },
      async ({ params, person }) => {
        const key = `${params.device}/${params.point}` as const;
        const find = () => source.outputs().find((output) => output.key === key);
        if (find() === undefined) throw refusals.unknownOutput(key);
        await source.testOutput(key, person);
        const output = find();
        if (output === undefined) throw refusals.unknownOutput(key);
        return output;
      },
    );
    app.post(
      "/api/silence",
      {
        config: { access: "silence" },
        schema: {
          summary: "Quiet the buzzers for some minutes",
          body: silenceSchema,
          response: { 200: z.array(outputViewSchema), 401: errorSchema },
        },
      },
      async ({ body, person }) => {
        await source.silence(body.minutes, person);
        return [...source.outputs()];
      },
    );
  };
