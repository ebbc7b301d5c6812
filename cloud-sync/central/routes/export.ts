import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Clock } from "../../../drivers/contract.ts";
import { refusalSchema } from "../../protocol.ts";
import { guardReaders, type ReadAccess } from "../access.ts";
import { biViews } from "../bi/views.ts";
import { isStorableTime } from "../database/copy-rows.ts";
import type { Database } from "../database/database.ts";
import type { DatabaseLink } from "../database-link.ts";
import { csvHead, csvLines } from "../export/csv.ts";
import { countRows, type ExportQuestion, exportPages, exportRowsMax } from "../export/rows.ts";
import { busyRetryMs } from "../pressure.ts";
import { RefusalError } from "../refusals.ts";

/** Exports that run at once: each keeps a connection to the database at work, which gateways need. */
export const exportsMax = 2;

const time = z.coerce
  .number()
  .refine(isStorableTime)
  .meta({ description: "Milliseconds since 1970" });

const query = z.object({
  format: z.enum(["csv", "parquet"]).default("csv"),
  gateway: z.string().max(128).optional(),
  from: time.optional(),
  to: time.optional().meta({ description: "Milliseconds since 1970, exclusive" }),
});

const params = z.object({ view: z.string().max(64) });

const types = { csv: "text/csv; charset=utf-8", parquet: "application/vnd.apache.parquet" };

/** Tables for people who analyse, as files. The views are those of the schema `bi`. */
export function exportRoutes(link: DatabaseLink, access: ReadAccess, clock: Clock) {
  let running = 0;
  return async function register(plain: FastifyInstance): Promise<void> {
    guardReaders(plain, access);
    plain.route({
      method: "GET",
      url: "/v1/export/:view",
      schema: {
        summary: `A table as CSV or Parquet, up to ${exportRowsMax} rows`,
        security: [{ operator: [] }],
        params,
        querystring: query,
        response: { "4xx": refusalSchema, "5xx": refusalSchema },
      },
      handler: async (request, reply) => {
        const { format, ...period } = query.parse(request.query);
        const ask = { ...period, view: viewOf(params.parse(request.params).view) };
        if (running >= exportsMax) throw busy();
        running += 1;
        // Whatever ends the answer ends the export: done, refused, or a reader that went away.
        reply.raw.once("close", () => {
          running -= 1;
        });
        await checkSize(link, ask);
        const name = `${ask.view.name}.${format}`;
        return reply
          .type(types[format])
          .header("content-disposition", `attachment; filename="${name}"`)
          .send(
            Readable.from(format === "csv" ? csv(link, ask, clock) : parquet(link, ask, clock)),
          );
      },
    });
  };
}

function viewOf(name: string) {
  const view = biViews.find((it) => it.name === name);
  if (view !== undefined) return view;
  throw new RefusalError(404, {
    code: "not-found",
    message: `there is no table ${name}`,
    todo: `ask for one of ${biViews.map((it) => it.name).join(", ")}`,
  });
}

function busy(): RefusalError {
  return new RefusalError(429, {
    code: "busy",
    message: `${exportsMax} exports are running`,
    todo: "wait until one of them is done",
    retryAfterMs: busyRetryMs,
  });
}

/** Rather none than one that ends somewhere in the middle without a word. */
async function checkSize(link: DatabaseLink, ask: ExportQuestion): Promise<void> {
  const rows = await link.use(({ database }) => countRows(database, ask));
  if (rows <= exportRowsMax) return;
  throw new RefusalError(413, {
    code: "too-large",
    message: `these are more than ${exportRowsMax} rows`,
    todo: "export a shorter period with from= and to=, or one gateway",
  });
}

async function* csv(link: DatabaseLink, ask: ExportQuestion, clock: Clock): AsyncGenerator<string> {
  const { columns } = ask.view;
  yield csvHead(columns);
  for await (const page of pages(link, ask, clock)) yield csvLines(columns, page);
}

/** The library is loaded by the first who asks. */
async function* parquet(
  link: DatabaseLink,
  ask: ExportQuestion,
  clock: Clock,
): AsyncGenerator<Uint8Array> {
  const { parquetFile } = await import("../export/parquet.ts");
  yield* parquetFile(ask.view.columns, pages(link, ask, clock));
}

function pages(link: DatabaseLink, ask: ExportQuestion, clock: Clock) {
  const transaction: Database["transaction"] = (run) =>
    link.use(({ database }) => database.transaction(run));
  return exportPages({ transaction }, ask, clock);
}
