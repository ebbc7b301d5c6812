import type { Problem } from "../config/problem.ts";
import type { PointKey } from "../drivers/contract.ts";
import { drivers } from "../drivers/index.ts";
import { Annunciation } from "./annunciation.ts";
import { begin } from "./begin.ts";
import { type Brain, buildBrain, deliver, type Plan, planOf } from "./brain.ts";
import { LocalAccount } from "./broker/local-account.ts";
import { Channels } from "./channels.ts";
import { loadConfiguration } from "./configuration.ts";
import { Courier } from "./courier.ts";
import { backupFolder } from "./daily-backup.ts";
import { openDown } from "./down/open-down.ts";
import { outputLeft } from "./driven-outputs.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import { gatewayParts } from "./gateway-parts.ts";
import { gatewaySwitch } from "./gateway-switch.ts";
import { HealthBook } from "./health/health-book.ts";
import { partsOf } from "./health/health-rules.ts";
import { LatestSamples } from "./latest.ts";
import { runLoops } from "./loops.ts";
import { Tally } from "./metrics-tally.ts";
import { noteOutputTest } from "./notices/notice-of.ts";
import { presentSource } from "./present-source.ts";
import { Publisher } from "./publisher.ts";
import { recoverTrial } from "./revisions/recover.ts";
import { systemClock as clock } from "./runtime/clock.ts";
import { watchClock } from "./runtime/clock-watch.ts";
import { createLog } from "./runtime/log.ts";
import { bootId } from "./runtime/machine.ts";
import { createNotifier } from "./runtime/notify.ts";
import { outputsFile, writeOutputs } from "./runtime/outputs-file.ts";
import { createServices } from "./services.ts";
import { configuredLimits } from "./store/configured-limits.ts";
import { openStore } from "./store/open-store.ts";
import { SyncWatch } from "./sync-watch.ts";
import { Upkeep } from "./upkeep.ts";

/**
 * The gateway, from the wire to whoever waits, read from top to bottom. Runs until the signal is aborted. What is made
 * here outlives a change of the configuration; what decides is built anew, see `brain.ts`.
 * @returns the problems of a configuration that neither loads nor has a last good one; undefined after a normal end.
 * @throws RackwatchError `store/locked` when another process has the data folder.
 */
export async function runGateway(o: GatewayOptions): Promise<readonly Problem[] | undefined> {
  const { configFile, dataDir, env, signal, startAnew } = o;
  const log = createLog({ ...env });
  const boot = bootId(env);
  const clockQuality = watchClock({ clock, env });

  recoverTrial(configFile, dataDir, log);
  const loaded = loadConfiguration(configFile, dataDir, env);
  if (!loaded.ok) return loaded.problems;
  const { config } = loaded;
  const plan = planOf(config, drivers);
  const health = new HealthBook(partsOf(Object.keys(config.channels)), clock, log);
  health.report("config", loaded.problem);
  if (loaded.notSaved !== undefined) log.warn("configuration not kept", { err: loaded.notSaved });

  const limits = configuredLimits(config);
  const place = { dir: dataDir, backupDir: backupFolder(config, dataDir) };
  const opened = openStore({ ...place, gatewayId: config.gateway.id, clock, log, limits });
  using store = opened.store;
  health.report("store", opened.problem);
  // Only now: the folder is this gateway's alone.
  const outputsPath = outputsFile(env, dataDir);
  writeOutputs(outputsPath, config.channels, log);

  const present: { brain?: Brain } = {};
  const now = (): Brain => {
    if (present.brain === undefined) throw new Error("nothing decides yet");
    return present.brain;
  };
  using tally = new Tally(config, clock);
  const latest = new LatestSamples();
  const localBroker = new LocalAccount(config, drivers);
  const fixed = { dataDir, env, clock, clockQuality, log, health, boot, drivers, store, tally };
  const lasting = { ...fixed, configFile, latest, localBroker, startAnew, now };
  const parts = gatewayParts(lasting);
  const left = (output: PointKey) => now().intake.follow(() => outputLeft(output));
  const annunciation = new Annunciation({
    ...{ ...lasting, ...plan, left },
    write: (point, value) => tally.written(channels.write(point, value)),
    changed: () => publisher.outputsChanged(),
    tested: (test) => now().intake.follow((at) => noteOutputTest(now().desk, test, at)),
    broken: (problem) => health.report("annunciators", problem),
  });
  const syncWatch = new SyncWatch(parts);
  const startedAt = clock.now();
  const build = (its: Plan, samplesBefore: number) =>
    buildBrain(its, {
      ...{ ...lasting, annunciation, syncWatch, startedAt, samplesBefore },
      published: (what) => publisher.published(what),
      seen: (samples) => publisher.seen(samples),
    });
  present.brain = build(plan, 0);
  using _records = { [Symbol.dispose]: () => now().records[Symbol.dispose]() };
  latest.await(plan.points.keys(), { mono: clock.monotonicMs() });
  const channels = new Channels({
    ...{ ...lasting, plan: plan.channels },
    deliver: (samples) => {
      tally.polled(samples);
      deliver(now(), samples);
    },
    opened: () => annunciation.reassert(),
  });
  using courier = new Courier(parts);
  const services = createServices({ ...lasting, source: presentSource(() => now().source) });
  const shown = { ...lasting, annunciation, courier, ...services };
  const publisher = new Publisher({ ...shown, gatewayId: config.gateway.id });
  const upkeep = new Upkeep(parts);
  const configSwitch = gatewaySwitch({
    ...{ ...lasting, annunciation, channels, courier, publisher, services, build, left },
    outputsFile: outputsPath,
    put: (brain) => (present.brain = brain),
  });

  begin({ boot, config: loaded.from, store: opened.born }, { store, annunciation, now });
  const asked = { ...lasting, annunciation, channels, configSwitch };
  using down = openDown({ ...asked, startedFrom: loaded.from });
  const notifier = createNotifier(env, log);
  using _reloads = o.reloads?.listen(() => {
    notifier.reloading();
    void configSwitch.to().then(() => notifier.ready());
  });
  const running = { ...shown, down, publisher, notifier, channels, syncWatch, upkeep };
  await runLoops({ ...running, services: [services.broker, services.panel] }, signal);
  now().intake.flush();
  return undefined;
}
