import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncText } from "../../config/language/sync.ts";
import type { Road, RoadSettings } from "../../config/roads.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import type { lanes } from "../../gateway/store/store.ts";
import { Figures } from "../figures.ts";
import { roadCredentials } from "../identity/road-credentials.ts";
import { Progress } from "../progress.ts";
import { batchRowsMax } from "../protocol.ts";
import { StatusKeeper } from "../status-keeper.ts";
import type { SyncOptions } from "../sync-options.ts";
import { BundleExchange } from "./bundle-exchange.ts";
import { BundleRecord } from "./bundle-record.ts";
import { CarriedMessages } from "./carried-messages.ts";

/** How often it is looked whether the stick is there: whoever plugs it in waits for its bundle. */
const lookMs = 5_000;

/** How often answers are looked for while it is there, and how often the agent says that it lives. */
const answersMs = 60_000;

/** How often what came since is added to a folder that stays: each time writes up to a megabyte anew. */
const fillMs = 600_000;

export type FileRoad = Road & {
  readonly settings: Extract<RoadSettings, { readonly via: "file" }>;
};

/** Writes bundles into a folder while it is there, and takes back central's answers. */
export class BundleRoad {
  readonly #folder: string;
  readonly #exchange: BundleExchange;
  readonly #options: SyncOptions;
  readonly #status: StatusKeeper;
  #answersAt = 0;
  #fillAt = 0;
  #savedAt = Number.NEGATIVE_INFINITY;
  #wasThere = false;
  #failure: RackwatchError | undefined;
  #refusal: RackwatchError | undefined;

  constructor(parts: {
    readonly folder: string;
    readonly exchange: BundleExchange;
    readonly options: SyncOptions;
    readonly status: StatusKeeper;
  }) {
    this.#folder = parts.folder;
    this.#exchange = parts.exchange;
    this.#options = parts.options;
    this.#status = parts.status;
  }

  /** Returns how long to wait. Never throws for what goes wrong outside. */
  async step(): Promise<number> {
    const now = this.#options.clock.monotonicMs();
    try {
      const there = existsSync(this.#folder);
      if (there && !this.#wasThere) this.#answersAt = this.#fillAt = now;
      this.#wasThere = there;
      if (there && now >= this.#answersAt) {
        this.#answersAt = now + answersMs;
        await this.#take();
      }
      if (there && now >= this.#fillAt) {
        this.#fillAt = now + fillMs;
        await this.#fill();
        this.#failure = undefined;
      }
    } catch (error) {
      this.#answersAt = now + answersMs;
      this.#fillAt = now + answersMs;
      // Pulled in the middle of it: that is no fault.
      this.#failure = existsSync(this.#folder)
        ? asRackwatch(error, this.#folder, this.#options)
        : undefined;
    }
    const problem = this.#failure ?? this.#refusal;
    if (problem === undefined) this.#status.well();
    else this.#status.report(problem);
    if (now >= this.#savedAt + answersMs) {
      this.#savedAt = now;
      this.#status.alive();
    }
    return lookMs;
  }

  async run(signal: AbortSignal, ticked: () => void): Promise<void> {
    while (!signal.aborted) {
      const waitMs = await this.step();
      ticked();
      await this.#options.clock.sleep(waitMs, signal).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  /** One look. True when all rows are confirmed, or in bundles that lie there. */
  async drain(): Promise<boolean> {
    await this.step();
    return existsSync(this.#folder) && this.#exchange.isWhole(this.#folder);
  }

  async #take(): Promise<void> {
    const { log } = this.#options;
    this.#refusal = undefined;
    for (const taken of await this.#exchange.takeAll(this.#folder)) {
      const { file } = taken;
      if ("message" in taken) {
        if (taken.kind === "foreign") continue;
        const { message, todo } = taken;
        this.#refusal = new RackwatchError("sync/bundle", message, { where: file, todo });
        continue;
      }
      rmSync(join(this.#folder, file), { force: true });
      if (taken.kind === "known") continue;
      log.info("answer taken", { file, ...taken.marks });
      this.#status.contact(false);
      // What came of it is to be in the next bundle.
      this.#fillAt = 0;
    }
  }

  async #fill(): Promise<void> {
    for (const { name, head } of await this.#exchange.fill(this.#folder)) {
      this.#options.log.info("bundle written", { name, bytes: head.bytes, ...head.to });
    }
  }
}

/** @throws RackwatchError `sync/not-enrolled`, `store/...` */
export function openBundleRoad(
  options: SyncOptions,
  { name, settings }: FileRoad,
): Disposable & Pick<BundleRoad, "run" | "drain"> {
  const { gatewayId, dataDir, clock, log, language } = options;
  const text = syncText[language];
  const { keys } = roadCredentials({ name, settings }, { gatewayId, dataDir, text });
  using opened = new DisposableStack();
  const outbox = opened.use(openOutbox(dataDir, gatewayId));
  const progress = opened.use(new Progress(dataDir, text, name));
  const record = new BundleRecord(dataDir, name);
  const messages = opened.use(new CarriedMessages({ gatewayId, dataDir, clock, log, text }));
  const exchange = new BundleExchange({
    ...{ gatewayId, outbox, progress, clock, log, keys, record, language, messages },
  });
  const figures = new Figures(clock);
  const backlog = () => {
    const { heads, place } = exchange;
    const of = (lane: (typeof lanes)[number]) => Math.max(0, heads[lane] - place[lane]);
    return { events: of("events"), samples: of("samples") };
  };
  const now = () => figures.now(outbox.epoch === "" ? none : backlog(), batchRowsMax);
  const heardAt = outbox.epoch === "" ? undefined : exchange.lastAnswer?.takenAt;
  const status = new StatusKeeper(progress, clock, log, now, heardAt);
  const road = new BundleRoad({ folder: settings.folder, exchange, options, status });
  const kept = opened.move();
  return {
    run: (signal, ticked) => road.run(signal, ticked),
    drain: () => road.drain(),
    [Symbol.dispose]: () => kept.dispose(),
  };
}

const none = { events: 0, samples: 0 };

function asRackwatch(error: unknown, folder: string, { language }: SyncOptions): RackwatchError {
  if (error instanceof RackwatchError) return error;
  if (!(error instanceof Error && "syscall" in error)) throw error;
  const { message, todo } = syncText[language].state(folder);
  return new RackwatchError("store/io", message, { where: folder, todo, cause: error });
}
