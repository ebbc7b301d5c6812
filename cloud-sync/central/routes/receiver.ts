import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock, Log } from "../../../drivers/contract.ts";
import { refusalSchema, schemaVersions } from "../../protocol.ts";
import { bearerToken } from "../access.ts";
import type { Admission } from "../admission.ts";
import type { Allowance } from "../backlog-rate.ts";
import { checkContentDigest } from "../content-digest.ts";
import type { Counters } from "../counters.ts";
import type { DatabaseLink } from "../database-link.ts";
import type { Refused } from "../outcome.ts";
import { RefusalError } from "../refusals.ts";
import { readBody } from "../request-body.ts";
import { gatewayOfToken } from "../tokens.ts";

/** What takes in what gateways send. */
export interface Receiver {
  readonly link: DatabaseLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  readonly admission?: Admission;
  readonly allowance?: Allowance;
}

/** From this version of the contract on a body without a digest is refused. */
const digestSince = 2;

const idParam = z.object({ id: z.string() });

/** Checks that every request of a gateway passes, in this order: room, token, digest, unpacking, version. */
export function checkRequests(
  app: FastifyInstance,
  receiver: Receiver,
  admission: Admission,
): void {
  const checked = new WeakSet<FastifyRequest>();
  admission.attach(app);
  app.addHook("onRequest", async (request) => {
    admission.claim(request, await authenticate(receiver, request));
  });
  app.addContentTypeParser<Buffer>(
    "application/json",
    { parseAs: "buffer" },
    async (request: FastifyRequest, body: Buffer) => {
      const { "content-digest": header, "content-encoding": encoding } = request.headers;
      const given = Array.isArray(header) ? header.join(",") : header;
      const finding = checkContentDigest(given, body);
      if (finding === "wrong") throw badDigest("the body is not the one that Content-Digest is of");
      if (finding === "checked") checked.add(request);
      admission.unpack(request);
      return readBody(body, encoding);
    },
  );
  app.addHook("preValidation", async (request) => checkVersion(request.body, checked.has(request)));
}

/** Before the body is read: who has no token makes central unpack nothing. Returns whose token it is. */
async function authenticate({ link, log }: Receiver, request: FastifyRequest): Promise<string> {
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
  if (owner === id) return owner;
  log.warn("token of another gateway", { token: owner, claimed: id, from: request.ip });
  throw new RefusalError(403, {
    code: "forbidden",
    message: `this token is not for gateway ${id}`,
    todo,
  });
}

/** What a body says of versions and digests. @throws RefusalError */
export function checkVersion(body: unknown, hasDigest: boolean): void {
  if (typeof body !== "object" || body === null) return;
  const version = "schemaVersion" in body ? body.schemaVersion : undefined;
  if (version !== undefined && !schemaVersions.some((known) => known === version)) {
    throw new RefusalError(400, {
      code: "schema-version",
      message: `central understands schema versions ${schemaVersions.join(", ")}, this is ${String(version).slice(0, 20)}`,
      todo: "update central before the gateways",
    });
  }
  // A hello says which versions it speaks; there was none before this one.
  const needsDigest =
    "schemaVersions" in body || (typeof version === "number" && version >= digestSince);
  if (needsDigest && !hasDigest) throw badDigest("a Content-Digest with sha-256 is missing");
}

function badDigest(message: string): RefusalError {
  const todo = "send it again; where it happens often, look for what changes bodies on the way";
  return new RefusalError(400, { code: "bad-digest", message, todo });
}

/** A token is good for one gateway, also within the body. */
export function checkGateway(inPath: string, inBody: string): void {
  if (inPath === inBody) return;
  throw new RefusalError(403, {
    code: "forbidden",
    message: `the body is of gateway ${inBody}, the address of ${inPath}`,
  });
}

/** Says in the log what somebody must look at. @throws RefusalError always */
export function refuse({ log }: Receiver, gateway: string, { status, refusal }: Refused): never {
  const { code, message } = refusal;
  if (code === "conflict" || code === "epoch-fenced") log.warn(code, { gateway, message });
  throw new RefusalError(status, refusal);
}

const example = (code: string, message: string, more: object = {}) => ({ code, message, ...more });

/** Answers that are no success, for OpenAPI: by status, with what they look like. */
export const agentRefusals = {
  400: refusalSchema.meta({
    description: "The body is not what it must be. `bad-digest`: send it again",
    examples: [
      example("bad-batch", "rows 1 to 9 were named, but 8 came"),
      example("bad-digest", "a Content-Digest with sha-256 is missing"),
      example("bad-request", "lane: Invalid option"),
      example("schema-version", "central understands schema versions 1, 2, this is 3"),
    ],
  }),
  401: refusalSchema.meta({
    description: "No token, or one that nobody has",
    examples: [example("unauthorized", "unknown token")],
  }),
  403: refusalSchema.meta({
    description: "The token is another gateway's, or the body is",
    examples: [example("forbidden", "this token is not for gateway gw-7")],
  }),
  409: refusalSchema.meta({
    description: "These rows do not fit what central has; `mark` says where it stands",
    examples: [
      example("gap", "rows 5 to 9 are missing", { mark: 4 }),
      example("conflict", "event 12 is another one than the one that is stored", { mark: 20 }),
      example("epoch-fenced", "epoch 4f1c is closed: this gateway has begun a later one"),
      example("unknown-epoch", "central never heard of epoch 4f1c"),
    ],
  }),
  413: refusalSchema.meta({
    description: "Too many bytes or rows: send fewer",
    examples: [example("too-large", "more than 262144 bytes")],
  }),
  429: refusalSchema.meta({
    description: "Too much at once: wait as `Retry-After` says",
    examples: [example("busy", "32 requests are being worked on", { retryAfterMs: 2_000 })],
  }),
  500: refusalSchema.meta({
    description: "A fault of central's own",
    examples: [example("internal", "central failed; its log says why")],
  }),
  503: refusalSchema.meta({
    description: "The database is gone or full. Nothing was stored: wait as `Retry-After` says",
    examples: [example("database", "the database does not answer", { retryAfterMs: 2_000 })],
  }),
} as const;
