import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { idSchema } from "../../../config/schema/config.ts";
import { guardOperators, guardReaders, type ReadAccess } from "../access.ts";
import type { Queries } from "../database/database.ts";
import { noGateway } from "../down/down-row.ts";
import { recordAct } from "../down/operators.ts";
import { found, readAccessPage, searchQuery } from "../fleet-page.ts";
import { certificateRecordSchema, readCertificates } from "../identity/certificate-list.ts";
import { readAccessOf } from "../identity/certificates.ts";
import { codeValidMsMax, codeValidMsMin, makeCodeWithin } from "../identity/enrolment.ts";
import { dropToken, revokeCertificate, revokeGateway } from "../identity/revocation.ts";
import { RefusalError } from "../refusals.ts";
import { refusals, security } from "./down.ts";
import { keysOf } from "./enrolment.ts";
import type { Receiver } from "./receiver.ts";

/** A day: long enough for the way to the gateway, too short for a slip of paper that is found later. */
const codeValidMsDefault = 86_400_000;

/** A few words of an operator. */
const bodyBytesMax = 8_192;

const params = z.object({ id: z.string().max(128) });
const time = z.number();

/** What a gateway may speak by; nothing of it lets anybody in. */
export const gatewayIdentitySchema = z.object({
  gateway: z.string(),
  name: z.string().optional(),
  hasToken: z.boolean(),
  revokedAt: time
    .optional()
    .meta({ description: "Nobody speaks for it until it is enrolled anew" }),
  serial: z.string().optional().meta({ description: "Of its newest certificate" }),
  notAfter: time.optional().meta({ description: "Until when that certificate is good" }),
  firstUsedAt: time.optional(),
  machine: z.string().optional().meta({ description: "Fingerprint of the hardware" }),
  codeUntil: time.optional().meta({ description: "Until when a code that nobody used is good" }),
});

export const listedIdentitySchema = gatewayIdentitySchema.extend({
  certificates: z.array(certificateRecordSchema).meta({ description: "The last 20, newest first" }),
});

const identitiesSchema = z.object({
  found,
  identities: z.array(gatewayIdentitySchema),
});

const codeRequestSchema = z
  .object({
    validMs: z.int().min(codeValidMsMin).max(codeValidMsMax).optional(),
    name: z
      .string()
      .min(1)
      .max(120)
      .regex(/^[^\p{Cc}\p{Cs}]+$/u)
      .optional()
      .meta({ description: "What people call the gateway" }),
  })
  .nullish();

const codeSchema = z.object({
  code: z.string().meta({ description: "Good once; told nobody again" }),
  expiresAt: time,
});

const revokeRequestSchema = z
  .object({
    serial: z
      .string()
      .regex(/^[0-9A-Fa-f:]{2,64}$/)
      .optional()
      .meta({ description: "End this certificate only" }),
    tokenOnly: z.boolean().optional().meta({ description: "End its token only" }),
  })
  .refine((asked) => asked.serial === undefined || asked.tokenOnly !== true, {
    error: "a certificate or the token, not both",
  })
  .nullish();

export interface IdentityRoutes {
  readonly receiver: Receiver;
  readonly access: ReadAccess;
}

/** How people let gateways in and shut them out, while central runs. */
export function identityRoutes(options: IdentityRoutes) {
  return async function register(app: FastifyInstance): Promise<void> {
    await app.register(readingRoute(options));
    await app.register(decidingRoutes(options));
  };
}

function readingRoute({ receiver: { link }, access }: IdentityRoutes) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    guardReaders(plain, access);
    app.route({
      method: "GET",
      url: "/v1/identities",
      schema: {
        summary: "What gateways may speak by, in pages; whose certificate ends soonest comes first",
        ...{ security, querystring: searchQuery },
        response: { 200: identitiesSchema, ...refusals },
      },
      handler: ({ query }) =>
        link.use(async ({ database }) => {
          return identitiesSchema.parse(await readAccessPage(database, query));
        }),
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/identity",
      schema: {
        summary: "What a gateway may speak by, and until when; no secret",
        ...{ security, params, response: { 200: listedIdentitySchema, ...refusals } },
      },
      handler: ({ params: { id } }) =>
        link.use(async ({ database }) => ({
          ...(await identityOf(database, id)),
          certificates: await readCertificates(database, id),
        })),
    });
  };
}

function decidingRoutes({ receiver, access }: IdentityRoutes) {
  return async function register(plain: FastifyInstance): Promise<void> {
    const { link, identity, log } = receiver;
    const app = plain.withTypeProvider<ZodTypeProvider>();
    const operatorOf = guardOperators(plain, access);
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/enrolment-codes",
      bodyLimit: bodyBytesMax,
      schema: {
        summary: "A one-time code for `rackwatch enroll`; earlier ones that nobody used are void",
        security,
        params: z.object({ id: idSchema }),
        body: codeRequestSchema,
        response: { 200: codeSchema, ...refusals },
      },
      handler: (request) => {
        keysOf(identity);
        const { id } = request.params;
        const { validMs = codeValidMsDefault, name } = request.body ?? {};
        return link.use(({ database }) =>
          database.transaction(async (queries) => {
            const made = await makeCodeWithin(queries, id, validMs, name);
            const detail = { expiresAt: made.expiresAt };
            await recordAct(queries, operatorOf(request), id, "enrolment code", detail);
            return made;
          }),
        );
      },
    });
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/revoke",
      bodyLimit: bodyBytesMax,
      schema: {
        summary: "Shut a gateway out, or end one certificate or its token",
        ...{ security, params, body: revokeRequestSchema },
        response: { 200: gatewayIdentitySchema, ...refusals },
      },
      handler: async (request) => {
        const { id } = request.params;
        const ended = endedBy(request.body ?? {});
        const { name: by } = operatorOf(request);
        const left = await link.use(({ database }) =>
          database.transaction(async (queries) => {
            await end(queries, id, ended);
            await recordAct(queries, operatorOf(request), id, "revoke", ended);
            return identityOf(queries, id);
          }),
        );
        // Other receivers cut theirs when they look next.
        identity?.sockets.cut(
          ({ gateway, serial }) =>
            gateway === id && (ended.all === true || serial === ended.serial),
        );
        log.warn("a gateway was shut out", { gateway: id, by, ...ended });
        return left;
      },
    });
  };
}

/** One of three; the token has no serial, as those who speak by it have none. */
interface Ended extends Readonly<Record<string, unknown>> {
  readonly all?: true;
  readonly serial?: string;
  readonly token?: true;
}

function endedBy(asked: NonNullable<z.infer<typeof revokeRequestSchema>>): Ended {
  if (asked.tokenOnly === true) return { token: true };
  if (asked.serial === undefined) return { all: true };
  return { serial: asked.serial.replaceAll(":", "").toUpperCase() };
}

async function end(queries: Queries, gateway: string, { serial, token }: Ended): Promise<void> {
  if (token === true) return dropToken(queries, gateway);
  if (serial === undefined) {
    if (!(await revokeGateway(queries, gateway))) throw noGateway(gateway);
    return;
  }
  if ((await revokeCertificate(queries, serial, gateway)) !== undefined) return;
  const message = `gateway ${gateway} has no certificate ${serial}`;
  throw new RefusalError(404, { code: "not-found", message });
}

async function identityOf(queries: Queries, gateway: string) {
  const found = await readAccessOf(queries, gateway);
  if (found === undefined) throw noGateway(gateway);
  return gatewayIdentitySchema.parse(found);
}
