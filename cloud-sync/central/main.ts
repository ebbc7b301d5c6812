import type { Language } from "../../config/language/language.ts";
import type { Clock, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { parseListen } from "../../gateway/broker/listen.ts";
import { AlarmWebhook } from "./alarms-of-central-webhook.ts";
import { Counters } from "./counters.ts";
import type { Database } from "./database/database.ts";
import { DatabaseLink } from "./database-link.ts";
import { Inboxes } from "./down/inboxes.ts";
import { operatorOfToken } from "./down/operators.ts";
import { type IdentityOptions, openIdentity } from "./identity/open-identity.ts";
import { checkKeys } from "./identity/same-keys.ts";
import { type LogOptions, openLog } from "./log/open-log.ts";
import { Reception } from "./reception.ts";
import { openRoads, type Roads, type RoadsOptions } from "./roads/open-roads.ts";
import type { Receiver } from "./routes/receiver.ts";
import { buildServer } from "./server.ts";
import { SilenceWatch } from "./silence-watch.ts";
import { addGateway } from "./tokens.ts";
import { Upkeep, type UpkeepParts } from "./upkeep.ts";

export interface CentralOptions extends IdentityOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly listen: string;
  readonly openDatabase: () => Promise<Database>;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Needed for reading as soon as central listens beyond this machine. */
  readonly readToken?: string;
  readonly webDir?: string;
  /** Of the sentences that central makes by itself; absent: English. */
  readonly language?: Language;
  /** Who is told when a gateway falls silent. The address may hold a token. */
  readonly alarmWebhook?: { readonly url: string; readonly secret?: string };
  /** A gateway whose contacts come as bundles only is silent after so long without one; absent: 8 days. */
  readonly carriedSilentMs?: number | undefined;
  /** Rows a second that each gateway may send of a backlog, so that many that come back at once share the line. */
  readonly backlogRowsPerSecond?: number;
  /** The same for all gateways together; those that catch up share it. */
  readonly backlogRowsPerSecondOfAll?: number;
  /** Gateways to enrol at start, with their tokens: for a demo and for automatic set-up. */
  readonly gateways?: readonly { readonly id: string; readonly token: string }[];
  /** How long samples and their aggregates stay, in milliseconds; absent: for ever. Events always do. */
  readonly keepMs?: UpkeepParts["keepMs"];
  /** Broker from which this central reads as well. */
  readonly roads?: RoadsOptions;
  /** Log that samples pass on their way into the database. */
  readonly sampleLog?: LogOptions;
  /** For a whole request to arrive, instead of 30 s: a test shortens it. */
  readonly deadlineMs?: number;
}

export interface Central {
  /** As in `http://127.0.0.1:8090`. */
  readonly address: string;
  /** Milliseconds since the loops that watch the database and the gateways both came round: a watchdog asks. */
  silentMs(): number;
  stop(): Promise<void>;
}

/**
 * Starts central: listens at once, also while its database cannot be reached (answers are 503 until then).
 * @throws RackwatchError `central/listen` when the address cannot be had.
 */
export async function startCentral(options: CentralOptions): Promise<Central> {
  const { clock, log } = options;
  const link = new DatabaseLink(options.openDatabase, clock, log);
  const { host, port } = parseListen(options.listen);
  const identity = await openIdentity(options, { link, clock, log });
  const counters = new Counters();
  await link.start(async ({ database }) => {
    for (const { id, token } of options.gateways ?? []) await addGateway(database, id, token);
    const signing = identity.identity.keys?.signing;
    counters.hasForeignKeys = signing !== undefined && !(await checkKeys(database, signing, log));
  });
  const { language = "en" } = options;
  const hook = options.alarmWebhook;
  const webhook = hook && new AlarmWebhook({ ...hook, language, clock, log });
  const watch = new SilenceWatch({
    ...{ link, clock, log, webhook, carriedSilentMs: options.carriedSilentMs },
  });
  const upkeep = new Upkeep({ link, clock, log, counters, keepMs: options.keepMs ?? {} });
  const signer = identity.identity.keys?.signing;
  const down = signer && { signer, inboxes: new Inboxes({ link, signer, clock }) };
  const sampleLog = options.sampleLog && (await openLog(options.sampleLog, { link, clock, log }));
  const receiver: Receiver = {
    ...{ link, clock, log, counters },
    allowance: {
      backlogRowsPerSecond: options.backlogRowsPerSecond,
      backlogRowsPerSecondOfAll: options.backlogRowsPerSecondOfAll,
    },
    ...(down === undefined ? {} : { down }),
    ...(sampleLog?.sampleLog === undefined ? {} : { sampleLog: sampleLog.sampleLog }),
    identity: identity.identity,
  };
  const app = await buildServer({
    ...receiver,
    version: options.version,
    language,
    access: {
      listenHost: host,
      readToken: options.readToken,
      operatorOf: (token) => link.use(({ database }) => operatorOfToken(database, token)),
    },
    trustedProxies: options.trustedProxies ?? [],
    ...(identity.tls === undefined ? {} : { tls: identity.tls }),
    ...(options.webDir === undefined ? {} : { webDir: options.webDir }),
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
  });
  const ended = new AbortController();
  let loops: readonly Promise<void>[] = [];
  let roads: Roads | undefined;
  const stop = async () => {
    ended.abort();
    await roads?.stop();
    await app.close();
    await Promise.all(loops);
    await sampleLog?.[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
  };
  try {
    const listening = await app.listen({ host, port });
    const address = identity.tls === undefined ? listening : listening.replace(/^http:/, "https:");
    log.info("central listens", { address });
    const parts = [watch, upkeep, identity.watch, down?.inboxes, sampleLog?.storer];
    loops = parts.flatMap((part) => part?.run(ended.signal) ?? []);
    if (options.roads !== undefined) {
      const reception = new Reception(receiver);
      roads = openRoads(options.roads, { ...receiver, signer, reception });
    }
    const silentMs = () => {
      const now = clock.monotonicMs();
      return now - Math.min(link.steppedAt ?? now, watch.steppedAt ?? now);
    };
    return { address, silentMs, stop };
  } catch (cause) {
    await stop();
    throw new RackwatchError("central/listen", "central cannot listen", {
      cause,
      where: options.listen,
      todo: "another program may have this port: give a free one with --listen",
    });
  }
}
