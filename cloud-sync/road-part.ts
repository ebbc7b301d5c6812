import { syncText } from "../config/language/sync.ts";
import { centralRoad, countedRoads, type Road, roadsOf } from "../config/roads.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { openOutbox } from "../gateway/store/outbox.ts";
import { Agent } from "./agent.ts";
import { openBundleRoad } from "./bundles/bundle-road.ts";
import { learning, Trust } from "./down/trust.ts";
import { enrolledAnew } from "./identity/enrolled-anew.ts";
import { Progress } from "./progress.ts";
import type { Part, SyncOptions, SyncSection } from "./sync-options.ts";
import { type AnsweringSettings, openUplink } from "./uplinks/open-uplink.ts";

/** Each road on its own: one that is dead holds up no other. */
export function roadParts(options: SyncOptions, sync: SyncSection): readonly Part[] {
  return roadsOf(sync).map((road) => ({
    name: road.name === centralRoad ? "agent" : `road ${road.name}`,
    run: (signal, ticked) => runRoad(ofRoad(options, road), road, signal, ticked),
  }));
}

/** Says in the agent's file which roads there are, for whoever reads it; rows go also where the disk does not take that. */
export function keepRoads({ dataDir, language, log }: SyncOptions, sync: SyncSection): void {
  const counted = countedRoads(sync);
  const roads = roadsOf(sync).map(({ name }) => ({ name, counted: counted.includes(name) }));
  try {
    using progress = new Progress(dataDir, syncText[language]);
    progress.keepRoads(roads);
  } catch (error) {
    if (!(error instanceof RackwatchError)) throw error;
    const { code, message, where, todo } = error;
    log.warn("roads not noted", { code, message, where, todo });
  }
}

/**
 * Sends what is there over all roads. True where all of it arrived on each.
 * @throws RackwatchError what kept a road from opening, once the others are done.
 */
export async function drainRoads(
  options: SyncOptions,
  sync: SyncSection,
  signal: AbortSignal,
): Promise<boolean> {
  const drains = roadsOf(sync).map((road) => drainRoad(ofRoad(options, road), road, signal));
  const results = await Promise.allSettled(drains);
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return results.every((result) => result.status === "fulfilled" && result.value);
}

function ofRoad(options: SyncOptions, { name }: Road): SyncOptions {
  return name === centralRoad ? options : { ...options, log: options.log.child({ road: name }) };
}

async function runRoad(
  options: SyncOptions,
  { name, settings }: Road,
  signal: AbortSignal,
  ticked: () => void,
): Promise<void> {
  const { log } = options;
  if (settings.via === "file") {
    using road = openBundleRoad(options, { name, settings });
    log.info("agent ships bundles", { folder: settings.folder });
    return await road.run(signal, ticked);
  }
  await using opened = await openAgent(options, { name, settings });
  const { via } = settings;
  log.info("agent ships", { via, to: via === "http" ? settings.central : settings.broker });
  return await opened.agent.run(signal, ticked);
}

async function drainRoad(
  options: SyncOptions,
  { name, settings }: Road,
  signal: AbortSignal,
): Promise<boolean> {
  if (settings.via === "file") {
    using road = openBundleRoad(options, { name, settings });
    return await road.drain();
  }
  await using opened = await openAgent(options, { name, settings });
  const { agent } = opened;
  while (!signal.aborted && !agent.drained) {
    const waitMs = await agent.step(signal);
    if (agent.failures > 0 && waitMs > 0) return false;
    if (waitMs > 0) await options.clock.sleep(waitMs, signal).catch(() => undefined);
  }
  return agent.drained;
}

/** @throws RackwatchError when data folder, credentials or CA file cannot be used. */
async function openAgent(
  options: SyncOptions,
  road: Road & { readonly settings: AnsweringSettings },
): Promise<AsyncDisposable & { readonly agent: Agent }> {
  const { gatewayId, dataDir, clock, log, deadlineMs } = options;
  const text = syncText[options.language];
  await using opened = new AsyncDisposableStack();
  const outbox = opened.use(openOutbox(dataDir, gatewayId));
  const progress = opened.use(new Progress(dataDir, text, road.name));
  const parts = { gatewayId, dataDir, text, clock, log, outbox };
  const late = deadlineMs === undefined ? {} : { deadlineMs };
  const uplink = opened.use(await openUplink(road, { ...parts, ...late }));
  const told = learning(uplink, new Trust({ dataDir, log, text }), log);
  const random = () => Math.random();
  const agent = new Agent({
    ...{ gatewayId, outbox, uplink: told, progress, clock, log, text, random },
    enrolledAnew: enrolledAnew(dataDir),
  });
  const kept = opened.move();
  return { agent, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
