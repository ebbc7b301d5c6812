import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import type { Clock, Log } from "../../../drivers/contract.ts";
import {
  ackSchema,
  batchCompressedBytesMax,
  batchSchema,
  gapDeclarationSchema,
  marksSchema,
  refusalSchema,
  schemaVersions,
} from "../../protocol.ts";
import { bearerToken } from "../access.ts";
import type { Counters } from "../counters.ts";
import type { DatabaseLink, Ready } from "../database-link.ts";
import { declareGaps } from "../gaps.ts";
import { ingest } from "../ingest.ts";
import { readMarks } from "../ledger.ts";
import type { Outcome } from "../outcome.ts";
import { RefusalError } from "../refusals.ts";
import { readBody } from "../request-body.ts";
import { gatewayOfToken } from "../tokens.ts";

/** Batches worked on at once: each holds up to 8 MB, and the database has fewer connections than that anyway. */
const ingestsMax = 32;

/** How long a gateway is to wait when central has too much to do. */
const busyRetryMs = 2_000;

export interface Receiver {
  readonly link: DatabaseLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
}

const params = z.object({ id: z.string().max(128) });
const refusals = { "4xx": refusalSchema, "5xx": refusalSchema };

/** What agents call: POST batches, POST gaps, GET marks. */
export function batchRoutes(receiver: Receiver) {
  const { link, clock, counters } = receiver;
  return async function register(plain: FastifyInstance): Promise<void> {
    const app = plain.withTypeProvider<ZodTypeProvider>();
    app.addContentTypeParser<Buffer>(
      "application/json",
      { parseAs: "buffer" },
      async (request: FastifyRequest, body: Buffer) =>
        readBody(body, request.headers["content-encoding"]),
    );
    app.addHook("onRequest", async (request) => authenticate(receiver, request));
    app.addHook("preValidation", async (request) => checkVersion(request.body));
    limitIngests(app);
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/batches",
      bodyLimit: batchCompressedBytesMax,
      schema: {
        summary: "Rows of one lane; repeated, split or overlapping batches change nothing",
        security: [{ gateway: [] }],
        params,
        body: batchSchema,
        response: { 200: ackSchema, ...refusals },
      },
      handler: async (request) => {
        checkGateway(request.params.id, request.body.gateway);
        return link.use(async (ready) => {
          const outcome = await ingest(ready, request.body, clock.now());
          if (outcome.kind === "stored") count(counters, outcome);
          return answer(receiver, ready, outcome, request.params.id);
        });
      },
    });
    app.route({
      method: "POST",
      url: "/v1/gateways/:id/gaps",
      bodyLimit: batchCompressedBytesMax,
      schema: {
        summary: "Rows that will never come, and why",
        security: [{ gateway: [] }],
        params,
        body: gapDeclarationSchema,
        response: { 200: ackSchema, ...refusals },
      },
      handler: async (request) => {
        checkGateway(request.params.id, request.body.gateway);
        counters.gapDeclarations += 1;
        return link.use(async (ready) =>
          answer(receiver, ready, await declareGaps(ready, request.body), request.params.id),
        );
      },
    });
    app.route({
      method: "GET",
      url: "/v1/gateways/:id/marks",
      schema: {
        summary: "How far central is in an epoch of this gateway",
        security: [{ gateway: [] }],
        params,
        querystring: z.object({ epoch: z.string().min(1).max(128) }),
        response: { 200: marksSchema, ...refusals },
      },
      handler: async (request) => {
        const { epoch } = request.query;
        return link.use(async ({ database, generation }) => {
          const marks = await readMarks(database, request.params.id, epoch);
          if (marks === undefined) {
            const message = `epoch ${epoch} is closed: this gateway has begun a later one`;
            throw new RefusalError(409, { code: "epoch-fenced", message });
          }
          await database.query("UPDATE gateway SET last_contact_at = now() WHERE gateway = $1", [
            request.params.id,
          ]);
          return { epoch, marks, generation, serverTime: clock.now() };
        });
      },
    });
  };
}

const idParam = z.object({ id: z.string() });

/** Before the body is read: who has no token makes central unpack nothing. */
async function authenticate({ link, log }: Receiver, request: FastifyRequest): Promise<void> {
  const token = bearerToken(request.headers.authorization);
  const todo =
    "make a token with `rackwatch central add-gateway ID` and put it into sync.credentials";
  if (token === undefined) {
    throw new RefusalError(401, { code: "unauthorized", message: "no bearer token", todo });
  }
  const owner = await link.use(({ database }) => gatewayOfToken(database, token));
  if (owner === undefined) {
    throw new RefusalError(401, { code: "unauthorized", message: "unknown token", todo });
  }
  const { id } = idParam.parse(request.params);
  if (owner === id) return;
  log.warn("token of another gateway", { token: owner, claimed: id, from: request.ip });
  throw new RefusalError(403, {
    code: "forbidden",
    message: `this token is not for gateway ${id}`,
    todo,
  });
}

function checkVersion(body: unknown): void {
  if (typeof body !== "object" || body === null || !("schemaVersion" in body)) return;
  if (schemaVersions.some((version) => version === body.schemaVersion)) return;
  throw new RefusalError(400, {
    code: "schema-version",
    message: `central understands schema versions ${schemaVersions.join(", ")}, this is ${String(body.schemaVersion)}`,
    todo: "update central before the gateways",
  });
}

function checkGateway(inPath: string, inBody: string): void {
  if (inPath === inBody) return;
  throw new RefusalError(403, {
    code: "forbidden",
    message: `the body is of gateway ${inBody}, the address of ${inPath}`,
  });
}

function limitIngests(app: FastifyInstance): void {
  let working = 0;
  const counted = new WeakSet<FastifyRequest>();
  app.addHook("onRequest", async (request) => {
    if (working >= ingestsMax) {
      const message = `${ingestsMax} requests are being worked on`;
      throw new RefusalError(503, { code: "busy", message, retryAfterMs: busyRetryMs });
    }
    working += 1;
    counted.add(request);
  });
  app.addHook("onResponse", async (request) => {
    if (counted.delete(request)) working -= 1;
  });
  app.addHook("onRequestAbort", async (request) => {
    if (counted.delete(request)) working -= 1;
  });
}

function count(counters: Counters, outcome: Extract<Outcome, { kind: "stored" }>): void {
  counters.batches += 1;
  counters.rows += outcome.rows;
  counters.rejectedRows += outcome.ack.rejected.length;
  if (outcome.rows === 0 && outcome.ack.rejected.length === 0) counters.repeatedBatches += 1;
}

function answer({ clock, log }: Receiver, ready: Ready, outcome: Outcome, gateway: string) {
  if (outcome.kind === "refused") {
    const { code, message } = outcome.refusal;
    if (code === "conflict" || code === "epoch-fenced") log.warn(code, { gateway, message });
    throw new RefusalError(outcome.status, outcome.refusal);
  }
  return { ...outcome.ack, generation: ready.generation, serverTime: clock.now() };
}
