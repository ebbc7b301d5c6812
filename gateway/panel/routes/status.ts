import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import type { OpenApiDocument } from "../document.ts";
import type { PanelSource } from "../source.ts";

/** What watches the gateway from outside. */
export const statusRoutes =
  (source: PanelSource, document: () => Promise<OpenApiDocument>): FastifyPluginAsyncZod =>
  async (app) => {
    app.get(
      "/healthz",
      {
        config: { access: "open" },
        schema: {
          summary: "The gateway's panel answers",
          response: { 200: z.object({ ok: z.literal(true) }) },
        },
      },
      async () => ({ ok: true }) as const,
    );
    app.get(
      "/metrics",
      {
        config: { access: "open" },
        schema: { summary: "Counters for Prometheus", produces: ["text/plain"] },
      },
      (_request, reply) =>
        reply.type("text/plain; version=0.0.4; charset=utf-8").send(source.metrics()),
    );
    app.get("/openapi.json", { config: { access: "open" }, schema: { hide: true } }, () =>
      document(),
    );
  };
