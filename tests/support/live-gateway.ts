import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "../../config/load.ts";
import type { PointKey, Sample, Value } from "../../drivers/contract.ts";
import { modbus } from "../../drivers/modbus/driver.ts";
import { simulatedUnit } from "../../drivers/modbus/simulated-unit.ts";
import { type ModbusSimulator, startModbusSimulator } from "../../drivers/modbus/simulator.ts";
import type { AlarmAction } from "../../gateway/alarms/alarm.ts";
import { Annunciation, outputsOf } from "../../gateway/annunciation.ts";
import { channelPlan } from "../../gateway/channel-plan.ts";
import { Channels } from "../../gateway/channels.ts";
import { HealthBook } from "../../gateway/health/health-book.ts";
import { partsOf } from "../../gateway/health/health-rules.ts";
import { Intake } from "../../gateway/intake.ts";
import { LatestSamples } from "../../gateway/latest.ts";
import { Pipeline } from "../../gateway/pipeline/pipeline.ts";
import { canConvert } from "../../gateway/pipeline/unit.ts";
import { pointBook, settingsOf } from "../../gateway/point-book.ts";
import { restoreResponse } from "../../gateway/restored-response.ts";
import { configuredRules } from "../../gateway/rules/configured-rules.ts";
import { readEvents } from "../../gateway/store/chunk.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import type { ClockQuality } from "../../gateway/store/store.ts";
import { ManualClock, memoryLog } from "./manual-clock.ts";
import { scratchFolder } from "./spine.ts";

/** Addresses of the room's values; each is a float64 of four registers. */
const registers = { t: 0, u: 4 } as const;
type Sensor = keyof typeof registers;

/** A sensor with two values and a siren on a real socket. */
export class SimulatedRoom implements AsyncDisposable {
  readonly #input = new Map<number, number>();
  readonly coils = new Map([[0, false]]);
  #simulator: ModbusSimulator | undefined;
  /** Every level that the siren was given, in order. */
  readonly siren: boolean[] = [];

  async open(): Promise<string> {
    const coils = this.coils;
    const set = coils.set.bind(coils);
    coils.set = (address, level) => {
      this.siren.push(level);
      return set(address, level);
    };
    const units = new Map([[1, simulatedUnit({ input: this.#input, coils })]]);
    for (const sensor of ["t", "u"] as const) this.set(sensor, 0);
    this.#simulator = await startModbusSimulator({ units });
    return this.#simulator.address;
  }

  set(sensor: Sensor, value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    for (const word of [0, 1, 2, 3])
      this.#input.set(registers[sensor] + word, view.getUint16(2 * word));
  }

  /** The sensor answers with an exception instead of a value. */
  fail(isBroken: boolean): void {
    if (isBroken) this.#simulator?.faults.set(1, { kind: "exception", code: 4 });
    else this.#simulator?.faults.delete(1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#simulator?.stop();
  }
}

export interface LiveOptions {
  readonly dir: string;
  readonly port: string;
  readonly everyMs: number;
  readonly rules: Readonly<Record<string, unknown>>;
  /** Further sections of the configuration. */
  readonly more?: Readonly<Record<string, unknown>>;
  readonly clock: ManualClock;
  readonly boot?: string;
  /** Default synchronized. */
  readonly quality?: ClockQuality;
}

function configOf({ port, everyMs, rules, more = {} }: LiveOptions) {
  const read = (address: number) => ({ table: "input", address, type: "float64", unit: "Cel" });
  return {
    version: 1,
    gateway: { id: "live", language: "en" },
    channels: {
      line: {
        driver: "modbus",
        port,
        devices: {
          room: {
            unitId: 1,
            every: `${everyMs}ms`,
            points: {
              t: read(registers.t),
              u: read(registers.u),
              siren: { table: "coil", address: 0, access: "write" },
            },
          },
        },
      },
    },
    rules,
    ...more,
  };
}

/** All of the gateway between the wire and the store, as `main.ts` joins it, on a clock that a test moves. */
export function startLive(options: LiveOptions) {
  const { dir, clock, boot = "boot-1", quality = "synchronized" } = options;
  mkdirSync(dir, { recursive: true });
  const file = join(dir, "gateway.yaml");
  writeFileSync(file, JSON.stringify(configOf(options)));
  const loaded = loadConfig(file, { env: {}, folder: dir, canConvert, secrets: "substitute" });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { config } = loaded;
  const { log, entries } = memoryLog();
  const points = pointBook(config);
  const health = new HealthBook(partsOf(Object.keys(config.channels)), clock, log);
  const limits = { ballastBytes: 65_536, freeBytesMin: 0 };
  const { store } = openStore({ dir, gatewayId: "live", clock, log, limits });
  const clockQuality = () => quality;
  const rules = configuredRules(config, points);
  const outputs = outputsOf(points, config);
  const base = { config, points, clock, clockQuality, log, health, boot };
  const restored = restoreResponse({ ...base, rules, store, outputs: outputs.keys() });
  const { alarms, response, desk, excursions } = restored;
  let came = 0;
  const pipeline = new Pipeline(settingsOf(points));
  const annunciation: Annunciation = new Annunciation({
    ...base,
    outputs,
    write: (point: PointKey, value: Value) => channels.write(point, value),
    changed: () => undefined,
  });
  const intake = new Intake({
    ...base,
    store,
    response,
    process: (samples, instant) => pipeline.process(samples, instant),
    latest: new LatestSamples(),
    flushEveryMs: config.store.flushEvery,
    seen: () => undefined,
    published: ({ alarms: changed }) => {
      if (changed !== undefined) annunciation.update(changed);
    },
  });
  const channels = new Channels({
    ...base,
    dataDir: dir,
    plan: channelPlan(config, [modbus]),
    deliver: (samples) => {
      intake.accept(samples);
      came += 1;
    },
    opened: () => annunciation.reassert(),
  });
  const ending = new AbortController();
  annunciation.update(alarms.list());
  const running = [channels.run(ending.signal), annunciation.run(ending.signal)];

  /** Moves time on; whatever is due on the way happens at its instant. */
  const runTo = async (mono: number) => {
    for (;;) {
      const due = response.nextDue();
      if (due === undefined || due > mono) break;
      await clock.advance(Math.max(0, due - clock.monotonicMs()));
      intake.tick();
      if (response.nextDue() === due) throw new Error(`still due: ${due}`);
    }
    await clock.advance(mono - clock.monotonicMs());
  };
  /** Waits for what the sensor said since the last time. */
  const reading = async (count: number) => {
    for (const until = performance.now() + 15_000; came < count; ) {
      if (performance.now() > until) throw new Error(`no reading: ${JSON.stringify(entries)}`);
      await sleep(0);
      await clock.advance(0);
    }
  };
  const end = async () => {
    ending.abort();
    await Promise.all(running);
    store[Symbol.dispose]();
  };
  return {
    ...{ store, intake, alarms, desk, excursions, response, runTo, reading },
    /** How many batches came. */
    came: () => came,
    act: (rule: string, action: AlarmAction) => intake.act(rule, action),
    accept: (samples: readonly Sample[]) => intake.accept(samples),
    /** Time at which a siren can be written passes without a change of the clock. */
    settle: async () => {
      for (let turn = 0; turn < 20; turn += 1) {
        await sleep(1);
        await clock.advance(0);
      }
    },
    events: () => store.outbox.read("events", 0, 100_000).flatMap(readEvents),
    /** As an orderly stop does it. */
    stop: async () => {
      intake.flush();
      await end();
    },
    /** As SIGKILL does it: nothing more is written. */
    kill: end,
  };
}

export type LiveGateway = ReturnType<typeof startLive>;

/** A room, a folder and a clock, all of which go with the test. */
export async function liveRoom(startAt: number, mono = 1_000_000) {
  const cleanup = new AsyncDisposableStack();
  const { path: dir } = cleanup.use(scratchFolder());
  const room = cleanup.use(new SimulatedRoom());
  const port = await room.open();
  return {
    ...{ dir, room, port, clock: new ManualClock(startAt, mono) },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}
