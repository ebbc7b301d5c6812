import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "../../config/load.ts";
import type { PointKey, Sample, Value } from "../../drivers/contract.ts";
import { modbus } from "../../drivers/modbus/driver.ts";
import { rfid } from "../../drivers/rfid/driver.ts";
import { startReaderSimulator } from "../../drivers/rfid/simulator.ts";
import { TagField } from "../../drivers/rfid/tag-field.ts";
import { scale } from "../../drivers/scale/driver.ts";
import { scaleProtocols } from "../../drivers/scale/protocols.ts";
import { startScaleSimulator } from "../../drivers/scale/simulator.ts";
import { Annunciation, outputsOf } from "../../gateway/annunciation.ts";
import { channelPlan } from "../../gateway/channel-plan.ts";
import { Channels } from "../../gateway/channels.ts";
import { HealthBook } from "../../gateway/health/health-book.ts";
import { partsOf } from "../../gateway/health/health-rules.ts";
import { Intake } from "../../gateway/intake.ts";
import { LatestSamples } from "../../gateway/latest.ts";
import { Tally } from "../../gateway/metrics-tally.ts";
import { openPanel } from "../../gateway/panel/panel.ts";
import { GatewayPanelSource } from "../../gateway/panel-source.ts";
import { Pipeline } from "../../gateway/pipeline/pipeline.ts";
import { canConvert } from "../../gateway/pipeline/unit.ts";
import { pointBook, settingsOf } from "../../gateway/point-book.ts";
import { restoreResponse } from "../../gateway/restored-response.ts";
import { configuredRules } from "../../gateway/rules/configured-rules.ts";
import { readEvents } from "../../gateway/store/chunk.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { SyncWatch } from "../../gateway/sync-watch.ts";
import { SimulatedRoom } from "./live-gateway.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";
import { scratchFolder } from "./spine.ts";

export interface StockSite {
  readonly timezone?: string;
  readonly startAt: number;
  readonly locations: Readonly<Record<string, unknown>>;
  readonly items: Readonly<Record<string, unknown>>;
  readonly stock?: Readonly<Record<string, unknown>>;
  /** Further channels, none of which answers. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Devices on real sockets, a folder and a clock, all of which go with the test. The scale starts with `grossKg`. */
export async function stockDevices(startAt: number, grossKg: number) {
  const cleanup = new AsyncDisposableStack();
  const { path: dir } = cleanup.use(scratchFolder());
  const protocol = scaleProtocols.find(({ name }) => name === "mt-sics");
  if (protocol === undefined) throw new Error("mt-sics");
  const scales = cleanup.use(
    await startScaleSimulator({ protocol, load: { weight: grossKg, unit: "kg" } }),
  );
  const field = new TagField([]);
  const reader = cleanup.use(await startReaderSimulator({ protocol: "r200", field }));
  const room = cleanup.use(new SimulatedRoom());
  const roomPort = await room.open();
  room.set("t", 5);
  const ports = { scale: scales.address, reader: reader.address, room: roomPort };
  const clock = new ManualClock(startAt, 1_000_000);
  return {
    ...{ dir, field, room, ports, clock, scale: scales.scale },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}
export type StockDevices = Awaited<ReturnType<typeof stockDevices>>;

function configOf(site: StockSite, d: StockDevices) {
  const { timezone = "UTC", locations, items, stock = {}, more = {} } = site;
  return {
    version: 1,
    gateway: { id: "site", language: "en", timezone },
    channels: {
      weighing: {
        driver: "scale",
        port: d.ports.scale,
        protocol: "mt-sics",
        devices: { s: { every: "250ms" } },
      },
      reading: {
        ...{ driver: "rfid", port: d.ports.reader, protocol: "r200", devices: { r: {} } },
        // The clock of the test runs faster than the reader reads.
        presence: { within: "5s", hold: "8s" },
      },
      line: {
        driver: "modbus",
        port: d.ports.room,
        devices: {
          room: {
            unitId: 1,
            every: "10s",
            points: { t: { table: "input", address: 0, type: "float64", unit: "Cel" } },
          },
        },
      },
      ...more,
    },
    locations,
    items,
    stock,
    panel: { listen: "127.0.0.1:0" },
    broker: { enabled: false },
  };
}

/** All of the gateway between wire, store and HTTP, as `main.ts` joins it, on a clock that a test moves. */
export async function startStockGateway(site: StockSite, devices: StockDevices) {
  const { dir, clock } = devices;
  mkdirSync(dir, { recursive: true });
  const file = join(dir, "gateway.yaml");
  writeFileSync(file, JSON.stringify(configOf(site, devices)));
  const loaded = loadConfig(file, { env: {}, folder: dir, canConvert, secrets: "substitute" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { config } = loaded;
  const { log, entries } = memoryLog();
  const points = pointBook(config);
  const health = new HealthBook(partsOf(Object.keys(config.channels)), clock, log);
  const limits = { ballastBytes: 65_536, freeBytesMin: 0 };
  const { store } = openStore({ dir, gatewayId: "site", clock, log, limits });
  const clockQuality = () => "synchronized" as const;
  const rules = configuredRules(config, points);
  const outputs = outputsOf(points, config);
  const base = { config, points, clock, clockQuality, log, health, boot: "boot-1" };
  const restored = restoreResponse({ ...base, rules, store, outputs: outputs.keys() });
  const pipeline = new Pipeline(settingsOf(points));
  const latest = new LatestSamples();
  const annunciation: Annunciation = new Annunciation({
    ...base,
    outputs,
    write: (point: PointKey, value: Value) => channels.write(point, value),
    changed: () => undefined,
  });
  const intake = new Intake({
    ...base,
    store,
    response: restored.response,
    process: (samples, instant) => pipeline.process(samples, instant),
    latest,
    flushEveryMs: config.store.flushEvery,
    seen: () => undefined,
    published: () => undefined,
  });
  const came = new Map<string, number>();
  const channels = new Channels({
    ...base,
    dataDir: dir,
    plan: channelPlan(config, [modbus, scale, rfid]),
    deliver: (samples) => {
      intake.accept(samples);
      const [device = ""] = samples[0]?.point.split("/") ?? [];
      came.set(device, (came.get(device) ?? 0) + 1);
    },
    opened: () => undefined,
  });
  const source = new GatewayPanelSource({
    ...{ ...base, ...restored, dataDir: dir, rules, latest, annunciation, intake, store },
    ...{ configFile: file, env: {} },
    tally: new Tally(config, clock),
    syncWatch: new SyncWatch({ ...base, dataDir: dir, intake, store }),
    startedAt: clock.now(),
  });
  const webDir = join(dir, "web");
  const panel = await openPanel({
    ...{ config: config.panel, source, clock, log, webDir, version: "1" },
  });
  const ending = new AbortController();
  const running = [channels.run(ending.signal), annunciation.run(ending.signal)];

  /** Timers that are due now, and all that waits for a tick. */
  const tick = () => {
    for (let turn = 0; turn < 200; turn += 1) {
      intake.tick();
      const due = restored.response.nextDue();
      if (due === undefined || due > clock.monotonicMs()) return;
    }
  };
  /** Until the device has answered so often; time stands still but for what a poll needs. */
  const heard = async (device: string, times: number) => {
    const from = came.get(device) ?? 0;
    for (const until = performance.now() + 20_000; (came.get(device) ?? 0) < from + times; ) {
      if (performance.now() > until)
        throw new Error(`silent ${device}: ${JSON.stringify(entries)}`);
      await sleep(0);
      await clock.advance(0);
    }
  };
  return {
    ...{ store, intake, panel, heard, tick, dir, desk: restored.stock },
    /** Time passes while the scale is asked each 250 ms, and answers. */
    async live(seconds: number, realPauseMs = 0): Promise<void> {
      for (let step = 0; step < seconds * 4; step += 1) {
        const asked = heard("s", 1);
        await clock.advance(250);
        await asked;
        if (realPauseMs > 0) await sleep(realPauseMs);
        tick();
      }
    },
    /** Time passes with timers and without devices: the wall and the monotonic clock go on together. */
    async pass(ms: number, stepMs = ms): Promise<void> {
      for (let gone = 0; gone < ms; gone += stepMs) {
        await clock.advance(Math.min(stepMs, ms - gone));
        tick();
      }
    },
    accept: (samples: readonly Sample[]) => {
      intake.accept(samples);
      tick();
    },
    /** Devices are not read any more; the rest goes on. */
    async unplug(): Promise<void> {
      ending.abort();
      await Promise.all(running);
    },
    events: () => store.outbox.read("events", 0, 1_000_000).flatMap(readEvents),
    async stop(): Promise<void> {
      intake.flush();
      ending.abort();
      await Promise.all(running);
      await panel[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    },
  };
}
export type StockGateway = Awaited<ReturnType<typeof startStockGateway>>;
