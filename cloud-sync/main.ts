import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Language } from "../config/language/language.ts";
import { pushText } from "../config/language/push.ts";
import { syncText } from "../config/language/sync.ts";
import type { Config } from "../config/schema/config.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { watchClock } from "../gateway/runtime/clock-watch.ts";
import { cursorFileName } from "../gateway/store/cursor-file.ts";
import { lockFolder } from "../gateway/store/lock.ts";
import { openOutbox } from "../gateway/store/outbox.ts";
import { Agent } from "./agent.ts";
import { Progress } from "./progress.ts";
import { DeliveryBook } from "./push/delivery-book.ts";
import { Outlets, type PushConfig } from "./push/outlets.ts";
import { PushDelivery } from "./push/push-delivery.ts";
import { PushReader } from "./push/push-reader.ts";
import { HttpUplink } from "./uplinks/http.ts";

/** Pause before files that cannot be opened are tried again. */
const reopenMs = 10_000;

export interface SyncOptions {
  readonly gatewayId: string;
  readonly language: Language;
  /** Absent: there is no central, only receivers of pushes. */
  readonly sync?: SyncSection;
  /** Who is told by pushes, and how. */
  readonly push: PushConfig;
  readonly boot: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of gateway.db, which is read, and of sync.db, which is written. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called while the loop turns, every 15 s at least: for a watchdog. */
  readonly ticked?: () => void;
  /** Of one request to central; a test shortens it. */
  readonly deadlineMs?: number;
}

type SyncSection = NonNullable<Config["sync"]>;

/** Opens what the agent needs. @throws RackwatchError when the data folder or the CA file cannot be used. */
function openAgent(options: SyncOptions, sync: SyncSection): Disposable & { agent: Agent } {
  const { gatewayId, dataDir, clock, log } = options;
  const text = syncText[options.language];
  const { central, credentials } = sync;
  if (central === undefined || credentials === undefined) {
    throw new RackwatchError("config/invalid", text.noSync.message, { todo: text.noSync.todo });
  }
  const ca = sync.caFile === undefined ? undefined : readCa(sync.caFile, text);
  using opened = new DisposableStack();
  const outbox = opened.use(openOutbox(dataDir, gatewayId));
  const progress = opened.use(new Progress(dataDir, text));
  const uplink = opened.use(
    new HttpUplink({
      central,
      gatewayId,
      credentials,
      text,
      ...(ca === undefined ? {} : { ca }),
      ...(sync.proxy === undefined ? {} : { proxy: sync.proxy }),
      ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
    }),
  );
  const random = () => Math.random();
  const agent = new Agent({ gatewayId, outbox, uplink, progress, clock, log, text, random });
  const kept = opened.move();
  return { agent, [Symbol.dispose]: () => kept.dispose() };
}

/** Opens what pushes need. @throws RackwatchError when the agent's file cannot be used. */
function openPushes(options: SyncOptions): Disposable & { delivery: PushDelivery } {
  const { gatewayId, language, sync, push: config, dataDir, clock, boot, log } = options;
  using opened = new DisposableStack();
  const reader = opened.use(new PushReader(dataDir));
  const book = opened.use(new DeliveryBook(dataDir, syncText[language]));
  const text = pushText[language];
  const proxy = sync?.proxy === undefined ? {} : { proxy: sync.proxy };
  const delivery = new PushDelivery({
    gatewayId,
    reader,
    book,
    outlets: new Outlets({ config, text, ...proxy }),
    clock,
    clockQuality: watchClock({ clock, env: options.env }),
    boot,
    log,
    text,
    random: () => Math.random(),
  });
  const kept = opened.move();
  return { delivery, [Symbol.dispose]: () => kept.dispose() };
}

function readCa(file: string, text: (typeof syncText)["en"]): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { message, todo } = text.certificate(file, "sync.caFile");
    throw new RackwatchError("sync/certificate", message, { where: file, todo, cause });
  }
}

/** What is begun again after it could not be opened. */
interface Part {
  readonly name: string;
  /** Opens, and runs until the signal is aborted. */
  run(signal: AbortSignal, ticked: () => void): Promise<void>;
}

/**
 * Ships the outbox, where there is a central, and delivers pushes, until the signal is aborted. Neither waits for the
 * other; whatever is missing is said once and tried again.
 */
export async function runSync(options: SyncOptions, signal: AbortSignal): Promise<void> {
  const { sync } = options;
  const parts = [pushPart(options), ...(sync === undefined ? [] : [agentPart(options, sync)])];
  const ticked = options.ticked ?? (() => undefined);
  const whole: Part = {
    name: "sync",
    run: async () => {
      using _lock = lockAgent(options);
      const tick = tickOfAll(parts.length, ticked);
      await Promise.all(parts.map((part) => keepRunning(part, options, tick(part.name), signal)));
    },
  };
  await keepRunning(whole, options, ticked, signal);
}

/**
 * Makes this process the one agent of the data folder: two would send each push twice.
 * @throws RackwatchError `store/locked` when another is; `store/...` when the folder cannot be written.
 */
function lockAgent({ dataDir, language }: SyncOptions): Disposable {
  const folder = dirname(join(dataDir, cursorFileName));
  try {
    return lockFolder(folder, "sync.lock");
  } catch (error) {
    if (!(error instanceof RackwatchError) || error.code !== "store/locked") throw error;
    const { message, todo } = syncText[language].locked(folder);
    throw new RackwatchError("store/locked", message, { where: folder, todo, cause: error });
  }
}

function agentPart(options: SyncOptions, sync: SyncSection): Part {
  return {
    name: "agent",
    run: async (signal, ticked) => {
      using opened = openAgent(options, sync);
      options.log.info("agent ships to central", { central: sync.central });
      await opened.agent.run(signal, ticked);
    },
  };
}

function pushPart(options: SyncOptions): Part {
  return {
    name: "pushes",
    run: async (signal, ticked) => {
      using opened = openPushes(options);
      options.log.info("agent delivers pushes", { receivers: Object.keys(options.push.notify) });
      await opened.delivery.run(signal, ticked);
    },
  };
}

/** One tick when each part ticked: one that hangs is not covered by the other. */
function tickOfAll(parts: number, ticked: () => void): (name: string) => () => void {
  const seen = new Set<string>();
  return (name) => () => {
    seen.add(name);
    if (seen.size < parts) return;
    seen.clear();
    ticked();
  };
}

async function keepRunning(
  part: Part,
  { clock, log }: SyncOptions,
  ticked: () => void,
  signal: AbortSignal,
): Promise<void> {
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      await part.run(signal, ticked);
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      const { code, message, where, todo } = error;
      if (said !== message) {
        log.error(`${part.name} cannot start`, { code, message, where, todo });
      }
      said = message;
      ticked();
      await clock.sleep(reopenMs, signal).catch(() => undefined);
    }
  }
}

/** What was left behind, when it was not all of it. */
export interface Drained {
  readonly rows: boolean;
  readonly pushes: boolean;
}

/**
 * Sends what is there. True where all of it arrived; false at the first thing that stands in the way.
 * @throws RackwatchError `store/locked` when another agent works on the folder.
 */
export async function drainOnce(options: SyncOptions, signal: AbortSignal): Promise<Drained> {
  using _lock = lockAgent(options);
  const [rows, pushes] = await Promise.all([
    drainRows(options, signal),
    drainPushes(options, signal),
  ]);
  return { rows, pushes };
}

async function drainRows(options: SyncOptions, signal: AbortSignal): Promise<boolean> {
  if (options.sync === undefined) return true;
  using opened = openAgent(options, options.sync);
  const { agent } = opened;
  while (!signal.aborted && !agent.drained) {
    const waitMs = await agent.step(signal);
    if (agent.failures > 0 && waitMs > 0) return false;
    if (waitMs > 0) await options.clock.sleep(waitMs, signal).catch(() => undefined);
  }
  return agent.drained;
}

async function drainPushes(options: SyncOptions, signal: AbortSignal): Promise<boolean> {
  using opened = openPushes(options);
  const { delivery } = opened;
  while (!signal.aborted) {
    const waitMs = delivery.step(signal);
    await delivery.idle();
    if (delivery.drained) return true;
    if (delivery.stuck) return false;
    await options.clock.sleep(waitMs, signal).catch(() => undefined);
  }
  return delivery.drained;
}
