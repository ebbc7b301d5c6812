import { existsSync } from "node:fs";
import { createServer } from "node:http";
import helmet from "@fastify/helmet";
import fastifyStatic from "@fastify/static";
import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";
import type { Language } from "../../config/language/language.ts";
import { requestDeadlineMs } from "../protocol.ts";
import type { ReadAccess } from "./access.ts";
import type { Counters } from "./counters.ts";
import type { TlsListener } from "./identity/tls-listener.ts";
import { RefusalError, refusalOf } from "./refusals.ts";
import { batchRoutes } from "./routes/batches.ts";
import { bundleRoutes } from "./routes/bundles.ts";
import { downRoutes } from "./routes/down.ts";
import { enrolmentRoutes } from "./routes/enrolment.ts";
import { exportRoutes } from "./routes/export.ts";
import { fleetRoutes } from "./routes/fleet.ts";
import { identityRoutes } from "./routes/identity.ts";
import { inboxRoutes } from "./routes/inbox.ts";
import { operatorRoutes } from "./routes/operators.ts";
import { readRoutes } from "./routes/read.ts";
import type { Receiver } from "./routes/receiver.ts";
import { recordRoutes } from "./routes/records.ts";
import { stockRoutes } from "./routes/stock.ts";

/** Sockets at once: ten thousand gateways hold two each, one waits for messages; beyond it new ones are closed. */
const connectionsMax = 24_000;

/** How often requests are looked at that are late: one that drips ends at most so long after its deadline. */
const lateCheckMs = 5_000;

/** Agents keep a connection for their next flush, 10 s later by default. */
const keepAliveMs = 65_000;

export interface ServerOptions extends Receiver {
  readonly access: ReadAccess;
  /** Built screens; without them central serves its data only. */
  readonly webDir?: string;
  readonly version: string;
  /** Of the sentences that central makes by itself; absent: English. */
  readonly language?: Language;
  /** A test shortens it. */
  readonly deadlineMs?: number;
  /** Absent: a proxy ends TLS, or there is none. */
  readonly tls?: TlsListener;
  /** Addresses and networks of proxies whose word about the sender is taken. */
  readonly trustedProxies?: readonly string[];
}

/** Central's HTTP names, not yet listening. */
export async function buildServer(options: ServerOptions): Promise<FastifyInstance> {
  const { link, counters, access, clock, deadlineMs = requestDeadlineMs } = options;
  const http = {
    connectionsCheckingInterval: Math.min(lateCheckMs, deadlineMs),
    requestTimeout: deadlineMs,
    // Node's own is 60 s, and while it is longer than the deadline of a request neither is kept.
    headersTimeout: deadlineMs,
    keepAliveTimeout: keepAliveMs,
  };
  const { tls, trustedProxies = [] } = options;
  const app = Fastify({
    logger: false,
    serverFactory: (listener) => tls?.server(listener, http) ?? createServer(http, listener),
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    // Idle keep-alive connections would hold a stop for a minute; those in the middle of a request are waited for.
    forceCloseConnections: "idle",
    routerOptions: { maxParamLength: 256 },
  });
  app.server.maxConnections = connectionsMax;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.addHook("onRequest", async (request) => {
    // PostgreSQL has no text with it, and would fail on it wherever it is asked for.
    if (!request.url.includes("%00")) return;
    const message = "there is nothing under an address with NUL (%00)";
    throw new RefusalError(400, { code: "bad-request", message });
  });
  app.setErrorHandler(async (error, request, reply) => {
    const { status, refusal, unexpected } = refusalOf(error);
    counters.refused(refusal.code);
    if (unexpected)
      options.log.error("request failed", { url: request.url, reason: String(error) });
    if (refusal.retryAfterMs !== undefined) {
      reply.header("retry-after", Math.ceil(refusal.retryAfterMs / 1_000));
    }
    return reply.status(status).type("application/json").send(refusal);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.status(404).send({ code: "not-found", message: "there is nothing at this address" }),
  );
  await app.register(helmet, { contentSecurityPolicy, strictTransportSecurity: false });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Rackwatch central", version: options.version },
      components: {
        securitySchemes: {
          gateway: {
            type: "http",
            scheme: "bearer",
            description: "A gateway's own token; its certificate stands for it",
          },
          operator: { type: "http", scheme: "bearer", description: "The token for reading" },
        },
      },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(batchRoutes(options));
  await app.register(enrolmentRoutes(options));
  await app.register(bundleRoutes(options, access, options.language ?? "en"));
  await app.register(identityRoutes({ receiver: options, access }));
  await app.register(fleetRoutes(link, access));
  await app.register(
    readRoutes(link, counters, access, () => clock.now(), options.language ?? "en"),
  );
  await app.register(recordRoutes(link, access));
  await app.register(stockRoutes(link, access));
  await app.register(exportRoutes(link, access, clock));
  await registerDown(app, options);
  app.get("/healthz", { schema: { hide: true } }, async (_request, reply) =>
    reply
      .status(link.up ? 200 : 503)
      .send({ ok: link.up, ...brokersOf(counters), ...keysOf(counters) }),
  );
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  await serveScreens(app, options.webDir);
  return app;
}

/** Without a key to sign with central tells gateways nothing. */
async function registerDown(app: FastifyInstance, options: ServerOptions): Promise<void> {
  const { down, access, language = "en" } = options;
  if (down === undefined) return;
  await app.register(inboxRoutes(options, down));
  const people = { receiver: options, down, access, language };
  await app.register(downRoutes(people));
  await app.register(operatorRoutes(people));
}

/** A broker that is gone leaves the other roads: it is said, and central is well all the same. */
function brokersOf({ brokers }: Counters) {
  return brokers === undefined ? {} : { brokers: Object.fromEntries(brokers().up) };
}

function keysOf({ hasForeignKeys }: Counters) {
  return hasForeignKeys ? { keys: "foreign" } : {};
}

const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"],
    objectSrc: ["'none'"],
  },
};

async function serveScreens(app: FastifyInstance, webDir: string | undefined): Promise<void> {
  if (webDir !== undefined && existsSync(webDir)) {
    await app.register(fastifyStatic, { root: webDir, preCompressed: true });
    return;
  }
  app.get("/", { schema: { hide: true } }, async (_request, reply) =>
    reply.type("text/plain").send("Rackwatch central. The screens are not built: npm run build\n"),
  );
}
