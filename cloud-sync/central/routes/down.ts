import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Language } from "../../../config/language/language.ts";
import { type Sections, sectionsSchema } from "../../../config/managed-sections.ts";
import { messageCharsMax } from "../../../gateway/down/message.ts";
import { refusalSchema } from "../../protocol.ts";
import { guardOperators, guardReaders, type ReadAccess } from "../access.ts";
import {
  command,
  commandRecordSchema,
  commandRequestSchema,
  readCommands,
} from "../down/commands.ts";
import { readRunning } from "../down/down-row.ts";
import { fileRecordSchema, readFile, readFiles } from "../down/files.ts";
import {
  configurationSchema,
  readConfiguration,
  readRevisions,
  revisionRecordSchema,
  revisionSections,
} from "../down/history.ts";
import { recordAct } from "../down/operators.ts";
import { desire } from "../down/revisions.ts";
import { checkSections } from "../down/section-check.ts";
import { RefusalError } from "../refusals.ts";
import type { DownLane, Receiver } from "./receiver.ts";

/** Sections as JSON: each character of a message may be written as six. */
export const sectionsBytesMax = 2 * messageCharsMax;

export const decidedSchema = z.object({
  base: z.string().max(64).optional().meta({
    description:
      "Digest of what the author saw; others run meanwhile: the gateway refuses. Absent: overrides",
  }),
  comment: z
    .string()
    .max(2_000)
    .regex(/^[^\p{Cs}\0]*$/u)
    .optional(),
});

export const desiredSchema = decidedSchema.extend({
  sections: sectionsSchema.refine((sections) => Object.keys(sections).length > 0, {
    error: "at least one section",
  }),
});

export const refusals = { "4xx": refusalSchema, "5xx": refusalSchema };
export const security = [{ operator: [] }];
const id = z.string().max(128);
const params = z.object({ id });
const issuedSchema = z.object({ revision: z.number() });

export interface DownRoutes {
  readonly receiver: Receiver;
  readonly down: DownLane;
  readonly access: ReadAccess;
  readonly language: Language;
}

/** What people decide of one gateway, and what became of it. */
export function downRoutes(options: DownRoutes) {
  return async function register(app: FastifyInstance): Promise<void> {
    await app.register(readingRoutes(options));
    await app.register(decidingRoutes(options));
  };
}

function readingRoutes({ receiver, access }: DownRoutes) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    const { link, clock } = receiver;
    guardReaders(plain, access);
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/configuration",
      schema: {
        summary: "The sections that run now, as the gateway last said",
        ...{ security, params, response: { 200: configurationSchema, ...refusals } },
      },
      handler: ({ params: { id } }) => link.use(({ database }) => readConfiguration(database, id)),
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/revisions",
      schema: {
        summary: "The last 50 changes by central and at the gateway, newest first",
        ...{ security, params, response: { 200: z.array(revisionRecordSchema), ...refusals } },
      },
      handler: ({ params: { id } }) => link.use(({ database }) => readRevisions(database, id)),
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/commands",
      schema: {
        summary: "Commands and what became of them, newest first",
        ...{ security, params, response: { 200: z.array(commandRecordSchema), ...refusals } },
      },
      handler: ({ params: { id } }) =>
        link.use(({ database }) => readCommands(database, id, clock.now())),
    });
  };
}

function decidingRoutes(options: DownRoutes) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const { receiver, down, access, language } = options;
    const app = plain.withTypeProvider<ZodTypeProvider>();
    const { link, clock } = receiver;
    const operatorOf = guardOperators(plain, access);
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/revisions",
      bodyLimit: sectionsBytesMax,
      schema: {
        summary: "Sections that shall run on a gateway; each is whole, others stay as they are",
        ...{ security, params, body: desiredSchema, response: { 200: issuedSchema, ...refusals } },
      },
      handler: (request) => {
        const { id } = request.params;
        const author = { by: operatorOf(request).name, at: clock.now() };
        return link.use(({ database }) =>
          database.transaction(async (queries) => {
            checkSections(request.body.sections, await readRunning(queries, id), language);
            const revision = await desire(queries, down.signer, id, request.body, author);
            const detail = { revision, sections: Object.keys(request.body.sections) };
            await recordAct(queries, operatorOf(request), id, "revision", detail);
            return { revision };
          }),
        );
      },
    });
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/revisions/:revision/restore",
      schema: {
        summary: "The sections of an earlier revision shall run again",
        security,
        params: z.object({ id, revision: z.coerce.number().int().min(1) }),
        body: decidedSchema,
        response: { 200: issuedSchema, ...refusals },
      },
      handler: (request) => {
        const { id, revision: of } = request.params;
        const author = { by: operatorOf(request).name, at: clock.now() };
        return link.use(({ database }) =>
          database.transaction(async (queries) => {
            const sections: Sections = await revisionSections(queries, id, of);
            const desired = { ...request.body, sections };
            const revision = await desire(queries, down.signer, id, desired, author);
            await recordAct(queries, operatorOf(request), id, "restore", { revision, of });
            return { revision };
          }),
        );
      },
    });
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/commands",
      schema: {
        summary: "One act at a gateway; the same id again is the same command",
        security,
        params,
        body: commandRequestSchema,
        response: { 200: commandRecordSchema, ...refusals },
      },
      handler: (request) => {
        const { id: gateway } = request.params;
        const now = clock.now();
        const author = { by: operatorOf(request).name, at: now };
        return link.use(({ database }) =>
          database.transaction(async (queries) => {
            const said = await command(queries, down.signer, gateway, request.body, author);
            const { action, target } = request.body;
            await recordAct(queries, operatorOf(request), gateway, "command", {
              id: said,
              action,
              target,
            });
            const [record] = await readCommands(queries, gateway, now, said);
            if (record === undefined) throw new Error("a command that was just issued");
            return record;
          }),
        );
      },
    });
    fileRoutes(app, receiver);
  };
}

/** Logs tell more than values: who may decide may read them. */
function fileRoutes(plain: FastifyInstance, { link }: Receiver): void {
  const app = plain.withTypeProvider<ZodTypeProvider>();
  app.route({
    method: "GET",
    url: "/v1/gateways/:id/files",
    schema: {
      summary: "Files that the gateway sent because of a command, the last 5",
      ...{ security, params, response: { 200: z.array(fileRecordSchema), ...refusals } },
    },
    handler: ({ params: { id } }) => link.use(({ database }) => readFiles(database, id)),
  });
  plain.route({
    method: "GET",
    url: "/v1/gateways/:id/files/:file",
    schema: { summary: "One of them, a .tar.gz", security, params: z.object({ id, file: id }) },
    handler: async (request, reply) => {
      const { id: gateway, file } = z.object({ id, file: id }).parse(request.params);
      const bytes = await link.use(({ database }) => readFile(database, gateway, file));
      if (!/^[\w-][\w.-]*$/.test(file)) {
        throw new RefusalError(404, { code: "not-found", message: "there is no such file" });
      }
      return reply
        .type("application/gzip")
        .header("content-disposition", `attachment; filename="${file}.tar.gz"`)
        .send(bytes);
    },
  });
}
