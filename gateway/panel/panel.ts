import { randomBytes } from "node:crypto";
import type { Language } from "../../config/language/language.ts";
import type { Config } from "../../config/schema/config.ts";
import type { Clock, Log } from "../../drivers/contract.ts";
import { listenError, listenOn, parseListen } from "../broker/listen.ts";
import type { PanelRoute } from "./access.ts";
import { Accounts } from "./accounts.ts";
import type { Change } from "./api.ts";
import { EventStream } from "./event-stream.ts";
import { machineNames } from "./hosts.ts";
import { buildServer } from "./server.ts";
import { Sessions } from "./sessions.ts";
import { SetupCode, setupCodeBytes } from "./setup-code.ts";
import type { PanelSource } from "./source.ts";

export interface PanelOptions {
  readonly config: Config["panel"];
  readonly source: PanelSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Folder of the built screens, absolute; without them a page says how to build them. */
  readonly webDir: string;
  /** In /openapi.json only. */
  readonly version: string;
  /** Of messages, where the browser asks for none of ours; default English. */
  readonly language?: Language;
}

/** The gateway's HTTP server: screens, data, actions. */
export interface Panel extends AsyncDisposable {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** What makes the first user, for 30 minutes; absent when there is one. The caller prints it. */
  readonly setupCode?: string;
  /** Every name that it answers to, and to whom. */
  readonly routes: readonly PanelRoute[];
  /** Whether there is a screen that is told of changes. */
  readonly isWatched: boolean;
  /** Tells every screen. Points by key, other parts whole. */
  changed(change: Change): void;
  /** Shows every screen everything anew: what there is to see is something else now. */
  refresh(): void;
}

/** @throws RackwatchError `panel/listen` when the address cannot be had. */
export async function openPanel(options: PanelOptions): Promise<Panel> {
  const { config, source, clock, log, language = "en" } = options;
  const listen = parseListen(config.listen);
  const firstStart = source.readState("user/").size === 0;
  const setupCode = firstStart
    ? new SetupCode(randomBytes(setupCodeBytes), clock.monotonicMs())
    : undefined;
  const stream = new EventStream({
    clock,
    snapshot: () => snapshotOf(source),
    onSlow: () => log.warn("panel screen closed: it does not read"),
  });
  const { app, routes } = await buildServer({
    ...options,
    language,
    stream,
    sessions: new Sessions(source, { clock, log }),
    accounts: new Accounts({ source, clock, ...(setupCode !== undefined && { setupCode }) }),
    hosts: () => ({
      listenHost: listen.host,
      allowed: config.allowedHosts,
      machine: machineNames(),
    }),
  });
  const address = await listenOn(app.server, listen).catch(async (error: unknown) => {
    await app.close();
    throw listenError("panel", config.listen, error, language);
  });
  // Standard output and the journal are read by whoever installs the gateway: that is where the code belongs.
  log.info("panel listens", { address, ...(setupCode && { setupCode: setupCode.text }) });
  return {
    address,
    routes,
    ...(setupCode !== undefined && { setupCode: setupCode.text }),
    get isWatched() {
      return stream.screens > 0;
    },
    changed: (change) => stream.changed(change),
    refresh: () => stream.refresh(),
    async [Symbol.asyncDispose]() {
      stream.close();
      await app.close();
    },
  };
}

function snapshotOf(source: PanelSource) {
  return {
    gateway: source.gateway(),
    points: [...source.points()],
    alarms: [...source.alarms()],
    outputs: [...source.outputs()],
    sync: source.sync(),
    notices: [...source.notices()],
  };
}
