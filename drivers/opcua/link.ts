import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type {
  ClientSession,
  ClientTCP_transport,
  EndpointDescription,
  OPCUAClient,
  OPCUAClientOptions,
  UserIdentityInfo,
} from "node-opcua";
import { connect } from "../connect.ts";
import type { DriverContext } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import { lostError, openError } from "./failure.ts";
import { applicationName, type Identity } from "./identity.ts";
import { type Library, mendEnvironment } from "./library.ts";
import type { OpcUaChannel } from "./schema.ts";
import { checkServer } from "./server-trust.ts";

/** How a server is reached and who we are to it: a channel's settings, or a tool's. */
export type Access = Pick<
  OpcUaChannel,
  "endpoint" | "security" | "user" | "password" | "certificate" | "timeout"
>;

/** A server that has not heard of us for so long may forget the session and its subscriptions. */
const sessionTimeoutMs = 60_000;

/** Closing a session that a hung server does not answer is given up after this time. */
const closeMsMax = 500;

/** Port of OPC UA over TCP (IANA). */
const defaultPort = 4_840;

/**
 * One open session. The library's own reconnection is off: it tells the points nothing while it tries. Here a loss
 * ends everything, and the supervisor reopens, for ever.
 */
export class Link implements AsyncDisposable {
  readonly session: ClientSession;
  readonly #client: OPCUAClient;
  readonly #wire: Wire;
  readonly #endpoint: string;
  readonly #lost = new AbortController();

  constructor(client: OPCUAClient, session: ClientSession, wire: Wire, endpoint: string) {
    this.#client = client;
    this.session = session;
    this.#wire = wire;
    this.#endpoint = endpoint;
    client.on("connection_lost", () => this.lose("The connection to the server is gone"));
    client.on("close", () => this.lose("The server closed the connection"));
    client.on("abort", () => this.lose("The server broke the connection off"));
    session.on("session_closed", () => this.lose("The server closed the session"));
  }

  /** Aborted with a RackwatchError `driver/connection-lost`. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  lose(what: string, cause?: unknown): void {
    if (!this.#lost.signal.aborted) this.#lost.abort(lostError(this.#endpoint, what, cause));
  }

  /** Leaves the server in order when it answers, else breaks the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    const breaking = setTimeout(() => this.#wire.break(), closeMsMax);
    if (this.lost.aborted) this.#wire.break();
    try {
      await this.session.close(true).catch(() => undefined);
      await this.#client.disconnect().catch(() => undefined);
    } finally {
      clearTimeout(breaking);
      this.#wire.break();
    }
  }
}

/** The sockets under a client, so that a hung server cannot hold it. */
class Wire {
  readonly #transports: ClientTCP_transport[] = [];
  readonly #library: Library;
  #isBroken = false;

  constructor(library: Library) {
    this.#library = library;
  }

  readonly create: NonNullable<OPCUAClientOptions["transportFactory"]>["create"] = (settings) => {
    const transport = new this.#library.ClientTCP_transport(settings);
    this.#transports.push(transport);
    if (this.#isBroken) queueMicrotask(() => transport.forceConnectionBreak());
    return transport;
  };

  break(): void {
    this.#isBroken = true;
    for (const transport of this.#transports) transport.forceConnectionBreak();
  }
}

/**
 * Opens a session on a server whose certificate a person has accepted.
 * @throws RackwatchError `driver/connect-failed`, `driver/refused`; the signal's reason when aborted.
 */
export async function openLink(
  library: Library,
  access: Access,
  identity: Identity,
  context: DriverContext,
  signal: AbortSignal,
): Promise<Link> {
  await checkReachable(access, signal);
  const endpoints = await fetchEndpoints(library, access, identity, signal);
  const offered = chosen(endpoints, access);
  checkLogin(offered, access);
  const serverCertificate =
    access.security.mode === "none"
      ? undefined
      : await checkServer(offered, access.endpoint, identity, context);
  const user = await identityOf(library, access);
  return withClient(library, access, identity, signal, {
    options: {
      ...securityOf(library, access),
      ...(serverCertificate === undefined ? {} : { serverCertificate }),
    },
    use: async (client, wire) => {
      await client.connect(access.endpoint);
      const session = await client.createSession(user);
      return new Link(client, session, wire, access.endpoint);
    },
  });
}

/**
 * What a server offers, asked without security and without logging in.
 * @throws RackwatchError `driver/connect-failed`.
 */
export async function fetchEndpoints(
  library: Library,
  access: Pick<Access, "endpoint" | "timeout">,
  identity: Identity,
  signal: AbortSignal,
): Promise<readonly EndpointDescription[]> {
  return withClient(library, access, identity, signal, {
    options: { securityMode: library.MessageSecurityMode.None },
    use: async (client, wire) => {
      await client.connect(access.endpoint);
      const endpoints = await client.getEndpoints({ endpointUrl: access.endpoint });
      await client.disconnect();
      wire.break();
      return endpoints;
    },
  });
}

interface Use<T> {
  readonly options: OPCUAClientOptions;
  readonly use: (client: OPCUAClient, wire: Wire) => Promise<T>;
}

/** Runs `use` with a client that breaks when the signal is aborted, or when it takes longer than all its steps may. */
async function withClient<T>(
  library: Library,
  access: Pick<Access, "endpoint" | "timeout">,
  identity: Identity,
  signal: AbortSignal,
  { options, use }: Use<T>,
): Promise<T> {
  const wire = new Wire(library);
  const client = library.OPCUAClient.create({
    applicationName,
    applicationUri: identity.applicationUri,
    clientCertificateManager: identity.manager,
    certificateFile: identity.certificateFile,
    privateKeyFile: identity.keyFile,
    clientName: applicationName,
    // A server behind NAT or with another idea of its host name lists endpoints that are not the one asked.
    endpointMustExist: false,
    // All three: a strategy without maxRetry gives up after ten tries, and a retry of its own is not wanted here.
    connectionStrategy: { maxRetry: 0, initialDelay: 100, maxDelay: 100 },
    requestedSessionTimeout: sessionTimeoutMs,
    defaultTransactionTimeout: access.timeout,
    transportTimeout: access.timeout,
    transportFactory: { create: wire.create },
    keepSessionAlive: false,
    ...options,
  });
  const steps = 4;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(steps * access.timeout)]);
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const stop = () => {
    wire.break();
    ended.reject(limit.reason);
  };
  limit.addEventListener("abort", stop, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([use(client, wire), ended.promise]);
  } catch (error) {
    wire.break();
    await Promise.race([client.disconnect().catch(() => undefined), ended.promise]).catch(
      () => undefined,
    );
    signal.throwIfAborted();
    throw openError(error, access.endpoint);
  } finally {
    limit.removeEventListener("abort", stop);
    mendEnvironment();
  }
}

/** The library tells in words only why no connection came about; our own connection does it with codes. */
async function checkReachable(access: Access, signal: AbortSignal): Promise<void> {
  const { hostname, port } = new URL(access.endpoint.replace(/^opc\.tcp:/, "http:"));
  const address = `tcp://${hostname}:${port === "" ? portOf(access.endpoint) : port}`;
  const connection = await connect(address, { timeoutMs: access.timeout }, signal);
  await connection.close();
}

/** `URL` leaves port 80 out, as it is that of its scheme. */
function portOf(endpoint: string): number {
  return /:80(?:\/|$)/.test(endpoint) ? 80 : defaultPort;
}

function securityOf(library: Library, { security }: Access): OPCUAClientOptions {
  const { MessageSecurityMode, SecurityPolicy } = library;
  if (security.mode === "none")
    return { securityMode: MessageSecurityMode.None, securityPolicy: SecurityPolicy.None };
  const isEncrypted = security.mode === "sign-and-encrypt";
  return {
    securityMode: isEncrypted ? MessageSecurityMode.SignAndEncrypt : MessageSecurityMode.Sign,
    securityPolicy: SecurityPolicy[security.policy],
  };
}

/** Signed is 2, signed and encrypted 3 (OPC 10000-4, 7.20). */
const modeNumbers = { none: 1, sign: 2, "sign-and-encrypt": 3 } as const;

function chosen(
  endpoints: readonly EndpointDescription[],
  { security, endpoint }: Access,
): EndpointDescription {
  const isNone = security.mode === "none";
  const wanted = isNone ? "none" : `${security.mode} ${security.policy}`;
  const found = endpoints.find((offered) => describeEndpoint(offered) === wanted);
  if (found !== undefined) return found;
  const offers = endpoints.map(describeEndpoint);
  throw new RackwatchError("driver/refused", `The server does not offer security ${wanted}`, {
    where: endpoint,
    todo: `It offers: ${[...new Set(offers)].join(", ") || "nothing"}`,
  });
}

/** `sign-and-encrypt Basic256Sha256`, as `security:` spells it. */
export function describeEndpoint(offered: EndpointDescription): string {
  const mode = Object.entries(modeNumbers).find(
    ([, number]) => number === Number(offered.securityMode),
  );
  const policy = offered.securityPolicyUri?.split("#")[1] ?? "?";
  return mode?.[0] === "none" ? "none" : `${mode?.[0] ?? "?"} ${policy}`;
}

/** By the numbers of the kinds of login (OPC 10000-4, 7.42). */
const loginNames = ["anonymous", "user and password", "certificate"] as const;

function checkLogin({ userIdentityTokens }: EndpointDescription, access: Access): void {
  const wanted = access.certificate !== undefined ? 2 : access.user !== undefined ? 1 : 0;
  const offered = (userIdentityTokens ?? []).map(({ tokenType }) => Number(tokenType));
  if (offered.includes(wanted)) return;
  const names = new Set(offered.map((number) => loginNames[number] ?? "another kind"));
  throw new RackwatchError(
    "driver/refused",
    `The server does not take this login (${loginNames[wanted]})`,
    { where: access.endpoint, todo: `It takes: ${[...names].join(", ") || "none"}` },
  );
}

async function identityOf(library: Library, access: Access): Promise<UserIdentityInfo> {
  const { UserTokenType } = library;
  if (access.certificate !== undefined) {
    const [cert, key] = await Promise.all([
      readUserFile(access.certificate.cert),
      readUserFile(access.certificate.key),
    ]);
    return {
      type: UserTokenType.Certificate,
      certificateData: new X509Certificate(cert).raw,
      privateKey: key.toString(),
    };
  }
  if (access.user === undefined) return { type: UserTokenType.Anonymous };
  const password = access.password?.reveal() ?? "";
  return { type: UserTokenType.UserName, userName: access.user, password };
}

async function readUserFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw new RackwatchError("driver/refused", `The file ${file} of the user cannot be read`, {
      where: file,
      todo: "Check certificate.cert and certificate.key, and who may read them",
      cause,
    });
  }
}
