import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadOrLastGood } from "../config/last-good.ts";
import type { Problem } from "../config/problem.ts";
import { drivers } from "../drivers/index.ts";
import { createAlarmSystem } from "./alarms/alarm-system.ts";
import { Annunciation, outputsOf } from "./annunciation.ts";
import { openBroker } from "./broker/broker.ts";
import { Channels } from "./channels.ts";
import { HealthBook } from "./health/health-book.ts";
import { partsOf } from "./health/health-rules.ts";
import { Intake } from "./intake.ts";
import { LatestSamples } from "./latest.ts";
import { runLoops } from "./loops.ts";
import { openPanel } from "./panel/panel.ts";
import { GatewayPanelSource } from "./panel-source.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { canConvert } from "./pipeline/unit.ts";
import { pointBook, settingsOf, unitsOf } from "./point-book.ts";
import { Publisher } from "./publisher.ts";
import { configuredRules } from "./rules/configured-rules.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { createLog } from "./runtime/log.ts";
import { bootId, clockQuality } from "./runtime/machine.ts";
import { outputsFile, writeOutputs } from "./runtime/outputs-file.ts";
import { Service } from "./runtime/service.ts";
import { productVersion } from "./runtime/version.ts";
import { startEvents } from "./start-events.ts";
import { configuredLimits } from "./store/configured-limits.ts";
import { lastRecordAt } from "./store/last-record.ts";
import { openStore } from "./store/open-store.ts";
import { SyncWatch } from "./sync-watch.ts";
import { Upkeep } from "./upkeep.ts";

export interface GatewayOptions {
  readonly configFile: string;
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

const screens = fileURLToPath(new URL("../dist/panel", import.meta.url));

/**
 * The gateway, from the wire to whoever waits, read from top to bottom. Runs until the signal is aborted.
 * @returns the problems of a configuration that neither loads nor has a last good one; undefined after a normal end.
 * @throws RackwatchError `store/locked` when another process has the data folder.
 */
export async function runGateway(o: GatewayOptions): Promise<readonly Problem[] | undefined> {
  const { configFile, dataDir, env, signal } = o;
  const log = createLog({ ...env });
  const startedAt = clock.now();
  const boot = bootId(env);
  const quality = () => clockQuality(clock.now());

  const loaded = loadOrLastGood(configFile, join(dataDir, "config"), {
    env,
    canConvert,
    // Central's credential is the agent's: the unit does not give it to the gateway.
    foreignSections: ["sync"],
  });
  if (!loaded.ok) return loaded.problems;
  const { config } = loaded;
  const { language, id: gatewayId } = config.gateway;
  const points = pointBook(config);
  const health = new HealthBook(partsOf(Object.keys(config.channels)), clock, log);
  health.report("config", loaded.problem);
  if (loaded.notSaved !== undefined) log.warn("configuration not kept", { err: loaded.notSaved });

  const limits = configuredLimits(config);
  const opened = openStore({ dir: dataDir, gatewayId, clock, log, limits });
  using store = opened.store;
  health.report("store", opened.problem);
  // Only now: the folder is this gateway's alone.
  writeOutputs(outputsFile(env, dataDir), config.channels, log);
  const stoppedAt = lastRecordAt(store.outbox);
  const saved = new Map([...store.readState("alarm/"), ...store.readState("rule/")]);

  const pipeline = new Pipeline(settingsOf(points));
  const rules = configuredRules(config, points);
  const alarms = createAlarmSystem({
    rules,
    saved,
    instant: { at: clock.now(), mono: clock.monotonicMs() },
    boot,
    clockSynchronized: () => quality() === "synchronized",
    staleAfterMs: (point) => points.get(point)?.staleAfterMs,
    language,
    ...(stoppedAt === undefined ? {} : { stoppedAt }),
  });
  const latest = new LatestSamples();
  const annunciation = new Annunciation({
    outputs: outputsOf(points, config.channels),
    points,
    write: (point, value) => channels.write(point, value),
    clock,
    log,
    changed: () => publisher.outputsChanged(),
  });
  const intake = new Intake({
    clock,
    log,
    boot,
    clockQuality: quality,
    store,
    alarms,
    process: (samples, instant) => pipeline.process(samples, instant),
    latest,
    health,
    flushEveryMs: config.store.flushEvery,
    published: (what) => publisher.published(what),
    seen: (samples) => publisher.seen(samples),
  });
  const channels = new Channels(config, {
    drivers,
    clock,
    log,
    health,
    deliver: (samples) => intake.accept(samples),
    opened: () => annunciation.reassert(),
  });
  const syncWatch = new SyncWatch(dataDir, health);
  const source = new GatewayPanelSource({
    config,
    points,
    rules,
    latest,
    alarms,
    annunciation,
    health,
    intake,
    store,
    syncWatch,
    clock,
    clockQuality: quality,
    startedAt,
  });
  const broker = new Service("broker", config.broker.enabled, () =>
    openBroker({ config: config.broker, gatewayId, clock, log, units: unitsOf(points), language }),
  );
  const panel = new Service("panel", config.panel.enabled, () =>
    openPanel({
      config: config.panel,
      source,
      clock,
      log,
      webDir: screens,
      version: productVersion(),
      language,
    }),
  );
  const publisher = new Publisher({ annunciation, broker, panel, source });

  const start = { boot, config: loaded.from, store: opened.born };
  for (const { kind, body } of startEvents(start, config.gateway.name, points.values())) {
    intake.record(kind, body);
  }
  annunciation.update(alarms.list());
  await runLoops(
    {
      clock,
      log,
      env,
      health,
      clockQuality: quality,
      language,
      intake,
      alarms,
      annunciation,
      channels,
      services: [broker, panel],
      publisher,
      syncWatch,
      upkeep: new Upkeep(store, clock, log, health),
    },
    signal,
  );
  intake.flush();
  return undefined;
}
