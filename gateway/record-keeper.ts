import type { Config } from "../config/schema/config.ts";
import type { Clock, Log, PointKey, Sample } from "../drivers/contract.ts";
import type { MktLive } from "./cold-chain/mkt-live.ts";
import type { Health } from "./health/health.ts";
import type { Intake } from "./intake.ts";
import type { Point } from "./point-book.ts";
import { RecordBook, type RecordSettings } from "./record/record-book.ts";
import { recordSettings, recordsKeptForMs } from "./record/record-settings.ts";
import { refill } from "./record/refill.ts";
import { SteadyClock } from "./runtime/steady-clock.ts";
import type { DurableStore } from "./store/open-store.ts";
import type { ClockQuality } from "./store/store.ts";

/** How often it is looked whether old segments may go. */
const retireEveryMs = 86_400_000;

export interface RecordKeeperParts {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, Point>;
  readonly dataDir: string;
  readonly store: Pick<DurableStore, "outbox" | "corrections">;
  readonly intake: Pick<Intake, "record">;
  readonly mkt: Pick<MktLive, "windows" | "startMono" | "fill">;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly boot: string;
  readonly log: Log;
  readonly health: Health;
}

/** Keeps the records of regulated points for years. Without such points there is no file for them. */
export class RecordKeeper implements Disposable {
  readonly #parts: RecordKeeperParts;
  readonly #book: RecordBook | undefined;
  #retiredAt: number;
  readonly #ages: SteadyClock;
  /** Points whose windows the record has not filled yet. */
  readonly #unfilled: PointKey[];
  readonly #settings: ReadonlyMap<PointKey, RecordSettings>;

  constructor(parts: RecordKeeperParts) {
    const { config, points, dataDir, store, clock, boot, log } = parts;
    this.#parts = parts;
    this.#retiredAt = clock.monotonicMs();
    this.#ages = new SteadyClock(clock, parts.clockQuality);
    const settings = recordSettings(config, points);
    this.#settings = settings;
    this.#unfilled = [...parts.mkt.windows.keys()].filter((point) => settings.has(point));
    if (settings.size === 0) return;
    const { outbox } = store;
    const corrections = () => store.corrections;
    this.#book = new RecordBook({ dir: dataDir, clock, log, boot, settings, outbox, corrections });
  }

  /** What a commit made durable. */
  committed(samples: readonly Sample[], live: readonly Sample[] = samples): void {
    this.#book?.committed(samples, this.#parts.clockQuality(), live);
  }

  step(): void {
    if (this.#book === undefined) return;
    this.#book.step();
    this.#parts.health.report("records", this.#book.problem);
    this.#refill(this.#book);
    this.#retire(this.#book);
  }

  [Symbol.dispose](): void {
    this.#book?.flush();
    this.#book?.[Symbol.dispose]();
  }

  /** One point at a time: a month of records takes some ten milliseconds to read. */
  #refill(book: RecordBook): void {
    const { clock, clockQuality, mkt, log } = this.#parts;
    const point = this.#unfilled[0];
    const cadence = point === undefined ? undefined : this.#settings.get(point);
    // Records are laid onto the monotonic clock by the wall clock; and what is still to be caught up is not on record.
    if (point === undefined || cadence === undefined || !book.isCaughtUp) return;
    if (clockQuality() !== "synchronized") return;
    const now = { at: clock.now(), mono: clock.monotonicMs() };
    const windowMs = mkt.windows.get(point) ?? 0;
    try {
      const { records } = book.readRecords(point, now.at - windowMs, now.at);
      refill(mkt, point, records, cadence, now, mkt.startMono);
    } catch (error) {
      log.error("mkt.refill", { point, err: error });
    }
    this.#unfilled.shift();
  }

  #retire(book: RecordBook): void {
    const { clock, config, intake } = this.#parts;
    const mono = clock.monotonicMs();
    const isSteady = this.#ages.now() !== undefined;
    if (mono - this.#retiredAt < retireEveryMs || !isSteady) return;
    this.#retiredAt = mono;
    book.retire(recordsKeptForMs(config), (body) => {
      intake.record("audit", { action: "records-retired", ...body });
    });
  }
}
