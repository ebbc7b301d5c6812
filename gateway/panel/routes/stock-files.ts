import { Readable } from "node:stream";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { errorSchema } from "../api.ts";
import { importBytesMax } from "../limits.ts";
import type { PanelSource } from "../source.ts";
import { importKinds, importResultSchema } from "../stock-api.ts";

const csv = "text/csv; charset=utf-8";

/** What counts and movements do, an operator may do one by one as well; the rest is planning. */
const accessOf = {
  movements: "stock",
  counts: "stock",
  items: "planning",
  orders: "planning",
  tags: "planning",
} as const;

/** Stock in and out as CSV files. */
export const stockFileRoutes =
  (source: PanelSource): FastifyPluginAsyncZod =>
  async (app) => {
    // The body is read by the import itself, in its own encoding and piece by piece.
    app.addContentTypeParser("text/csv", (_request, payload, done) => done(null, payload));
    for (const kind of importKinds) {
      app.post(
        `/api/stock/import/${kind}`,
        {
          config: { access: accessOf[kind], isFile: true },
          bodyLimit: importBytesMax,
          schema: {
            summary: `Import ${kind} from CSV: good rows land, bad rows come back with line and reason`,
            consumes: ["text/csv"],
            querystring: z.object({ name: z.string().max(120).default("import.csv") }),
            response: { 200: importResultSchema, 400: errorSchema, 413: errorSchema },
          },
        },
        async ({ body, query, person }) =>
          source.stock.import(kind, { name: query.name, content: streamOf(body) }, person),
      );
    }
    for (const what of ["stock", "movements"] as const) {
      app.get(
        `/api/stock/export/${what}.csv`,
        {
          config: { access: "open" },
          exposeHeadRoute: false,
          schema: { summary: `All ${what} as CSV`, produces: [csv] },
        },
        async (_request, reply) => {
          reply.header("content-disposition", `attachment; filename="${what}.csv"`);
          return reply.type(csv).send(Readable.from(source.stock.export(what)));
        },
      );
    }
  };

function streamOf(body: unknown): Readable {
  return body instanceof Readable ? body : Readable.from([]);
}
