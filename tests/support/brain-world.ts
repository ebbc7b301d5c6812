import { join } from "node:path";
import { loadText } from "../../config/load.ts";
import type { Config } from "../../config/schema/config.ts";
import type { Clock, PointKey, Sample } from "../../drivers/contract.ts";
import { modbus } from "../../drivers/modbus/driver.ts";
import { Annunciation } from "../../gateway/annunciation.ts";
import { begin } from "../../gateway/begin.ts";
import { type Brain, buildBrain, deliver, type Plan, planOf } from "../../gateway/brain.ts";
import { LocalAccount } from "../../gateway/broker/local-account.ts";
import { Channels } from "../../gateway/channels.ts";
import { Courier } from "../../gateway/courier.ts";
import { outputLeft } from "../../gateway/driven-outputs.ts";
import { gatewayParts } from "../../gateway/gateway-parts.ts";
import { HealthBook } from "../../gateway/health/health-book.ts";
import { partsOf } from "../../gateway/health/health-rules.ts";
import { LatestSamples } from "../../gateway/latest.ts";
import { Tally } from "../../gateway/metrics-tally.ts";
import { canConvert } from "../../gateway/pipeline/unit.ts";
import { presentSource } from "../../gateway/present-source.ts";
import { Publisher } from "../../gateway/publisher.ts";
import { createServices } from "../../gateway/services.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import type { ClockQuality } from "../../gateway/store/store.ts";
import { switchOver } from "../../gateway/switch-over.ts";
import { SyncWatch } from "../../gateway/sync-watch.ts";
import { memoryLog } from "./manual-clock.ts";

const drivers = [modbus];

/** A configuration from JSON, which is YAML. */
export function configFrom(json: Readonly<Record<string, unknown>>): Config {
  const options = { env: {}, canConvert, secrets: "substitute" } as const;
  const loaded = loadText(JSON.stringify(json), "gateway.yaml", options);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

/** All of the gateway that decides, as `main.ts` joins it, on a clock of a test and without a wire. */
export class BrainWorld implements Disposable {
  /** Each level that an output was given, in order. */
  readonly written: (readonly [PointKey, unknown])[] = [];
  readonly entries: ReturnType<typeof memoryLog>["entries"];
  readonly #clock: Clock;
  readonly #cleanup = new DisposableStack();
  readonly #over: (config: Config) => Promise<void>;
  #brain: Brain | undefined;

  constructor(dir: string, clock: Clock, config: Config) {
    this.#clock = clock;
    const { log, entries } = memoryLog();
    this.entries = entries;
    const health = new HealthBook(partsOf(Object.keys(config.channels)), clock, log);
    const limits = { ballastBytes: 65_536, freeBytesMin: 0 };
    const opened = openStore({ dir, gatewayId: config.gateway.id, clock, log, limits });
    const store = this.#cleanup.use(opened.store);
    const clockQuality = (): ClockQuality => "synchronized";
    const now = () => this.brain;
    const tally = this.#cleanup.use(new Tally(config, clock));
    const latest = new LatestSamples();
    const fixed = { dataDir: dir, clock, clockQuality, log, health, boot: "boot-1", store, tally };
    const lasting = {
      ...fixed,
      configFile: join(dir, "gateway.yaml"),
      env: {},
      drivers,
      latest,
      now,
    };
    const localBroker = new LocalAccount(config, drivers);
    const plan = planOf(config, drivers);
    const left = (output: PointKey) => now().intake.follow(() => outputLeft(output));
    const annunciation: Annunciation = new Annunciation({
      ...{ ...lasting, ...plan, left },
      write: (point, value) => {
        this.written.push([point, value]);
        return Promise.resolve();
      },
      changed: () => publisher.outputsChanged(),
    });
    const parts = gatewayParts(lasting);
    const syncWatch = new SyncWatch(parts);
    const build = (its: Plan, samplesBefore: number) =>
      buildBrain(its, {
        ...{ ...lasting, annunciation, syncWatch, startedAt: clock.now(), samplesBefore },
        published: (what) => publisher.published(what),
        seen: (samples) => publisher.seen(samples),
      });
    this.#brain = build(plan, 0);
    latest.await(plan.points.keys(), { mono: clock.monotonicMs() });
    const ended = { deliver: () => undefined, opened: () => undefined };
    const channels = new Channels({ ...lasting, localBroker, plan: plan.channels, ...ended });
    const courier = this.#cleanup.use(new Courier(parts));
    const source = presentSource(() => now().source);
    const services = createServices({ ...lasting, localBroker, source });
    const shown = { ...lasting, annunciation, courier, ...services };
    const publisher = new Publisher({ ...shown, gatewayId: config.gateway.id });
    const outputsFile = join(dir, "outputs.json");
    this.#over = (other) =>
      switchOver(other, {
        ...{ ...lasting, localBroker, annunciation, channels, courier, publisher, services },
        ...{ build, left, outputsFile },
        put: (brain) => (this.#brain = brain),
      });
    begin({ boot: "boot-1" }, { store, annunciation, now });
  }

  get brain(): Brain {
    if (this.#brain === undefined) throw new Error("the world is not built");
    return this.#brain;
  }

  tell(values: Readonly<Record<PointKey, number | undefined>>): void {
    const sampledAt = this.#clock.now();
    const samples = Object.entries(values).flatMap(([point, value]): Sample[] => {
      const [device = "", name = ""] = point.split("/");
      const base = { point: `${device}/${name}`, sampledAt } as const;
      return value === undefined
        ? [{ ...base, quality: "bad", reason: "timeout" }]
        : [{ ...base, quality: "good", value }];
    });
    deliver(this.brain, samples);
  }

  async switchTo(config: Config): Promise<void> {
    await this.#over(config);
  }

  [Symbol.dispose](): void {
    this.brain.intake.flush();
    this.brain.records[Symbol.dispose]();
    this.#cleanup.dispose();
  }
}
