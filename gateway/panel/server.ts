import cookie from "@fastify/cookie";
import helmet from "@fastify/helmet";
import Fastify, { type FastifyInstance } from "fastify";
import {
  type FastifyPluginAsyncZod,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";
import type { Language } from "../../config/language/language.ts";
import type { Log } from "../../drivers/contract.ts";
import { guardAccess, type PanelRoute } from "./access.ts";
import { answerError } from "./answer.ts";
import { fileTimeoutMs, limitArrival } from "./arrival.ts";
import type { OpenApiDocument } from "./document.ts";
import type { EventStream } from "./event-stream.ts";
import type { HostRules } from "./hosts.ts";
import { bodyBytesMax, connectionsMax, idleTimeoutMs, requestTimeoutMs } from "./limits.ts";
import { refusals } from "./refusal.ts";
import { actionRoutes } from "./routes/actions.ts";
import { alarmRoutes } from "./routes/alarms.ts";
import { configurationRoutes } from "./routes/configurations.ts";
import { eventRoutes } from "./routes/events.ts";
import { linkRoutes } from "./routes/link.ts";
import { reportRoutes } from "./routes/report.ts";
import { responseRoutes } from "./routes/response.ts";
import { type Logins, sessionRoutes } from "./routes/session.ts";
import { stateRoutes } from "./routes/state.ts";
import { statusRoutes } from "./routes/status.ts";
import { stockRoutes } from "./routes/stock.ts";
import { stockFileRoutes } from "./routes/stock-files.ts";
import { userRoutes } from "./routes/users.ts";
import { serveScreens } from "./screens.ts";

export interface ServerOptions extends Logins {
  readonly stream: EventStream;
  readonly hosts: () => HostRules;
  readonly log: Log;
  readonly language: Language;
  readonly webDir: string;
  readonly version: string;
}

/** Everything from this gateway and nothing from elsewhere; HTTP only, so nothing is upgraded to HTTPS. */
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

/** Without factories given Fastify loads Ajv and its own serializer (3 MB) before it hears that Zod does their work. */
const noCompilers = {
  compilersFactory: { buildValidator: neverAsked, buildSerializer: neverAsked },
} as const;

function neverAsked(): never {
  throw new Error("the compilers of zod are set before the first route");
}

export interface PanelServer {
  readonly app: FastifyInstance;
  readonly routes: readonly PanelRoute[];
}

/** The panel's HTTP names, not yet listening. */
export async function buildServer(options: ServerOptions): Promise<PanelServer> {
  const { sessions, accounts, hosts, log, language } = options;
  const rolesOf = (person: string) => accounts.users.rolesOf(person);
  const app = Fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: fileTimeoutMs,
    connectionTimeout: idleTimeoutMs,
    forceCloseConnections: true,
    // Node looks for overdue requests only every 30 s by default.
    http: { headersTimeout: requestTimeoutMs, connectionsCheckingInterval: 1_000 },
    routerOptions: { maxParamLength: 256 },
    schemaController: noCompilers,
  });
  app.server.maxConnections = connectionsMax;
  limitArrival(app);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) =>
    answerError(error, request, reply, { log, language }),
  );
  app.setNotFoundHandler((request, reply) =>
    answerError(refusals.notFound(), request, reply, { log, language }),
  );
  await app.register(cookie);
  await app.register(helmet, {
    contentSecurityPolicy,
    xFrameOptions: { action: "deny" },
    // Both mean something on HTTPS only; browsers complain about them elsewhere.
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
  app.addHook("onRequest", async (_request, reply) => {
    reply.header("cache-control", "no-store");
  });
  const routes = guardAccess(app, { sessions, rolesOf, hosts });
  await app.register(dataRoutes(options));
  await serveScreens(app, options.webDir, language);
  await app.ready();
  return { app, routes };
}

/** Every name that gives or takes data. */
function dataRoutes(options: ServerOptions): FastifyPluginAsyncZod {
  const { source, stream, version } = options;
  let written: Promise<OpenApiDocument> | undefined;
  const routes: FastifyPluginAsyncZod = async (app) => {
    await app.register(statusRoutes(source, document));
    await app.register(stateRoutes(source));
    await app.register(actionRoutes(source));
    await app.register(sessionRoutes(options));
    await app.register(alarmRoutes(source));
    await app.register(responseRoutes(source));
    await app.register(reportRoutes(source));
    await app.register(linkRoutes(source, options.language));
    await app.register(stockRoutes(source));
    await app.register(stockFileRoutes(source));
    await app.register(userRoutes(options));
    await app.register(configurationRoutes(options));
    await app.register(eventRoutes(stream));
  };
  // What describes the routes is loaded for the first who asks, and the answer kept.
  const document = () => (written ??= describe());
  const describe = async () => {
    const { openApiDocument } = await import("./document.ts");
    return openApiDocument(routes, version);
  };
  return routes;
}
