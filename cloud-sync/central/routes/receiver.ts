import type { FastifyInstance, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock, Log } from "../../../drivers/contract.ts";
import { refusalSchema, schemaVersions } from "../../protocol.ts";
import type { Admission } from "../admission.ts";
import type { Allowance } from "../backlog-rate.ts";
import { checkContentDigest } from "../content-digest.ts";
import type { Counters } from "../counters.ts";
import type { DatabaseLink } from "../database-link.ts";
import type { Inboxes } from "../down/inboxes.ts";
import { type Caller, callerOf } from "../identity/caller.ts";
import type { CentralIdentity } from "../identity/central-identity.ts";
import { presentedBy, TrustedProxies } from "../identity/presented.ts";
import type { SigningKey } from "../identity/signing-key.ts";
import type { SampleLog } from "../log/sample-log.ts";
import type { Refused } from "../outcome.ts";
import { RefusalError } from "../refusals.ts";
import { readBody } from "../request-body.ts";

/** What takes in what gateways send. */
export interface Receiver {
  readonly link: DatabaseLink;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
  readonly admission?: Admission;
  readonly allowance?: Allowance;
  /** Where samples go first, instead of into the database. */
  readonly sampleLog?: SampleLog;
  /** Absent: gateways are known by their tokens only. */
  readonly identity?: CentralIdentity;
  /** What central tells gateways; absent: nothing, since it has no key to sign with. */
  readonly down?: DownLane;
}

/** Central's voice, and where gateways ask for what it said. */
export interface DownLane {
  readonly signer: SigningKey;
  readonly inboxes: Inboxes;
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
    admission.claim(request, (await authenticate(receiver, request)).gateway);
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

const noProxies = new TrustedProxies();

/**
 * Before the body is read: who shows nothing makes central unpack nothing. Returns who it is that speaks for the gateway of the address.
 * @throws RefusalError 401, 403
 */
export async function authenticate(receiver: Receiver, request: FastifyRequest): Promise<Caller> {
  const { link, clock, identity, log } = receiver;
  const presented = presentedBy(request.raw, identity?.proxies ?? noProxies);
  const authority = identity?.keys?.authority;
  const caller = await link.use(({ database }) =>
    callerOf(database, presented, authority, clock.now()),
  );
  const { id } = idParam.parse(request.params);
  if (caller.gateway === id) {
    identity?.sockets.note(request.raw.socket, caller);
    return caller;
  }
  const shown = presented.is;
  log.warn(`${shown} of another gateway`, { of: caller.gateway, claimed: id, from: request.ip });
  throw new RefusalError(403, {
    code: "forbidden",
    message: `this ${shown} is not for gateway ${id}`,
    todo: "each gateway has its own: `rackwatch central gateways` lists them",
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
    description: "Neither token nor certificate, or a token that nobody has",
    examples: [example("unauthorized", "unknown token")],
  }),
  403: refusalSchema.meta({
    description: "Token, certificate or body are another gateway's, or are no longer good",
    examples: [
      example("forbidden", "this token is not for gateway gw-7"),
      example("revoked", "gateway gw-7 was revoked"),
      example("certificate-foreign", "this certificate is not from this central"),
      example(
        "certificate-expired",
        "this certificate is valid from 2026-01-01T00:00:00.000Z to 2026-04-01T00:00:00.000Z, and central's clock shows 2026-05-01T00:00:00.000Z",
      ),
    ],
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
