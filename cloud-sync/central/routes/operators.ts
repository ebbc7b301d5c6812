import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { idSchema } from "../../../config/schema/config.ts";
import { guardOperators, guardReaders } from "../access.ts";
import { namesOf, pick } from "../down/composition.ts";
import {
  composeDue,
  composedAtOnce,
  desireOfGroup,
  groupSchema,
  groupSections,
  readGroup,
  setMembers,
} from "../down/groups.ts";
import { groupRevisionSchema, readGroupRevisions } from "../down/history.ts";
import {
  actSchema,
  operatorSchema,
  readActs,
  readOperators,
  recordAct,
} from "../down/operators.ts";
import { checkSections } from "../down/section-check.ts";
import {
  type DownRoutes,
  decidedSchema,
  desiredSchema,
  refusals,
  sectionsBytesMax,
  security,
} from "./down.ts";

/** Gateways of one group. */
const membersMax = 20_000;

const params = z.object({ name: idSchema });
const issuedSchema = z.object({ revision: z.number() });

/** What people decide of groups of gateways, and what is on record of whoever decided. */
export function operatorRoutes(options: DownRoutes) {
  return async function register(app: FastifyInstance): Promise<void> {
    await app.register(readingRoutes(options));
    await app.register(decidingRoutes(options));
  };
}

function readingRoutes({ receiver: { link }, access }: DownRoutes) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    guardReaders(plain, access);
    app.route({
      method: "GET",
      url: "/v1/groups",
      schema: {
        summary: "Names of the groups of gateways",
        ...{ security, response: { 200: z.array(z.string()), ...refusals } },
      },
      handler: () =>
        link.use(async ({ database }) => {
          const rows = await database.query("SELECT name FROM gateway_group ORDER BY name");
          return rows.map(({ name }) => String(name));
        }),
    });
    app.route({
      method: "GET",
      url: "/v1/groups/:name",
      schema: {
        summary: "What a group gives its members, and how far each of them is",
        ...{ security, params, response: { 200: groupSchema, ...refusals } },
      },
      handler: ({ params: { name } }) => link.use(({ database }) => readGroup(database, name)),
    });
    app.route({
      method: "GET",
      url: "/v1/groups/:name/revisions",
      schema: {
        summary: "The last 50 revisions of a group, newest first",
        ...{ security, params, response: { 200: z.array(groupRevisionSchema), ...refusals } },
      },
      handler: ({ params: { name } }) =>
        link.use(({ database }) => readGroupRevisions(database, name)),
    });
    app.route({
      method: "GET",
      url: "/v1/operators",
      schema: {
        summary: "Who may look or decide at central",
        ...{ security, response: { 200: z.array(operatorSchema), ...refusals } },
      },
      handler: () => link.use(({ database }) => readOperators(database)),
    });
    app.route({
      method: "GET",
      url: "/v1/operators/acts",
      schema: {
        summary: "Who decided what, newest first",
        ...{ security, response: { 200: z.array(actSchema), ...refusals } },
      },
      handler: () => link.use(({ database }) => readActs(database)),
    });
  };
}

function decidingRoutes(options: DownRoutes) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const { receiver, down, access, language } = options;
    const app = plain.withTypeProvider<ZodTypeProvider>();
    const { link, clock } = receiver;
    const operatorOf = guardOperators(plain, access);
    /** Small groups are told before the answer is given; of large ones central goes on by itself. */
    const begin = () =>
      link.use(({ database }) => composeDue(database, down.signer, clock.now(), composedAtOnce));
    app.route({
      method: "PUT",
      url: "/v1/groups/:name",
      bodyLimit: sectionsBytesMax,
      schema: {
        summary: "The members of a group, which is made when it is missing",
        security,
        params,
        body: z.object({ members: z.array(z.string().max(128)).max(membersMax) }),
        response: { 200: groupSchema, ...refusals },
      },
      handler: async (request) => {
        const { name } = request.params;
        const { members } = request.body;
        const author = { by: operatorOf(request).name, at: clock.now() };
        await link.use(({ database }) =>
          database.transaction(async (queries) => {
            await setMembers(queries, name, members, author);
            await recordAct(queries, operatorOf(request), "", "group", { name, members });
          }),
        );
        await begin();
        return link.use(({ database }) => readGroup(database, name));
      },
    });
    app.route({
      method: "POST",
      url: "/v1/groups/:name/revisions",
      bodyLimit: sectionsBytesMax,
      schema: {
        summary: "Sections that a group gives its members; a gateway's own entries go before them",
        ...{ security, params, body: desiredSchema, response: { 200: issuedSchema, ...refusals } },
      },
      handler: async (request) => {
        const { name } = request.params;
        const author = { by: operatorOf(request).name, at: clock.now() };
        checkSections(request.body.sections, undefined, language);
        const revision = await link.use(({ database }) =>
          database.transaction(async (queries) => {
            const issued = await desireOfGroup(queries, name, request.body, author);
            const detail = { name, revision: issued, sections: Object.keys(request.body.sections) };
            await recordAct(queries, operatorOf(request), "", "group revision", detail);
            return issued;
          }),
        );
        await begin();
        return { revision };
      },
    });
    app.route({
      method: "POST",
      url: "/v1/groups/:name/revisions/:revision/restore",
      schema: {
        summary: "A group gives again what it gave as of an earlier revision",
        security,
        params: params.extend({ revision: z.coerce.number().int().min(1) }),
        body: decidedSchema,
        response: { 200: issuedSchema, ...refusals },
      },
      handler: async (request) => {
        const { name, revision: of } = request.params;
        const author = { by: operatorOf(request).name, at: clock.now() };
        const revision = await link.use(({ database }) =>
          database.transaction(async (queries) => {
            const then = await groupSections(queries, name, of);
            const { sections: now } = await readGroup(queries, name);
            const sections = pick(then, [...namesOf(then), ...namesOf(now)]);
            const issued = await desireOfGroup(
              queries,
              name,
              { ...request.body, sections },
              author,
            );
            await recordAct(queries, operatorOf(request), "", "group restore", {
              ...{ name, revision: issued, of },
            });
            return issued;
          }),
        );
        await begin();
        return { revision };
      },
    });
  };
}
