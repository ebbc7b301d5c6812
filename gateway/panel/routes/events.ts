import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { EventStream } from "../event-stream.ts";
import { refusals } from "../refusal.ts";

/** The live stream: `snapshot`, then `change` and `heartbeat`. */
export const eventRoutes =
  (stream: EventStream): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      "/api/events",
      {
        config: { access: "open" },
        // A HEAD of it would never end.
        exposeHeadRoute: false,
        schema: { summary: "What changes, as server-sent events", produces: ["text/event-stream"] },
      },
      async (_request, reply) => {
        if (stream.full) throw refusals.tooManyScreens(stream.screens);
        reply.hijack();
        const headers = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, value] as const],
        );
        reply.raw.writeHead(200, {
          ...Object.fromEntries(headers),
          "content-type": "text/event-stream; charset=utf-8",
          "x-accel-buffering": "no",
        });
        stream.add(reply.raw);
        return reply;
      },
    );
  };
