import { readFileSync } from "node:fs";
import type { Language } from "../config/language/language.ts";
import { syncText } from "../config/language/sync.ts";
import type { Config } from "../config/schema/config.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { openOutbox } from "../gateway/store/outbox.ts";
import { Agent } from "./agent.ts";
import { Progress } from "./progress.ts";
import { HttpUplink } from "./uplinks/http.ts";

/** Pause before files that cannot be opened are tried again. */
const reopenMs = 10_000;

export interface SyncOptions {
  readonly gatewayId: string;
  readonly language: Language;
  readonly sync: NonNullable<Config["sync"]>;
  /** Folder of gateway.db, which is read, and of sync.db, which is written. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called while the loop turns, every 15 s at least: for a watchdog. */
  readonly ticked?: () => void;
}

interface Opened extends Disposable {
  readonly agent: Agent;
}

/** Opens what the agent needs. @throws RackwatchError when the data folder or the CA file cannot be used. */
function openAgent(options: SyncOptions): Opened {
  const { gatewayId, sync, dataDir, clock, log } = options;
  const text = syncText[options.language];
  const ca = sync.caFile === undefined ? undefined : readCa(sync.caFile, text);
  using opened = new DisposableStack();
  const outbox = opened.use(openOutbox(dataDir));
  const progress = opened.use(new Progress(dataDir, text));
  const uplink = opened.use(
    new HttpUplink({
      central: sync.central,
      gatewayId,
      credentials: sync.credentials,
      text,
      ...(ca === undefined ? {} : { ca }),
      ...(sync.proxy === undefined ? {} : { proxy: sync.proxy }),
    }),
  );
  const random = () => Math.random();
  const agent = new Agent({ gatewayId, outbox, uplink, progress, clock, log, text, random });
  const kept = opened.move();
  return { agent, [Symbol.dispose]: () => kept.dispose() };
}

function readCa(file: string, text: (typeof syncText)["en"]): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { message, todo } = text.certificate(file, "sync.caFile");
    throw new RackwatchError("sync/certificate", message, { where: file, todo, cause });
  }
}

/** Ships the outbox until the signal is aborted; whatever is missing is said once and tried again. */
export async function runSync(options: SyncOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  let said: string | undefined;
  while (!signal.aborted) {
    try {
      using opened = openAgent(options);
      log.info("agent ships to central", { central: new URL(options.sync.central).origin });
      await opened.agent.run(signal, options.ticked);
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      const { code, message, where, todo } = error;
      if (said !== message) log.error("agent cannot start", { code, message, where, todo });
      said = message;
      options.ticked?.();
      await clock.sleep(reopenMs, signal).catch(() => undefined);
    }
  }
}

/** Sends what is there. True when central confirmed all of it; false at the first thing that stands in the way. */
export async function drainOnce(options: SyncOptions, signal: AbortSignal): Promise<boolean> {
  using opened = openAgent(options);
  const { agent } = opened;
  while (!signal.aborted && !agent.drained) {
    const waitMs = await agent.step(signal);
    if (agent.failures > 0 && waitMs > 0) return false;
  }
  return agent.drained;
}
