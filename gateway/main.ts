import type { Problem } from "../config/problem.ts";
import { drivers } from "../drivers/index.ts";
import { Annunciation, outputsOf } from "./annunciation.ts";
import { localAccount } from "./broker/local-account.ts";
import { Buttons } from "./buttons.ts";
import { Channels } from "./channels.ts";
import { configChanges, configKeyPrefix } from "./config-changes.ts";
import { loadConfiguration } from "./configuration.ts";
import { Courier } from "./courier.ts";
import { backupFolder } from "./daily-backup.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { HealthBook } from "./health/health-book.ts";
import { partsOf } from "./health/health-rules.ts";
import { Intake } from "./intake.ts";
import { LatestSamples } from "./latest.ts";
import { runLoops } from "./loops.ts";
import { Tally } from "./metrics-tally.ts";
import { noteOutputTest } from "./notices/notice-of.ts";
import { GatewayPanelSource } from "./panel-source.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { pointBook, settingsOf } from "./point-book.ts";
import { Publisher } from "./publisher.ts";
import { RecordKeeper } from "./record-keeper.ts";
import { restoreResponse } from "./restored-response.ts";
import { configuredRules } from "./rules/configured-rules.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { watchClock } from "./runtime/clock-watch.ts";
import { createLog } from "./runtime/log.ts";
import { bootId } from "./runtime/machine.ts";
import { outputsFile, writeOutputs } from "./runtime/outputs-file.ts";
import { createServices } from "./services.ts";
import { bootKey, startEvents } from "./start-events.ts";
import { configuredLimits } from "./store/configured-limits.ts";
import { openStore } from "./store/open-store.ts";
import { SyncWatch } from "./sync-watch.ts";
import { Upkeep } from "./upkeep.ts";

/**
 * The gateway, from the wire to whoever waits, read from top to bottom. Runs until the signal is aborted.
 * @returns the problems of a configuration that neither loads nor has a last good one; undefined after a normal end.
 * @throws RackwatchError `store/locked` when another process has the data folder.
 */
export async function runGateway(o: GatewayOptions): Promise<readonly Problem[] | undefined> {
  const { configFile, dataDir, env, signal, startAnew } = o;
  const log = createLog({ ...env });
  const boot = bootId(env);
  const clockQuality = watchClock({ clock, env });

  const loaded = loadConfiguration(configFile, dataDir, env);
  if (!loaded.ok) return loaded.problems;
  const { config } = loaded;
  const points = pointBook(config);
  const health = new HealthBook(partsOf(Object.keys(config.channels)), clock, log);
  health.report("config", loaded.problem);
  if (loaded.notSaved !== undefined) log.warn("configuration not kept", { err: loaded.notSaved });

  const limits = configuredLimits(config);
  const place = { dir: dataDir, backupDir: backupFolder(config, dataDir) };
  const opened = openStore({ ...place, gatewayId: config.gateway.id, clock, log, limits });
  using store = opened.store;
  health.report("store", opened.problem);
  // Only now: the folder is this gateway's alone.
  writeOutputs(outputsFile(env, dataDir), config.channels, log);

  const localBroker = localAccount(config, drivers);
  const base = { config, points, clock, clockQuality, log, health, boot, drivers, localBroker };
  const pipeline = new Pipeline(settingsOf(points));
  const rules = configuredRules(config, points);
  const outputs = outputsOf(points, config);
  const restored = restoreResponse({ ...base, rules, store, outputs: outputs.keys() });
  const { alarms, desk, response } = restored;
  const latest = new LatestSamples();
  using tally = new Tally(config, clock);
  const annunciation = new Annunciation({
    ...base,
    outputs,
    write: (point, value) => tally.written(channels.write(point, value)),
    changed: () => publisher.outputsChanged(),
    tested: (test) => intake.follow((instant) => noteOutputTest(desk, test, instant)),
    broken: (problem) => health.report("annunciators", problem),
  });
  const intake = new Intake({
    ...base,
    store: tally.counting(store),
    response: tally.timed(response),
    process: (samples, instant) => tally.processed(pipeline.process(samples, instant)),
    latest,
    flushEveryMs: config.store.flushEvery,
    published: (what) => publisher.published(what),
    seen: (samples) => publisher.seen(samples),
  });
  const channels = new Channels({
    ...base,
    dataDir,
    deliver: (samples) => {
      tally.polled(samples);
      intake.accept(samples);
      buttons.seen(samples);
    },
    opened: () => annunciation.reassert(),
  });
  const shared = { ...base, ...restored, dataDir, rules, latest, annunciation, intake, store };
  using courier = new Courier(shared);
  using records = new RecordKeeper(shared);
  const parts = { ...shared, startAnew, courier, records, syncWatch: new SyncWatch(shared) };
  const source = new GatewayPanelSource({ ...parts, tally, startedAt: clock.now() });
  const buttons = new Buttons(config.buttons, source, clock, log);
  const { broker, panel } = createServices({ ...base, source });
  const publisher = new Publisher({ ...parts, broker, panel, source });

  const start = { boot, config: loaded.from, store: opened.born };
  const told = startEvents(start, config.gateway.name, points.values(), store.readState(bootKey));
  const changed = configChanges(config, store.readState(configKeyPrefix));
  for (const { kind, body, state } of [...told, ...changed]) intake.record(kind, body, state);
  annunciation.update(alarms.list());
  const upkeep = new Upkeep(parts);
  await runLoops({ ...parts, env, channels, services: [broker, panel], publisher, upkeep }, signal);
  intake.flush();
  return undefined;
}
